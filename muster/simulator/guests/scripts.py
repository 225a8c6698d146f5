"""Scripts of run-commands: a trusted probe really runs, all else is answered from a table."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from muster.simulator.azure_time import AzureTime
from muster.simulator.guests.contract import Guest, GuestResult, ScriptAnswer
from muster.simulator.guests.host import Host, write_stand_in

OUTPUT_LIMIT = 4096  # bytes: Azure keeps the end of an output
TIMED_OUT = (
    124  # exit code of a script that was stopped at its timeout, as of coreutils' `timeout`
)
SWITCHED_OFF = 137  # … and of one whose VM went off under it
HOMES = "guest-"  # how the folder of a script begins
_MARKER = re.compile(r"MUSTER_CHECKS='[A-Za-z0-9+/=]*'")
# Processes do not start faster because Azure time runs fast: no timeout is shorter than this.
_LEAST_WALL = 5.0  # wall seconds

Ended = Literal["done", "timeout", "off"]


def is_trusted_probe(script: str, trusted: frozenset[str]) -> bool:
    """Whether a script is one line of data in base64, then a body whose SHA-256 is trusted.

    The data can hold no quote and no line break, so nothing outside the trusted body is ever code.
    """
    first, newline, body = script.partition("\n")
    if not newline or not _MARKER.fullmatch(first):
        return False
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest() in trusted


def answer_for(guest: Guest, script: str) -> ScriptAnswer | None:
    """The first answer of the world file whose text is found in the script."""
    return next((answer for answer in guest.scripts if answer.match in script), None)


async def answer_from_table(
    answer: ScriptAnswer, clock: AzureTime, timeout_azure_seconds: float, off: asyncio.Event
) -> GuestResult:
    """Take the time the script takes, then say what the world file says."""
    span = min(answer.seconds, timeout_azure_seconds)
    ended = await _until(clock.sleep(span), off, None)
    if ended == "done" and answer.seconds > timeout_azure_seconds:
        ended = "timeout"
    if ended != "done":
        return GuestResult(_exit_code(0, ended), "", _why(ended), "world table")
    return GuestResult(answer.exit_code, _tail(answer.stdout), _tail(answer.stderr), "world table")


def unknown_script() -> GuestResult:
    """What a script gets that is neither ours nor in the world file."""
    return GuestResult(
        127,
        "",
        "A user's script is not executed on the simulator's host, and the world file gives no "
        "answer for this one in this VM.\n",
        "unknown script",
    )


async def run_probe(
    script: str,
    guest: Guest,
    clock: AzureTime,
    proxy_url: str,
    folder: Path,
    host: Host,
    timeout_azure_seconds: float,
    off: asyncio.Event,
) -> GuestResult:
    """Run a trusted probe with bash, in a process group and a folder of its own, in Azure time."""
    home = Path(tempfile.mkdtemp(prefix=HOMES, dir=folder))
    try:
        (home / "script.sh").write_text(script, encoding="utf-8")
        with (home / "stdout").open("wb") as out, (home / "stderr").open("wb") as err:
            process = await asyncio.create_subprocess_exec(
                host.bash,
                "--noprofile",
                "--norc",
                str(home / "script.sh"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=home,
                env=_environment(home, guest, clock, proxy_url, host),
                start_new_session=True,
            )
        wall = max(clock.wall(timeout_azure_seconds), _LEAST_WALL)
        try:
            ended = await _until(process.wait(), off, wall)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            code = await process.wait()
        return GuestResult(
            _exit_code(code, ended),
            _tail((home / "stdout").read_bytes()),
            _tail((home / "stderr").read_bytes()) + _why(ended),
            "executed",
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _environment(
    home: Path, guest: Guest, clock: AzureTime, proxy_url: str, host: Host
) -> dict[str, str]:
    """All a guest's process gets: of the simulator's own environment the way to programs alone."""
    time_file = home / "azure_time.sh"
    source = resources.files("muster.simulator.guests").joinpath("azure_time.sh")
    time_file.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    path = host.path if host.has_curl else f"{write_stand_in(home)}{os.pathsep}{host.path}"
    return {
        "PATH": path,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C",
        "HOSTNAME": guest.name,
        "ALL_PROXY": proxy_url,
        "BASH_ENV": str(time_file),
        "GUEST_EPOCH_US": str(round(clock.epoch * 1_000_000)),
        "GUEST_SPEED_MILLI": str(round(clock.speed * 1000)),
    }


async def _until(
    work: Coroutine[Any, Any, Any], off: asyncio.Event, wall_timeout: float | None
) -> Ended:
    """Wait for the work, for the VM to go off or for the timeout, whichever is first."""
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(off.wait())
    try:
        done, _ = await asyncio.wait(
            {doing, leaving}, timeout=wall_timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if doing in done:
            return "done"
        return "off" if leaving in done else "timeout"
    finally:
        for waiting in (doing, leaving):
            waiting.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


def _exit_code(code: int, ended: Ended) -> int:
    match ended:
        case "timeout":
            return TIMED_OUT
        case "off":
            return SWITCHED_OFF
        case "done":
            return 128 - code if code < 0 else code


def _why(ended: Ended) -> str:
    match ended:
        case "timeout":
            return "The script was stopped at its timeout.\n"
        case "off":
            return "The VM was switched off while the script ran.\n"
        case "done":
            return ""


def _tail(output: str | bytes) -> str:
    raw = output.encode() if isinstance(output, str) else output
    return raw[-OUTPUT_LIMIT:].decode("utf-8", "replace")
