"""What a replication rests on: what was read to decide on it, and what that leaves to be asked."""

from __future__ import annotations

import asyncio

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import Json, Permission, VirtualMachine
from muster.replication.found import Found
from muster.replication.selecting import selects
from muster.steps.items import source_vm_id
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.set_up import lock_places_of, places_of
from muster.steps.preflight_reads.capacity import OF_CAPACITY, read_capacity
from muster.steps.preflight_reads.lists import by_key, groups_of
from muster.steps.preflight_reads.ours import OURS, read_ours
from muster.steps.preflight_reads.reader import Reader
from muster.steps.preflight_reads.rules import (
    ASSIGNMENTS,
    AT_AND_ABOVE,
    EXEMPTIONS,
    LOCKS,
    read_definitions,
)

OF_SOURCES = ("sources", "powers", "selected")
OF_RULES = ("locks", "assignments", "definitions")
RIGHTS = "source_permissions"


async def read_for_replicate(reader: Reader) -> None:
    """Read what applies to a replication that is to be made, and nothing twice.

    Source, target and the inside of the vault were read for the decision.

    Raises:
        GatewayError: There is no way into Azure at all.
    """
    facts, scene = reader.facts, reader.scene
    facts.decision = scene.decision
    if scene.decision is None:
        facts.unread["decision"] = scene.undecided or "what is to be made was not decided"
    # The vault first: without a way in, one call finds that out instead of dozens.
    facts.vault = await reader.read("vault", lambda: reader.gateway.vault(scene.vault), None)
    _take_sources(reader)
    await asyncio.gather(
        reader.whole(OF_CAPACITY, read_capacity(reader)),
        reader.whole((RIGHTS,), _permissions(reader)),
        reader.whole(OF_RULES, _rules(reader)),
    )
    await reader.whole((OURS,), read_ours(reader))


def _take_sources(reader: Reader) -> None:
    """The source VMs as they were read for the decision, of the plan and of `select`."""
    facts, scene = reader.facts, reader.scene
    found = facts.decision.found if facts.decision else None
    facts.source_ids = {vm.name: source_vm_id(scene, vm.name) for vm in scene.plan.all_vms}
    if found is None:
        why = facts.unread.get("decision", "they were not read")
        facts.unread |= dict.fromkeys(OF_SOURCES, why)
        return
    read = {key_of(vm.id): vm for vm in found.machines}
    facts.sources = {name: read.get(key_of(one)) for name, one in facts.source_ids.items()}
    facts.powers = {key: vm.power_state for key, vm in read.items()}
    facts.selected = tuple(vm for vm in read.values() if _is_selected(reader, vm))
    if unread := _unread_of(found, facts):
        facts.unread["sources"] = unread


def _is_selected(reader: Reader, vm: VirtualMachine) -> bool:
    plan, subscription = reader.scene.plan, reader.scene.subscription
    return selects(plan, subscription, vm.id, vm.location.replace(" ", ""), vm.tags)


def _unread_of(found: Found, facts: Facts) -> str:
    """Why a VM of the plan could not be read; "": those that are missing are not there."""
    wanted = {key_of(one) for one in facts.source_ids.values()}
    return next((one.why for one in found.unread if key_of(one.what) in wanted), "")


async def _permissions(reader: Reader) -> None:
    nothing: tuple[Permission, ...] = ()
    groups = groups_of(reader.facts.source_ids.values())
    read = reader.gateway.permissions
    reader.facts.source_permissions = await reader.each(RIGHTS, groups, read, nothing)


async def _rules(reader: Reader) -> None:
    """Locks and policies where something is to be made or changed, and locks of its VMs."""
    facts, gateway = reader.facts, reader.gateway
    nothing: tuple[Json, ...] = ()
    try:
        places, lockable = tuple(places_of(facts)), lock_places_of(facts)
    except NotRead as err:
        facts.unread |= dict.fromkeys(OF_RULES, str(err))
        return
    locks = [path for place in lockable for path in _lock_paths(place)]
    found, facts.assignments_at = await asyncio.gather(
        reader.each("locks", locks, gateway.collection, nothing),
        reader.each(
            "assignments",
            places,
            lambda place: gateway.collection(f"{place}/{ASSIGNMENTS}{AT_AND_ABOVE}"),
            nothing,
        ),
    )
    once = by_key(lock for listed in found.values() for lock in listed).values()
    facts.locks = tuple(once)
    facts.exemptions_at = await reader.each(
        "exemptions",
        (place for place, listed in facts.assignments_at.items() if listed),
        lambda place: gateway.collection(f"{place}/{EXEMPTIONS}{AT_AND_ABOVE}"),
        nothing,
    )
    every = by_key(one for listed in facts.assignments_at.values() for one in listed).values()
    await read_definitions(reader, tuple(every))


def _lock_paths(place: str) -> tuple[str, ...]:
    """At a place and above it; and in it, if it is a group."""
    above = f"{place}/{LOCKS}{AT_AND_ABOVE}"
    return (above, f"{place}/{LOCKS}") if parse_id(place).resource_group else (above,)
