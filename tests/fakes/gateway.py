"""A small in-memory `Gateway`: deterministic, on a virtual clock, every act kept in `acts`."""

from __future__ import annotations

from datetime import timedelta

from muster.gateway.values import Caller, Usage
from tests.fakes.arm import FakeArm
from tests.fakes.desk import Act
from tests.fakes.guests import FakeGuests
from tests.fakes.replication import FakeReplication
from tests.fakes.site_recovery import _Running

__all__ = ["Act", "FakeGateway", "_Running"]


class FakeGateway(FakeReplication, FakeGuests, FakeArm):
    """`muster.gateway.port.Gateway` over a `FakeWorld` and a clock (`VirtualClock` in unit tests).

    Bend the world (`gateway.world`) for bad days; look at `acts` and `kinds()` for what was done.
    """

    async def __aenter__(self) -> FakeGateway:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def caller(self) -> Caller:
        return Caller("caller-object", "caller-app", "tenant")

    def usage(self) -> Usage:
        deletes = sum(act.kind.startswith("delete") for act in self.acts)
        return Usage(self.reads, len(self.acts) - deletes, deletes, 0)

    def clock_ahead(self) -> timedelta | None:
        return self.world.ahead

    def kinds(self) -> list[str]:
        """The kinds of the acts so far, in order."""
        return [act.kind for act in self.acts]
