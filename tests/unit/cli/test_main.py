from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from muster.cli.failing import exit_code_of
from muster.cli.main import COMMANDS
from muster.errors import GatewayError
from tests.unit.cli.conftest import Muster


def test_help_lists_every_command_with_what_it_does(muster: Muster) -> None:
    said = muster("--help")
    assert said.code == 0
    for name, about in COMMANDS.items():
        assert f"{name} " in said.out
        assert about in said.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps_with_an_example(name: str, muster: Muster) -> None:
    said = muster(name, "--help")
    assert said.code == 0
    assert COMMANDS[name] in " ".join(said.out.split())
    assert "Example:" in said.out
    assert f"muster {name}" in said.out.split("Example:")[1]


def test_every_module_of_a_command_has_an_app() -> None:
    assert all(hasattr(import_module(f"muster.cli.{name}"), "app") for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, json; from muster.cli.main import dispatch; dispatch(['--help']);"
        "print(); print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert "muster" in loaded
    assert loaded.isdisjoint({"typer", "pydantic", "prefect", "azure", "rich", "aiohttp"})


def test_check_does_not_import_what_only_a_run_needs(checkout: Path) -> None:
    program = (
        "import sys, json; from muster.cli.main import dispatch; dispatch(['check']);"
        "print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=checkout
    )
    loaded = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert loaded.isdisjoint({"prefect", "azure", "rich", "aiohttp", "jinja2"})


def test_an_unknown_command_suggests_the_nearest(muster: Muster) -> None:
    said = muster("chekc")
    assert said.code == 2
    assert "did you mean check" in said.err


def test_a_missing_argument_is_bad_input(muster: Muster) -> None:
    assert muster("graph").code == 2
    assert muster("answer", "run", "question", "continue").code == 2


def test_an_error_of_ours_is_a_sentence_with_its_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise GatewayError("the vault did not answer", code="AZ-504", hint="Try again.")

    assert exit_code_of(fail, "drill") == 3
    assert capsys.readouterr().err == "[AZ-504] the vault did not answer -- Try again.\n"


def test_what_nobody_foresaw_is_a_sentence_and_a_log(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("somewhere deep")

    assert exit_code_of(fail, "drill") == 1
    said = capsys.readouterr().err
    assert "[MUSTER-001]" in said
    assert "Traceback" not in said
    (log,) = (checkout / ".muster" / "log").glob("drill-*.log")
    assert str(log.relative_to(checkout)) in said
    assert "somewhere deep" in log.read_text()


def test_a_secret_does_not_reach_the_log(checkout: Path) -> None:
    from muster.journal.scrub import forget_secrets, register_secret

    def fail() -> None:
        raise RuntimeError("password is correct-horse-battery")

    register_secret("correct-horse-battery")
    try:
        exit_code_of(fail, "drill")
    finally:
        forget_secrets()
    (log,) = (checkout / ".muster" / "log").glob("drill-*.log")
    assert "correct-horse-battery" not in log.read_text()
