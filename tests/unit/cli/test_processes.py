from __future__ import annotations

import os
import socket
import sys
import uuid
from pathlib import Path

import pytest

from muster.cli.processes import (
    FAMILY,
    Program,
    StartFailed,
    end_family,
    family_members,
    free_port,
)


def start(tmp_path: Path, program: str, **environ: str) -> Program:
    return Program.start(
        "the thing", [sys.executable, "-c", program], environ={**os.environ, **environ},
        cwd=tmp_path, log=tmp_path / "log",
    )  # fmt: skip


def test_a_program_is_waited_for_and_stopped(tmp_path: Path) -> None:
    program = start(tmp_path, "import signal; print('up', flush=True); signal.pause()")
    program.wait_until(lambda: "up" in (tmp_path / "log").read_text(), seconds=20)
    assert program.is_running()
    program.stop(seconds=5)
    assert not program.is_running()


def test_a_program_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    program = start(tmp_path, "raise SystemExit('the port is taken')")
    with pytest.raises(StartFailed, match="the port is taken"):
        program.wait_until(lambda: False, seconds=20)


def test_an_error_of_our_own_keeps_its_code_and_its_remedy(tmp_path: Path) -> None:
    said = "[SIM-001] there is no world file w.yaml -- Name one that is there."
    program = start(tmp_path, f"raise SystemExit({said!r})")
    with pytest.raises(StartFailed) as caught:
        program.wait_until(lambda: False, seconds=20)
    assert str(caught.value) == (
        "[SIM-001] the thing: there is no world file w.yaml -- Name one that is there."
    )


def test_a_program_that_is_never_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    program = start(tmp_path, "import signal; signal.pause()")
    with pytest.raises(StartFailed, match="not ready within"):
        program.wait_until(lambda: False, seconds=0.2)
    program.stop(seconds=5)


def test_a_program_that_ignores_sigterm_is_ended_all_the_same(tmp_path: Path) -> None:
    program = start(
        tmp_path,
        "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n"
        "while True: signal.pause()",
    )
    program.wait_until(lambda: "up" in (tmp_path / "log").read_text(), seconds=20)
    program.stop(seconds=0.2)
    assert not program.is_running()


def test_a_family_is_found_and_ended_across_process_groups(tmp_path: Path) -> None:
    mark = uuid.uuid4().hex
    program = start(
        tmp_path,
        "import subprocess, sys\n"
        "child = 'import signal; print(1, flush=True); signal.pause()'\n"
        "subprocess.Popen([sys.executable, '-c', child], start_new_session=True)\n"
        "import signal; signal.pause()",
        **{FAMILY: mark},
    )
    program.wait_until(lambda: "1" in (tmp_path / "log").read_text(), seconds=20)
    program.stop(seconds=5)
    assert len(family_members(mark)) == 1
    end_family(mark, seconds=5)
    assert family_members(mark) == []


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port
