"""How many requests a caller has left, as ARM counts, and when it says 429 (FACTS 11).

Token buckets per subscription, principal and kind of request, in Azure time, and one of fifteen
times the size for each subscription and kind, which all principals share
(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
A request that names no subscription is the tenant's. How long ARM makes one wait is UNCERTAIN: a
public log shows 10 s (a setting). Headers of the shared bucket as in azurerm #31927.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from muster.simulator.worlds.identities import Bucket, Throttling

Kind = Literal["reads", "writes", "deletes"]


def kind_of(method: str) -> Kind:
    """ARM counts a POST as a write."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return "reads"
    return "deletes" if method == "DELETE" else "writes"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one request found: headers that tell what is left, and the wait if it is refused."""

    headers: Mapping[str, str]
    wait: int | None = None  # what `Retry-After` says: whole seconds of the client's own clock


@dataclass(slots=True)
class _Level:
    """One bucket at one time."""

    left: float
    since: float  # Azure seconds since 1970
    closed_until: float = 0.0

    def fill(self, bucket: Bucket, now: float) -> None:
        passed = max(0.0, now - self.since)  # a clock put back gives nothing and takes nothing
        self.left = min(float(bucket.size), self.left + passed * bucket.refill)
        self.since = now


@dataclass(frozen=True, slots=True)
class Shown:
    """A bucket as a person may see it."""

    subscription: str  # "" for the tenant's own
    principal: str  # object id; "" for the one that all share
    kind: Kind
    left: float
    size: float
    closed_until: float  # Azure seconds since 1970; past or 0 if it is open


@dataclass(slots=True)
class Meter:
    """The buckets of all callers. They start full, also after a restart.

    A client waits on its own clock, which Azure's outruns `speed` times; the wait is told in its
    seconds, rounded up. Whoever takes them for seconds of Azure time is not too early either.
    """

    rules: Throttling = field(default_factory=Throttling)
    speed: float = 1.0
    _levels: dict[tuple[str, str, Kind], _Level] = field(default_factory=dict)

    def take(self, principal: str, method: str, subscription: str, now: float) -> Reading:
        """Count one request. `subscription` is "" for the tenant's own."""
        kind = kind_of(method)
        bucket: Bucket = getattr(self.rules, kind)
        levels = [self._level(subscription, principal, kind, bucket, now)]
        if subscription:
            shared = bucket.times(self.rules.all_principals)
            levels.append(self._level(subscription, "", kind, shared, now))
        wait = self._wait(levels, now)
        for level in levels:
            if wait is None and self.rules.enabled:
                level.left -= 1
        left = [level.left if wait is None or level is not levels[0] else 0 for level in levels]
        return Reading(_headers(subscription, kind, left), wait)

    def shown(self, now: float) -> Iterator[Shown]:
        """The buckets that were ever asked for, as they are now; none is changed."""
        for (subscription, principal, kind), level in self._levels.items():
            bucket: Bucket = getattr(self.rules, kind)
            bucket = bucket if principal else bucket.times(self.rules.all_principals)
            left = min(float(bucket.size), level.left + (now - level.since) * bucket.refill)
            yield Shown(subscription, principal, kind, left, bucket.size, level.closed_until)

    def _level(
        self, subscription: str, principal: str, kind: Kind, bucket: Bucket, now: float
    ) -> _Level:
        level = self._levels.setdefault((subscription, principal, kind), _Level(bucket.size, now))
        level.fill(bucket, now)
        return level

    def _wait(self, levels: list[_Level], now: float) -> int | None:
        """None if the request may pass. Whoever sends before a wait is over waits anew."""
        own = levels[0]
        if not self.rules.enabled:
            return None
        if now >= own.closed_until and all(level.left >= 1 for level in levels):
            return None
        told = max(1, math.ceil(self.rules.wait / self.speed))
        own.closed_until = now + min(self.rules.wait, told)
        return told


def _headers(subscription: str, kind: Kind, left: Sequence[float]) -> dict[str, str]:
    if not subscription:
        return {f"x-ms-ratelimit-remaining-tenant-{kind}": str(int(left[0]))}
    return {
        f"x-ms-ratelimit-remaining-subscription-{kind}": str(int(left[0])),
        f"x-ms-ratelimit-remaining-subscription-global-{kind}": str(int(left[1])),
    }
