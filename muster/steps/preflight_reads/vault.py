"""The vault, what it protects, its recovery points, its mappings and policies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from muster.gateway.ids import key_of, same_id
from muster.gateway.values import ProtectedItem, RecoveryPoint
from muster.steps.items import source_vm_id
from muster.steps.preflight_reads.reader import Reader

JOBS_SINCE = timedelta(days=1)
INSIDE = ("items", "jobs", "points", "container_mappings", "network_mappings", "policies")


async def read_vault(reader: Reader) -> None:
    """First the vault itself: nothing in it can be read of one that is not there."""
    facts, gateway, vault = reader.facts, reader.gateway, reader.scene.vault
    facts.vault = await reader.read("vault", lambda: gateway.vault(vault), None)
    if facts.vault is None:
        why = facts.unread.get("vault", f"there is no vault {vault.name} to read")
        for name in INSIDE:
            facts.unread.setdefault(name, why)
        return
    await asyncio.gather(
        reader.whole(("items", "points"), _items(reader)),
        reader.whole(("jobs",), _jobs(reader)),
        reader.whole(INSIDE[3:], _set_up(reader)),
    )


async def _items(reader: Reader) -> None:
    facts, scene = reader.facts, reader.scene
    nothing: tuple[ProtectedItem, ...] = ()
    reading = lambda: reader.gateway.protected_items(scene.vault)  # noqa: E731 - said once
    listed = await reader.read("items", reading, nothing)
    facts.items = {
        vm.name: item
        for vm in scene.plan.all_vms
        for item in listed
        if same_id(item.source_vm_id, source_vm_id(scene, vm.name))
    }
    facts.protected_ids = frozenset(
        key_of(item.source_vm_id)
        for item in listed
        if item.protection_state.casefold() == "protected"
    )
    await _points(reader)


async def _points(reader: Reader) -> None:
    """Of each item: Azure has no list of all items' points."""
    none: tuple[RecoveryPoint, ...] = ()

    async def of(item: ProtectedItem) -> tuple[RecoveryPoint, ...]:
        reading = lambda: reader.gateway.recovery_points(item.id)  # noqa: E731 - said once
        return await reader.read("points", reading, none)

    items = reader.facts.items
    found = await asyncio.gather(*(of(item) for item in items.values()))
    reader.facts.points = dict(zip(items, found, strict=True))


async def _jobs(reader: Reader) -> None:
    since = reader.facts.now - JOBS_SINCE
    reading = lambda: reader.gateway.jobs(reader.scene.vault, since)  # noqa: E731 - said once
    listed = await reader.rows("jobs", reading)
    reader.facts.jobs = tuple(job for job in listed if not job.ended)


async def _set_up(reader: Reader) -> None:
    facts, gateway, vault = reader.facts, reader.gateway, reader.scene.vault.id
    facts.container_mappings = await reader.rows(
        "container_mappings",
        lambda: gateway.collection(f"{vault}/replicationProtectionContainerMappings"),
    )
    facts.network_mappings = await reader.rows(
        "network_mappings", lambda: gateway.collection(f"{vault}/replicationNetworkMappings")
    )
    facts.policies = await reader.rows(
        "policies", lambda: gateway.collection(f"{vault}/replicationPolicies")
    )
