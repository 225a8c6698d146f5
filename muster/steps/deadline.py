"""The end that every wait has, in Azure time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.clock import Clock
from muster.compile.graph import Step
from muster.errors import WaitEnded


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant after which nobody goes on waiting."""

    clock: Clock
    at: datetime

    @classmethod
    def after(cls, clock: Clock, span: timedelta) -> Deadline:
        return cls(clock, clock.now() + span)

    @classmethod
    def of(cls, step: Step, clock: Clock) -> Deadline:
        """The end of all that a step waits for."""
        return cls.after(clock, step.timeout)

    def left(self) -> timedelta:
        """What remains; zero when it has passed."""
        return max(timedelta(), self.at - self.clock.now())

    async def pause(self, span: timedelta, what: str, last_seen: str) -> None:
        """Wait for a span, at most until the deadline.

        Args:
            span: How long.
            what: What is being waited for, as the error says it.
            last_seen: The state that was seen last.

        Raises:
            WaitEnded: The deadline has passed already.
        """
        left = self.left()
        if not left:
            raise WaitEnded(f"Waited for {what} in vain; last seen: {last_seen}")
        await self.clock.sleep(min(span, left))
