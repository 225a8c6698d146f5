"""Things done side by side: one that fails keeps none of the others from its end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from muster.errors import JournalError, MusterError

T = TypeVar("T")


async def all_of(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it, to its end; then raise the first error, with the number of the others.

    Raises:
        JournalError: As it came: the run is no longer ours.
        MusterError: The first one; its message tells how many there are.
    """
    ended = await asyncio.gather(*work, return_exceptions=True)
    told: list[MusterError] = []
    for one in ended:
        if isinstance(one, MusterError) and not isinstance(one, JournalError):
            told.append(one)
        elif isinstance(one, BaseException):
            raise one
    if told:
        if len(told) > 1:
            told[0].message += f" (and {len(told) - 1} more of these failed)"
        raise told[0]
    return [one for one in ended if not isinstance(one, BaseException)]
