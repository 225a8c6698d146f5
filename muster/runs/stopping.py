"""Ctrl-C and SIGTERM: the first stops starting, the second leaves and says how to go on."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from muster.errors import EXIT_INTERRUPTED, MusterError
from muster.journal.events import EventKind
from muster.plan.actions import Operation
from muster.steps.context import Run

LAST_WORDS_SECONDS = 5.0
"""Wall seconds that the journal gets to take the last event before the process leaves."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person is told at the first signal, and the command that goes on after a second."""

    first: str = "nothing new starts; what is in flight ends, then cleanup."
    go_on: str | None = None  # None: `muster cleanup RUN`


A_DRILL = Words()

GOES_ON = frozenset({Operation.REPLICATE, Operation.DISABLE})
"""Operations that are gone on with by the same command, instead of being cleaned up."""


def go_on_command(run_id: str) -> str:
    """The command that finishes what an interrupted run left."""
    return f"muster cleanup {run_id}"


def same_command(plan: str, operation: Operation, *, is_rehearsed: bool) -> str:
    """The command that goes on with a run of this kind which was left in the middle."""
    disable = " --disable" if operation is Operation.DISABLE else ""
    rehearse = " --rehearse" if is_rehearsed else ""
    return f"muster replicate {plan}{disable}{rehearse}"


class Stopper:
    """Turns signals into `run.stop`, and a second SIGINT into a true last event and exit 130."""

    def __init__(
        self,
        run_id: str,
        say: Callable[[str], None],
        leave: Callable[[int], object] = os._exit,
        words: Words = A_DRILL,
    ) -> None:
        self._words = words
        self._go_on = words.go_on or go_on_command(run_id)
        self._leave_process = leave
        self._run: Run | None = None
        self._say = say
        self._reason = ""  # of the first signal
        self._interrupts = 0
        self._leaving: asyncio.Task[None] | None = None

    def attach(self, run: Run) -> None:
        """From here on signals stop this run; one that came before does so now."""
        self._run = run
        if self._reason:
            run.stop(self._reason)

    def on_signal(self, number: signal.Signals) -> None:
        """The first stops starting; a second Ctrl-C leaves. SIGTERM never leaves: its sender
        kills when it must.
        """
        if number == signal.SIGINT:
            self._interrupts += 1
            if self._interrupts >= 2:
                self._leave_once(number)
                return
        if not (self._reason or (self._run and self._run.stopping.is_set())):
            self._say(f"{number.name}: {self._words.first} Ctrl-C again leaves at once.")
        self._reason = self._reason or f"stopped by {number.name}"
        if self._run:
            self._run.stop(self._reason)

    def _leave_once(self, number: signal.Signals) -> None:
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().create_task(self._leave(number))

    async def _leave(self, number: signal.Signals) -> None:
        command = self._go_on
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                data = {"signal": number.name, "go_on": command}
                if self._run:
                    await self._run.journal.append(EventKind.INTERRUPTED, data)
        except (MusterError, TimeoutError, OSError) as err:
            self._say(f"The journal could not take the last event: {err}")
        self._say(f"Left in the middle. Nothing is lost; go on with:  {command}")
        # Not sys.exit: the finalisers in flight would keep the loop alive, and they are what was
        # to be left.
        self._leave_process(EXIT_INTERRUPTED)


@contextmanager
def stopping_on_signals(
    run_id: str,
    say: Callable[[str], None],
    leave: Callable[[int], object] = os._exit,
    words: Words = A_DRILL,
) -> Iterator[Stopper]:
    """While inside, SIGINT and SIGTERM go to the run that is attached, or will be. Where signals
    cannot be had (other threads), nothing changes.
    """
    stopper = Stopper(run_id, say, leave, words)
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    installed = []
    try:
        for number in before:
            loop.add_signal_handler(number, stopper.on_signal, number)
            installed.append(number)
    except (ValueError, RuntimeError, NotImplementedError):
        pass  # not the main thread: whoever runs us there has to call `run.stop`
    try:
        yield stopper
    finally:
        for number in installed:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
