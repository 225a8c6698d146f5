"""Where output goes is not the command's verdict: a reader that leaves, a full disk, a closed
stream.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MUSTER = [sys.executable, "-m", "muster"]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    command = line.replace("muster", " ".join(MUSTER))
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_reader_that_leaves_does_not_change_the_verdict() -> None:
    ended = shell("muster graph contoso-erp | true")
    assert ended.returncode == 0
    assert ended.stderr == ""


def test_a_closed_stream_is_no_error() -> None:
    ended = shell("muster check contoso-erp >&-")
    assert ended.returncode == 0
    assert "MUSTER-001" not in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_a_sentence() -> None:
    ended = shell("muster check contoso-erp >/dev/full")
    assert ended.returncode == 1
    assert "[CLI-001]" in ended.stderr
    assert "Traceback" not in ended.stderr
