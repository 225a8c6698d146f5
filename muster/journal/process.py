"""Which process owns a run: its number alone is given to another one some day."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
_STARTED = 19
"""Where field 22 of `/proc/PID/stat`, starttime, stands behind the name (proc(5))."""


def started_of(pid: int) -> str | None:
    """What tells the start of a process from that of every other one with its number.

    On Linux the boot and the tick of the start; elsewhere what `ps` says. None: there is no such
    process, it only waits to be buried, or nobody can tell.
    """
    return _from_proc(pid) if _BOOT.exists() else _from_ps(pid)


def is_alive(pid: Any, started: Any) -> bool:
    """Whether a process of this machine still runs, and is the one that was meant.

    Args:
        pid: Its number, as written down when it ran.
        started: What `started_of` said then; None if nobody wrote it down, and any process of
            that number is taken for it.
    """
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's, whose start may be hidden from us
        return started is None or started_of(pid) in (None, started)
    return started is None or started_of(pid) == started


def _from_proc(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold anything
    return None if not fields or fields[0] in "ZX" else f"{boot}/{fields[_STARTED]}"


def _from_ps(pid: int) -> str | None:
    try:
        asked = subprocess.run(  # noqa: S603  a number, and words of ours
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607  where it is differs
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None
