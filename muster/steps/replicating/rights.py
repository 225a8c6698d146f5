"""Whether the caller may make what was decided, as far as Azure tells before it is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from muster.errors import GatewayError
from muster.gateway.ids import parse_id
from muster.gateway.port import Gateway
from muster.gateway.values import Permission
from muster.replication.change import Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement
from muster.replication.rights import UNKNOWN, Rights, rights_needed, told_of_rights
from muster.steps.preflight_checks.permissions import ITEM, is_allowed

REMOVE = f"{ITEM}/remove/action"
"""What ends the replication of a VM."""

Told = tuple[Permission, ...] | str
"""What the caller may do somewhere; or why nobody knows."""


async def read_rights(
    gateway: Gateway, changes: Iterable[Change], found: Found
) -> tuple[Rights, tuple[tuple[str, Judgement], ...]]:
    """What is missing, and where nobody knows; and the same as it is told.

    Groups are asked first: what is allowed in one is allowed for all that is in it, so that the
    many VMs of a group are one read. Only what is not allowed there is asked of the thing itself.
    """
    needed = rights_needed(changes, found)
    wide = {scope: _group_of(scope) for scope in needed}
    told = await _read(gateway, set(wide.values()))
    narrow = {one for one in needed if one != wide[one] and not _has(told[wide[one]], needed[one])}
    told |= await _read(gateway, narrow - told.keys())
    lacking: dict[str, tuple[str, ...]] = {}
    unread: dict[str, str] = {}
    for scope, actions in needed.items():
        known = told[scope if scope in narrow else wide[scope]]
        if isinstance(known, str):
            unread[scope] = known
        elif missing := tuple(one for one in actions if not is_allowed(known, one)):
            lacking[scope] = missing
    unknown = (_unknown(why, needed[scope]) for scope, why in unread.items())
    return Rights(lacking, unread), (*told_of_rights(lacking), *unknown)


async def told_of_removing(gateway: Gateway, vault_id: str) -> tuple[tuple[str, Judgement], ...]:
    """Whether the caller may remove items of a vault, where it may not, or nobody knows."""
    told = (await _read(gateway, (vault_id,)))[vault_id]
    if isinstance(told, str):
        return (_unknown(told, (REMOVE,)),)
    return () if is_allowed(told, REMOVE) else tuple(told_of_rights({vault_id: (REMOVE,)}))


def _unknown(why: str, actions: Sequence[str]) -> tuple[str, Judgement]:
    said = f"{why}, so that nobody knows whether {', '.join(actions)} is allowed there"
    return "rights", Judgement(UNKNOWN, "tell", said, "Permit reading it.", "")


def _group_of(scope: str) -> str:
    place = parse_id(scope)
    return scope if place.resource_group is None else place.group_id


def _has(told: Told, actions: Iterable[str]) -> bool:
    return not isinstance(told, str) and all(is_allowed(told, one) for one in actions)


async def _read(gateway: Gateway, scopes: Iterable[str]) -> dict[str, Told]:
    """What each scope tells, or why it does not."""

    async def at(scope: str) -> Told:
        try:
            return await gateway.permissions(scope)
        except GatewayError as err:
            return err.message

    ordered = sorted(scopes)
    return dict(zip(ordered, await asyncio.gather(*map(at, ordered)), strict=True))
