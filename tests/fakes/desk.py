"""What every part of the fake gateway shares: world, clock, the acts, counting, bounded waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.clock import Clock
from muster.gateway.ids import key_of
from muster.gateway.kinds import Forbidden, GatewayWaitEnded
from tests.fakes.world import FakeWorld

POLL = timedelta(seconds=5)


@dataclass(frozen=True)
class Act:
    """One mutating call: the method's name, what it was about, and the rest of its arguments."""

    kind: str
    subject: str  # item, VM, resource id, or runbook name
    details: Mapping[str, object]


class FakeDesk:
    """Base of the parts."""

    def __init__(self, world: FakeWorld, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.acts: list[Act] = []
        self.reads = 0

    def _settle(self) -> None:
        """Apply what ended by now; the part that has jobs does it."""

    def _read(self, what: str = "") -> None:
        self.reads += 1
        self._settle()
        if key_of(what) in self.world.forbidden:
            raise Forbidden(f"Reading {what} is not allowed", action="*/read")

    def _act(self, kind: str, subject: str, **details: object) -> None:
        self._settle()
        self.acts.append(Act(kind, subject, details))
        if kind in self.world.forbidden_acts:
            raise Forbidden(f"{kind} of {subject} is not allowed", action=kind)

    async def _wait(self, deadline: datetime, what: str, state: str) -> None:
        left = deadline - self.clock.now()
        if left <= timedelta():
            raise GatewayWaitEnded(f"Waiting for {what} ended; last seen: {state}")
        await self.clock.sleep(min(POLL, left))
