"""A checkout of its own for every test, and the command line in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from muster.cli.main import dispatch

ROOT = Path(__file__).resolve().parents[3]


class Said(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Muster = Callable[..., Said]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with this project's plans, made the current one; no setting of this machine."""
    shutil.copytree(ROOT / "recovery_plans", tmp_path / "recovery_plans")
    monkeypatch.chdir(tmp_path)
    for name in ("MUSTER_JOURNAL", "MUSTER_ENV_DIR", "MUSTER_CLOCK", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def muster(checkout: Path, capsys: pytest.CaptureFixture[str]) -> Muster:
    """Runs one command line in the checkout."""

    def run(*args: str) -> Said:
        capsys.readouterr()
        code = dispatch(args)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return run
