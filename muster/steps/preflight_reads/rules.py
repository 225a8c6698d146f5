"""Locks and policies that hold where the copies come up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from muster.errors import GatewayError
from muster.gateway.ids import key_of
from muster.gateway.kinds import NotFound
from muster.gateway.parse import mapping, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.policy_sets import members_of
from muster.steps.preflight_reads.lists import by_key
from muster.steps.preflight_reads.reader import Reader

LOCKS = "providers/Microsoft.Authorization/locks"
ASSIGNMENTS = "providers/Microsoft.Authorization/policyAssignments"
EXEMPTIONS = "providers/Microsoft.Authorization/policyExemptions"
AT_AND_ABOVE = "?$filter=atScope()"
MOST_OF_SETS = 500
"""Definitions of all assigned sets: Azure's own benchmark for the cloud has some 240."""
OF_RULES = ("locks", "assignments", "definitions")


async def read_rules(reader: Reader) -> None:
    await asyncio.gather(
        reader.whole(OF_RULES[:1], _locks(reader)), reader.whole(OF_RULES[1:], _policies(reader))
    )


async def _locks(reader: Reader) -> None:
    """In the group and above it, at the vault, and at the network that VMs come up in."""
    facts = reader.facts
    of_network = f"{facts.landing_id}/{LOCKS}{AT_AND_ABOVE}"
    places = (
        f"{facts.target_group_id}/{LOCKS}",
        f"{facts.target_group_id}/{LOCKS}{AT_AND_ABOVE}",
        f"{facts.vault_ref.id}/{LOCKS}{AT_AND_ABOVE}",
        *([of_network] if not _is_inside(facts.landing_id, facts.target_group_id) else []),
    )

    async def at(path: str) -> tuple[Json, ...]:
        return await reader.rows("locks", lambda: reader.gateway.collection(path))

    found = await asyncio.gather(*map(at, places))
    facts.locks = tuple(by_key(lock for listed in found for lock in listed).values())


def _is_inside(arm_id: str, group_id: str) -> bool:
    return key_of(arm_id).startswith(key_of(group_id) + "/")


async def _policies(reader: Reader) -> None:
    facts = reader.facts
    path = f"{facts.target_group_id}/{ASSIGNMENTS}{AT_AND_ABOVE}"
    facts.assignments = await reader.rows("assignments", lambda: reader.gateway.collection(path))
    if facts.assignments:
        exempt = f"{facts.target_group_id}/{EXEMPTIONS}{AT_AND_ABOVE}"
        facts.exemptions = await reader.rows(
            "exemptions", lambda: reader.gateway.collection(exempt)
        )
    await read_definitions(reader, facts.assignments)


async def read_definitions(reader: Reader, assignments: Sequence[Json]) -> None:
    """The definitions and sets that assignments name, and those that the sets name."""
    facts = reader.facts
    named = [text_of(mapping(one.get("properties")).get("policyDefinitionId"))
             for one in assignments]  # fmt: skip
    found = await reader.each(
        "definitions", filter(None, named), lambda one: _definition(reader, facts, one), None
    )
    members = [text_of(member.get("policyDefinitionId"))
               for body in found.values() if body is not None
               for member in members_of(mapping(body.get("properties")))]  # fmt: skip
    left = [one for one in dict.fromkeys(filter(None, members)) if one not in found]
    found |= await reader.each(
        "definitions", left, lambda one: _definition(reader, facts, one), None, MOST_OF_SETS
    )
    facts.definitions = {one: body for one, body in found.items() if body is not None}


async def _definition(reader: Reader, facts: Facts, definition: str) -> Json | None:
    """Its body. One that may not be read is judged as not known, by itself alone."""
    try:
        found = await reader.gateway.resource(definition)
    except NotFound:
        return None
    except GatewayError as err:
        if definition.casefold().startswith("/subscriptions/"):
            raise
        # A management group's, or a built-in one, is out of many callers' sight.
        facts.unread.setdefault(f"definition {definition}", err.message)
        return None
    return None if found is None else found.raw
