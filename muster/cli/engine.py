"""Runs a flow in a process of its own, in the checkout that holds the plan: the library imports
no flows.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from muster.cli.board import Board
from muster.cli.progress import Show
from muster.errors import EXIT_INTERRUPTED, MusterError
from muster.journal.events import event_from_json
from muster.journal.scrub import scrub_text

FORWARDED = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """How a flow process ended."""

    result: (
        Mapping[str, Any] | None
    )  # run, outcome, exit_code, causes, folder; None if it never got that far
    exit_code: int


class FlowLost(MusterError):
    """The flow's process ended without saying how its run ended."""

    code = "ENG-001"
    hint = "Look into the log; `muster status` shows the run, `muster cleanup RUN` closes it."


class FlowRefused(MusterError):
    """The flow refused before its first act: carries the flow's own code, hint and exit code."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(str(error["message"]), code=str(error["code"]), hint=str(error["hint"]))
        self.exit_code = int(error["exit_code"])  # type: ignore[misc]


def run_flow(
    checkout: Path, args: Sequence[str], environ: Mapping[str, str], show: Show
) -> FlowEnd:
    """Start `python -m flows.run ARGS` and show its events until it ends.

    The first Ctrl-C reaches the flow as one SIGINT, the second as another: it is in a process
    group of its own, so
    the terminal does not send it (and the Prefect server beside it) more than that.

    Raises:
        FlowRefused: Bad input, found by the flow before its first act.
        FlowLost: It ended without a result, and was not interrupted.
    """
    log = _log_file(checkout, args[0])
    reading, writing = os.pipe()
    with log.open("wb") as log_stream:
        child = subprocess.Popen(  # noqa: S603  our own module, arguments as a list
            [sys.executable, "-m", "flows.run", *args, "--tell-fd", str(writing)],
            cwd=checkout,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=log_stream,
            stderr=subprocess.STDOUT,
            pass_fds=(writing,),
            process_group=0,
        )
    os.close(writing)
    with _forwarding(child), os.fdopen(reading, encoding="utf-8") as lines:
        result, refused = _follow(lines, show)
        code = child.wait()
    _sweep(child.pid)
    if refused is not None:
        raise refused
    if result is None and code not in (EXIT_INTERRUPTED, -signal.SIGINT):
        raise _lost(code, log, show.board)
    return FlowEnd(result, EXIT_INTERRUPTED if code == -signal.SIGINT else max(code, 0))


def _lost(code: int, log: Path, board: Board) -> FlowLost:
    from muster.runs.going_on import go_on_words

    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = f": {scrub_text(words[-1])[:300]}" if words else ""
    return FlowLost(
        f"the flow's process ended with {code} and no result{last} (log: {log})",
        hint=f"{go_on_words(board.run, board.plan, board.operation)}." if board.run else None,
    )


def run_beside(args: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a `muster` command in a process of its own, at this terminal; signals are passed on.

    Returns:
        Its exit code; 130 when a signal ended it.
    """
    child = subprocess.Popen(  # noqa: S603  our own module, arguments as a list
        [sys.executable, "-m", "muster", *args],
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        process_group=0,
    )
    with _forwarding(child):
        code = child.wait()
    return code if code >= 0 else EXIT_INTERRUPTED


def _follow(
    lines: Iterable[str], show: Show
) -> tuple[Mapping[str, Any] | None, FlowRefused | None]:
    result: Mapping[str, Any] | None = None
    refused: FlowRefused | None = None
    for line in lines:
        message = json.loads(line)
        if "event" in message:
            show.see(event_from_json(message["event"]))
        elif "say" in message:
            show.say(message["say"])
        elif "error" in message:
            refused = FlowRefused(message["error"])
        elif "result" in message:
            result = message["result"]
    return result, refused


@contextmanager
def _forwarding(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """While inside, Ctrl-C and SIGTERM go to the flow, and we stay to see how it ends."""

    def forward(number: int, _: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _sweep(group: int) -> None:
    """End what the flow's process left in its group: the temporary Prefect server of a flow that
    was interrupted.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)


def _log_file(checkout: Path, what: str) -> Path:
    folder = checkout / ".muster" / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{what}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.log"
