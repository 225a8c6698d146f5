"""The layout promises: who imports whom, what a commit and a lock may not hold."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("muster", "flows", "tasks")


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git here: what is tracked cannot be told from what is not")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_imports_keep_to_the_layers() -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("contract", "key", "besides"),
    [
        ("Only the gateway imports the Azure SDKs", "source_modules", {"gateway"}),
        ("The simulator imports nothing of ours", "forbidden_modules", {"simulator"}),
    ],
)
def test_a_contract_about_the_library_names_all_of_it(
    contract: str, key: str, besides: set[str]
) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (named,) = (set(one[key]) for one in settings["contracts"] if one["name"] == contract)
    parts = {path.parent.name for path in ROOT.glob("muster/*/__init__.py")}
    parts |= {path.stem for path in ROOT.glob("muster/*.py")} - {"__init__", "__main__"}
    wanted = {f"muster.{part}" for part in parts - besides}
    assert {one for one in named if one.startswith("muster.")} == wanted


def test_no_file_in_flows_hides_another_package() -> None:
    taken = {
        *OURS,
        "tests",
        *sys.stdlib_module_names,
        "azure",
        "prefect",
        "pydantic",
        "rich",
        "typer",
        "yaml",
    }
    named = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert named
    assert named.isdisjoint(taken)


def test_the_lock_names_no_index_and_pins_what_prefect_leaves_open() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    versions = dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", lock, re.MULTILINE))
    assert versions["prefect"] == "3.8.8"
    assert (0, 139) <= tuple(map(int, versions["fastapi"].split(".")[:2])) < (0, 151)
    assert tuple(map(int, versions["sqlalchemy"].split(".")[:2])) < (2, 1)
    unhashed = [
        block.split()[0]
        for block in re.split(r"\n(?=[a-z])", lock)
        if "==" in block.split("\n")[0] and "--hash=sha256:" not in block
    ]
    assert unhashed == []


def test_the_lock_is_whole() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


FORBIDDEN = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|(?<![A-Za-z0-9_.])/(?:work|root|farm)/"
)


def test_no_commit_names_an_index_or_a_path_of_a_machine() -> None:
    here = Path(__file__).resolve()
    found = []
    for path in tracked_files():
        if path.resolve() == here or path.suffix in {".png", ".lock"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path}: {hit.group()}" for hit in FORBIDDEN.finditer(text)]
    assert found == []


def python_files() -> list[Path]:
    return [
        p for p in tracked_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in OURS
    ]


def test_every_module_says_what_lives_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


LONGEST_FILE, LONGEST_FUNCTION = 300, 40

STILL_LONG = {
    "muster/simulator/guests/scripts.py:run_probe",
}
"""Functions that are still to be cut. Take out what has been cut; add nothing."""


def test_no_file_outgrows_its_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := path.read_text().count("\n")) > LONGEST_FILE
    }
    assert long == {}


def functions_in(node: ast.AST, within: str = "") -> Iterator[tuple[str, int]]:
    """Every function below a node, named with what it stands in, and its lines of code."""
    for child in ast.iter_child_nodes(node):
        name = within
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{within}.{child.name}".lstrip(".")
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (
                name,
                lines_of(child) - (lines_of(child.body[0]) if ast.get_docstring(child) else 0),
            )
        yield from functions_in(child, name)


def lines_of(node: ast.stmt) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def long_functions() -> dict[str, int]:
    return {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in python_files()
        for name, lines in functions_in(ast.parse(path.read_text()))
        if lines > LONGEST_FUNCTION
    }


def test_no_function_outgrows_its_idea_docstring_aside() -> None:
    long = {name: lines for name, lines in long_functions().items() if name not in STILL_LONG}
    assert long == {}


def test_a_function_that_was_cut_is_no_exception_any_more() -> None:
    assert STILL_LONG - set(long_functions()) == set()


@pytest.mark.parametrize("word", ["sleep("])
def test_tests_do_not_sleep(word: str) -> None:
    guilty = []
    for path in tracked_files():
        if path.suffix != ".py" or path.relative_to(ROOT).parts[0] != "tests":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "time.sleep",
                "asyncio.sleep",
            }:
                argument = ast.unparse(node.args[0]) if node.args else ""
                if argument != "0":  # giving way to the loop is no wait
                    guilty.append(f"{path.relative_to(ROOT)}:{node.lineno} {word}")
    assert guilty == []


def test_no_test_file_hides_a_package() -> None:
    """pytest puts the folder of a test first on the path: an `azure.py` there hides the SDKs."""
    taken = {*OURS, "azure", "prefect", "pydantic", "aiohttp", "rich", "typer", "cryptography"}
    hiding = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if path.stem in taken | sys.stdlib_module_names
    ]
    assert hiding == []
