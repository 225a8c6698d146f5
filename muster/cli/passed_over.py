"""Steps that were not begun: a few of one reason as they are, the rest of them in one sentence."""

from __future__ import annotations

from collections.abc import Iterator

from muster.cli.board import Board
from muster.journal.events import Event, EventKind

_MOST = 2
"""Steps that are told one by one where many are not begun for the same reason."""


class PassedOver:
    """Which lines of skipped steps are told, and how many were not, for one reason at a time."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._times: list[str] = []  # when each of those was passed over

    def told(self, at: str, line: str, reason: str | None) -> Iterator[str]:
        """The lines to write when one is to be told: of a step that was not begun only the first
        few of a reason, behind which the sentence comes once something else is told.
        """
        if reason is None or reason != self._reason:
            yield from self.rest()
        if reason is not None:
            self._reason = reason
            self._times.append(at)
        if len(self._times) <= _MOST:
            yield f"{at}  {line}"

    def rest(self) -> Iterator[str]:
        """How many more there were, where not all were told. Begins anew."""
        more, reason = self._times[_MOST:], self._reason
        self._reason, self._times = None, []
        if more:
            steps = "step was" if len(more) == 1 else "steps were"
            yield f"{more[-1]}    --  {len(more)} more {steps} not begun: {reason}"


def reason_of(event: Event, board: Board) -> str | None:
    """Why a step was not begun; None of an event that tells something else."""
    step = board.steps.get(event.step or "") if event.kind is EventKind.FINISHED else None
    return step.why if step is not None and step.status == "skipped" and not step.error else None
