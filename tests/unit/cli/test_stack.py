from __future__ import annotations

import os
import re
import shutil
import urllib.request
from pathlib import Path

import pytest

from muster.cli import up
from muster.cli.stack import Stack, only_one
from muster.errors import InputError
from tests.simulator_process import WORLDS, environment_with


def test_a_second_muster_up_in_a_checkout_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(InputError) as caught, only_one(tmp_path):
        pass
    assert caught.value.shown_code == "INPUT-009"
    assert f"(process {os.getpid()})" in caught.value.message
    with only_one(tmp_path):  # what the first one left does not hinder the next
        assert (tmp_path / ".muster" / "up" / "lock").read_text() == str(os.getpid())


def test_another_checkout_is_another_matter(tmp_path: Path) -> None:
    with only_one(tmp_path / "a"), only_one(tmp_path / "b"):
        assert (tmp_path / "b" / ".muster" / "up" / "lock").is_file()


def test_the_pages_of_its_simulators_are_told_and_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worlds = tmp_path / "deployments" / "rehearsal"
    worlds.mkdir(parents=True)
    for name in ("contoso", "fabrikam"):
        shutil.copy(WORLDS / f"{name}.world.yaml", worlds)
    environ = environment_with({"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    stack = Stack(tmp_path, environ, port=4200, speed=60, say=lambda _: None)
    try:
        stack._simulators()
        up._announce(stack)
        told = re.findall(r"Simulator of (\w+): watch it at (http://\S+)", capsys.readouterr().out)
        assert [name for name, _ in told] == ["contoso", "fabrikam"]
        for _, page in told:
            with urllib.request.urlopen(page, timeout=10) as answer:  # noqa: S310  our loopback
                assert b"<html" in answer.read()
    finally:
        stack.stop()
