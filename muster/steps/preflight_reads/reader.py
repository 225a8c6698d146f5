"""One reading after the other, so many at once; what cannot be read is kept with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from muster.errors import GatewayError, JournalError
from muster.gateway.kinds import (
    BadAnswer,
    BadCertificate,
    CredentialRefused,
    NoCredential,
    Unreachable,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.mistakes import reason_of
from muster.steps.preflight_reads.scene import Scene

NO_WAY_IN = (CredentialRefused, NoCredential, Unreachable, BadCertificate, BadAnswer)
"""Before anything was answered these are the answer, not a list of checks: nothing else can be
read either. Afterwards they are one reading's own."""
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
        self._is_in = False  # Azure answered something, be it a refusal

    async def read(self, name: str, reading: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """What a reading says; `otherwise`, with the reason kept under `name`, if it says none.

        Raises:
            GatewayError: There is no way into Azure at all.
            JournalError: Our own record is in doubt.
        """
        try:
            async with self.gate:
                found = await reading()
        except JournalError:
            raise
        except NO_WAY_IN as err:
            if not await self._is_there_a_way(err):
                raise
            self.facts.unread[name] = err.message
            return otherwise
        except Exception as err:  # noqa: BLE001 - one reading's error is that reading's result
            self._is_in = self._is_in or isinstance(err, GatewayError)
            self.facts.unread[name] = reason_of(err)
            return otherwise
        self._is_in = True
        return found

    async def _is_there_a_way(self, err: GatewayError) -> bool:
        """Whether Azure answers at all: where one provider of it does not, another one may."""
        if self._is_in:
            return True
        if not isinstance(err, BadAnswer | Unreachable) or not err.maybe_accepted:
            return False  # no name, no connection, no credential: the same for all of them
        try:
            async with self.gate:
                await self.gateway.resource(self.facts.target_group_id)
        except NO_WAY_IN:
            return False
        except GatewayError:
            pass  # a refusal is an answer, too
        self._is_in = True
        return True

    async def whole(self, names: Sequence[str], doing: Awaitable[None]) -> None:
        """A part of the looking: if it stumbles, nothing that it was to find is known.

        Raises:
            GatewayError: There is no way into Azure at all.
            JournalError: Our own record is in doubt.
        """
        try:
            await doing
        except (JournalError, *NO_WAY_IN):
            raise
        except Exception as err:  # noqa: BLE001 - one part's error hides no other part
            for name in names:
                self.facts.unread.setdefault(name, reason_of(err))

    async def rows(
        self, name: str, reading: Callable[[], Awaitable[tuple[T, ...]]]
    ) -> tuple[T, ...]:
        """As `read`, of a list: nothing where it cannot be read."""
        return await self.read(name, reading, ())

    async def each(
        self,
        name: str,
        keys: Iterable[K],
        reading: Callable[[K], Awaitable[T]],
        otherwise: T,
        most: int = MOST_ASKED_SINGLY,
    ) -> dict[K, T]:
        """One reading for each key; past so many the rest is kept as not read."""
        wanted = list(dict.fromkeys(keys))
        asked = wanted[:most]
        if len(wanted) > len(asked):
            self.facts.unread[name] = f"{len(wanted)} of them are more than are asked for singly"

        async def one(key: K) -> T:
            return await self.read(name, lambda: reading(key), otherwise)

        found = await asyncio.gather(*(one(key) for key in asked))
        return dict(zip(asked, found, strict=True))
