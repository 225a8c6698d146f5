"""The flow's process is real here; what runs in it is a few lines written by the test."""

from __future__ import annotations

import io
import os
import textwrap
from pathlib import Path

import pytest

from muster.cli.engine import FlowLost, FlowRefused, run_flow
from muster.cli.progress import PlainShow

HEAD = """
import json, os, signal, sys
fd = int(sys.argv[sys.argv.index("--tell-fd") + 1])
def tell(**value):
    os.write(fd, (json.dumps(value) + "\\n").encode())
"""


def a_flow(folder: Path, body: str) -> Path:
    (folder / "flows").mkdir()
    (folder / "flows" / "__init__.py").touch()
    (folder / "flows" / "run.py").write_text(HEAD + textwrap.dedent(body))
    return folder


def test_events_sentences_and_the_result_come_through(tmp_path: Path) -> None:
    checkout = a_flow(
        tmp_path,
        """
        print("noise of an engine")
        tell(say="hello " + sys.argv[1])
        tell(result={"run": "r", "outcome": "passed", "exit_code": 0, "folder": "f"})
        """,
    )
    stream = io.StringIO()
    end = run_flow(checkout, ["drill", "x"], os.environ, PlainShow(stream))
    assert stream.getvalue() == "hello drill\n"
    assert end.result is not None
    assert end.result["outcome"] == "passed"
    (log,) = (checkout / ".muster" / "log").glob("drill-*.log")
    assert "noise of an engine" in log.read_text()


def test_a_refusal_keeps_its_code_and_its_exit_code(tmp_path: Path) -> None:
    checkout = a_flow(
        tmp_path, 'tell(error={"code": "RUN-011", "message": "m", "hint": "h", "exit_code": 2})'
    )
    with pytest.raises(FlowRefused) as refused:
        run_flow(checkout, ["drill"], os.environ, PlainShow(io.StringIO()))
    assert str(refused.value) == "[RUN-011] m -- h"
    assert refused.value.exit_code == 2


def test_a_process_that_dies_is_lost_and_its_log_is_named(tmp_path: Path) -> None:
    checkout = a_flow(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(FlowLost, match=r"ended with -9.*drill-"):
        run_flow(checkout, ["drill"], os.environ, PlainShow(io.StringIO()))


def test_each_ctrl_c_reaches_the_flow_once(tmp_path: Path) -> None:
    checkout = a_flow(
        tmp_path,
        """
        seen = []
        def on_signal(number, _):
            seen.append(number)
            tell(say=f"signal {len(seen)}")
            if len(seen) == 2:
                os._exit(130)
            os.kill(os.getppid(), signal.SIGINT)
        signal.signal(signal.SIGINT, on_signal)
        os.kill(os.getppid(), signal.SIGINT)
        while True:
            signal.pause()
        """,
    )
    stream = io.StringIO()
    end = run_flow(checkout, ["drill"], os.environ, PlainShow(stream))
    assert stream.getvalue() == "signal 1\nsignal 2\n"
    assert end.exit_code == 130
    assert end.result is None


def test_what_the_flow_left_in_its_group_is_ended(tmp_path: Path) -> None:
    checkout = a_flow(
        tmp_path,
        """
        import subprocess
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        tell(say=str(child.pid))
        tell(result={"run": "r", "outcome": "passed", "exit_code": 0, "folder": "f"})
        """,
    )
    stream = io.StringIO()
    run_flow(checkout, ["drill"], os.environ, PlainShow(stream))
    assert is_gone(int(stream.getvalue()))


def is_gone(pid: int) -> bool:
    """Whether a process ended; whoever adopted it may not have collected it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    with_deadline = os.pidfd_open(pid) if state != "Z" else None
    if with_deadline is None:
        return True
    import select

    poll = select.poll()
    poll.register(with_deadline, select.POLLIN)
    ended = bool(poll.poll(5000))
    os.close(with_deadline)
    return ended
