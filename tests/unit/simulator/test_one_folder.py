"""One state folder has one simulator, whatever the folder is called, and none that is dead."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from muster.simulator.__main__ import main
from muster.simulator.store import Store

from .conftest import WORLD


@contextmanager
def program(state: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "muster.simulator", "--world", str(WORLD)]
    with subprocess.Popen(
        [*command, "--state", str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def second(state: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a second one says on the same folder."""
    lock = (state / "lock").read_text()
    assert main(["--world", str(WORLD), "--state", str(state)]) == 2
    assert (state / "lock").read_text() == lock
    return capsys.readouterr().err


def test_a_second_simulator_refuses_and_names_the_first_also_by_another_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state, link = tmp_path / "state", tmp_path / "link"
    state.mkdir()
    link.symlink_to(state, target_is_directory=True)
    (tmp_path / "a").mkdir()
    with program(state) as first:
        assert first.stdout is not None
        assert first.stdout.readline().startswith("ready ")
        for name in (state, link, tmp_path / "a" / ".." / "state"):
            told = second(name, capsys)
            assert f"Another simulator (process {first.pid}) is running" in told
            assert str(state.name) in told or "link" in told
            assert told.count("\n") == 1


def test_the_first_has_the_folder_from_before_it_is_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starting = Store(tmp_path)  # which is how a start begins
    try:
        assert f"(process {os.getpid()})" in second(tmp_path, capsys)
    finally:
        starting.close()
    Store(tmp_path).close()


def test_a_lock_left_by_one_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    for _ in range(2):
        with program(tmp_path / "state") as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready ")
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    assert (tmp_path / "state" / "lock").read_text() == f"{process.pid}\n"


def test_nobody_is_named_who_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that only just takes the lock has not written itself in yet; the one before is gone."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with (tmp_path / "lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for text in ("", f"{ended.pid}\n", "some words"):
            (tmp_path / "lock").write_text(text)
            assert "Another simulator is running" in second(tmp_path, capsys)
