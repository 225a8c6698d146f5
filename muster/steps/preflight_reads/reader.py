"""One reading after the other, so many at once; what cannot be read is kept with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from muster.errors import GatewayError
from muster.gateway.kinds import (
    BadAnswer,
    BadCertificate,
    CredentialRefused,
    NoCredential,
    NotFound,
    Unreachable,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_reads.scene import Scene

NO_WAY_IN = (CredentialRefused, NoCredential, Unreachable, BadCertificate, BadAnswer)
"""With these nothing else can be read either: they are the answer, not a list of checks."""
READS_AT_ONCE = 10
MOST_ASKED_SINGLY = 50
"""Of things that no list shows (policies, zones): more than these are left, and said so."""

T = TypeVar("T")
K = TypeVar("K")


class Reader:
    """Reads for the facts, `READS_AT_ONCE` at a time."""

    def __init__(self, scene: Scene, facts: Facts) -> None:
        self.scene, self.facts = scene, facts
        self.gateway = scene.gateway
        self.gate = asyncio.Semaphore(READS_AT_ONCE)

    async def read(self, name: str, reading: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What a reading says; `otherwise`, with the reason kept under `name`, if it says no.

        Raises:
            GatewayError: There is no way into Azure at all.
        """
        try:
            async with self.gate:
                return await reading()
        except NO_WAY_IN:
            raise
        except GatewayError as err:
            self.facts.unread[name] = err.message
            return otherwise

    async def rows(
        self, name: str, reading: Callable[[], Awaitable[tuple[T, ...]]]
    ) -> tuple[T, ...]:
        """As `read`, of a list: nothing where it cannot be read."""
        return await self.read(name, reading, ())

    async def rows_if_any(
        self, name: str, reading: Callable[[], Awaitable[tuple[T, ...]]]
    ) -> tuple[T, ...]:
        """As `rows`; where the group they would lie in is not there, there is nothing."""

        async def or_nothing() -> tuple[T, ...]:
            try:
                return await reading()
            except NotFound:
                return ()

        return await self.rows(name, or_nothing)

    async def each(
        self, name: str, keys: Iterable[K], reading: Callable[[K], Awaitable[T]], otherwise: T
    ) -> dict[K, T]:
        """One reading for each key; past `MOST_ASKED_SINGLY` the rest is kept as not read."""
        wanted = list(dict.fromkeys(keys))
        asked = wanted[:MOST_ASKED_SINGLY]
        if len(wanted) > len(asked):
            self.facts.unread[name] = f"{len(wanted)} of them are more than are asked for singly"

        async def one(key: K) -> T:
            return await self.read(name, lambda: reading(key), otherwise)

        found = await asyncio.gather(*(one(key) for key in asked))
        return dict(zip(asked, found, strict=True))
