"""Whether the caller may make what was decided, as far as Azure tells before it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from muster.errors import GatewayError
from muster.gateway.port import Gateway
from muster.replication.change import Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement
from muster.replication.rights import UNKNOWN, Rights, rights_needed, told_of_rights
from muster.steps.preflight_checks.permissions import is_allowed


async def read_rights(
    gateway: Gateway, changes: Iterable[Change], found: Found
) -> tuple[Rights, tuple[tuple[str, Judgement], ...]]:
    """What is missing, and where nobody knows; and the same as it is told."""
    needed = rights_needed(changes, found)
    read = await asyncio.gather(*(_lacking(gateway, *one) for one in needed.items()))
    rights = Rights(
        {scope: actions for scope, actions, _ in read if actions},
        {scope: why for scope, _, why in read if why},
    )
    unread = tuple(
        ("rights", Judgement(UNKNOWN, "tell", f"{why}, so that nobody knows whether "
         f"{', '.join(needed[scope])} is allowed there", "Permit reading it.", ""))
        for scope, why in rights.unread.items()
    )  # fmt: skip
    return rights, (*told_of_rights(rights.lacking), *unread)


async def _lacking(
    gateway: Gateway, scope: str, actions: tuple[str, ...]
) -> tuple[str, tuple[str, ...], str]:
    """The scope, what is not allowed there, and why that is not known."""
    try:
        permissions = await gateway.permissions(scope)
    except GatewayError as err:
        return scope, (), err.message
    return scope, tuple(one for one in actions if not is_allowed(permissions, one)), ""
