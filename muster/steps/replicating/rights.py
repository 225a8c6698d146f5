"""Whether the caller may make what was decided, as far as Azure tells before it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from muster.errors import GatewayError
from muster.gateway.port import Gateway
from muster.replication.change import Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement
from muster.replication.rights import UNKNOWN, Rights, rights_needed, told_of_rights
from muster.steps.preflight_checks.permissions import ITEM, is_allowed

REMOVE = f"{ITEM}/remove/action"
"""What ends the replication of a VM."""


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
    unread = (_unknown(why, needed[scope]) for scope, why in rights.unread.items())
    return rights, (*told_of_rights(rights.lacking), *unread)


async def told_of_removing(gateway: Gateway, vault_id: str) -> tuple[tuple[str, Judgement], ...]:
    """Whether the caller may remove items of a vault, where it may not, or nobody knows."""
    _, lacking, why = await _lacking(gateway, vault_id, (REMOVE,))
    if lacking:
        return tuple(told_of_rights({vault_id: lacking}))
    return (_unknown(why, (REMOVE,)),) if why else ()


def _unknown(why: str, actions: Sequence[str]) -> tuple[str, Judgement]:
    said = f"{why}, so that nobody knows whether {', '.join(actions)} is allowed there"
    return "rights", Judgement(UNKNOWN, "tell", said, "Permit reading it.", "")


async def _lacking(
    gateway: Gateway, scope: str, actions: tuple[str, ...]
) -> tuple[str, tuple[str, ...], str]:
    """The scope, what is not allowed there, and why that is not known."""
    try:
        permissions = await gateway.permissions(scope)
    except GatewayError as err:
        return scope, (), err.message
    return scope, tuple(one for one in actions if not is_allowed(permissions, one)), ""
