"""ARM's request budget: a token bucket for each subscription and kind of call, and what was spent.

ARM gives each identity 250 reads and 25 more a second, 200 writes and deletes and 10 more a
second, counted per subscription and region (https://learn.microsoft.com/azure/azure-resource-
manager/management/request-limits-and-throttling). Staying below is cheaper than a 429, which costs
a wait.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from muster.clock import Clock
from muster.gateway.kinds import Throttled
from muster.gateway.limits import ACT_PATIENCE
from muster.gateway.values import Usage

Kind = Literal["reads", "writes", "deletes"]

LIMITS: dict[Kind, tuple[float, float]] = {  # what a full bucket holds, what drips in a second
    "reads": (250.0, 25.0),
    "writes": (200.0, 10.0),
    "deletes": (200.0, 10.0),
}
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.I)


@dataclass
class Bucket:
    """Tokens that drip in with (Azure) time; waiters are served in the order they came."""

    clock: Clock
    capacity: float
    per_second: float
    tokens: float = field(init=False)
    filled_at: timedelta = field(init=False)
    closed_until: timedelta = field(init=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.tokens = self.capacity
        self.filled_at = self.closed_until = self.clock.monotonic()

    async def acquire(self, patience: timedelta | None = None) -> None:
        """Take one token, waiting for it.

        Raises:
            Throttled: It would take longer than `patience`. Nothing was sent.
        """
        async with self.turn:
            while (wait := self._wait()) > timedelta():
                if patience is not None:
                    if wait > patience:
                        raise Throttled(f"Azure takes no more of these calls for {wait}")
                    patience -= wait
                await self.clock.sleep(wait)
            self.tokens -= 1

    def close_for(self, span: timedelta) -> None:
        """Azure said 429: hand nothing out until then, for sending earlier starts a new wait."""
        self.closed_until = max(self.closed_until, self.clock.monotonic() + span)
        self.tokens = min(self.tokens, 1.0)

    def _wait(self) -> timedelta:
        now = self.clock.monotonic()
        dripped = (now - self.filled_at).total_seconds() * self.per_second
        self.tokens = min(self.capacity, self.tokens + dripped)
        self.filled_at = now
        missing = max(0.0, 1.0 - self.tokens) / self.per_second
        # Never zero by rounding while a token is missing: half a microsecond would wait for ever.
        drip = timedelta(microseconds=int(missing * 1e6) + 1) if missing > 1e-9 else timedelta()
        return max(self.closed_until - now, drip)


class Budget:
    """The buckets of a run, and how much was taken from them."""

    def __init__(self, clock: Clock) -> None:
        self.has_answered = False  # whether Azure ever did, on any connection of the run
        self._clock = clock
        self._buckets: dict[tuple[str, Kind], Bucket] = {}
        self._spent: Counter[str] = Counter()

    def bucket(self, method: str, url: str) -> Bucket:
        """The bucket that a call draws from."""
        found = _SUBSCRIPTION.search(url)
        key = (found[1].casefold() if found else "", kind_of(method))
        if key not in self._buckets:
            self._buckets[key] = Bucket(self._clock, *LIMITS[key[1]])
        return self._buckets[key]

    def count(self, method: str) -> None:
        self._spent[kind_of(method)] += 1

    def count_throttled(self) -> None:
        self._spent["throttled"] += 1

    def usage(self) -> Usage:
        spent = self._spent
        return Usage(spent["reads"], spent["writes"], spent["deletes"], spent["throttled"])


def kind_of(method: str) -> Kind:
    """ARM counts a POST as a write."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return "reads"
    return "deletes" if method == "DELETE" else "writes"


class BudgetPolicy(AsyncHTTPPolicy[Any, Any]):
    """Last before the wire: every send, repeated ones too, takes a token and is counted."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self._budget = budget

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        method, url = request.http_request.method, request.http_request.url
        patience = ACT_PATIENCE if request.context.get("is_act") else None
        await self._budget.bucket(method, url).acquire(patience)
        self._budget.count(method)
        return await self.next.send(request)
