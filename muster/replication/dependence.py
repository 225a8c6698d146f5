"""What one VM needs before it can be enabled: resources, and its network's mappings. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, same_id
from muster.replication.part_ids import network_mapping_id
from muster.replication.wanted import ResourceWanted, VmWanted, Wanted


def ids_needed_by(wanted: Wanted, vm: VmWanted) -> tuple[str, ...]:
    """Ids of what is made for a VM: its resources with those that these need, then mappings."""
    by_key = {key_of(one.id): one for one in wanted.resources}
    found: dict[str, str] = {}
    for one in ids_named_by(vm):
        _gather(key_of(one), by_key, found)
    mappings = (
        network_mapping_id(wanted, one)
        for one in wanted.network_mappings
        if _touches(vm.recovery_network_id, one.source_network_id, one.target_network_id)
    )
    return (*found.values(), *mappings)


def ids_named_by(vm: VmWanted) -> tuple[str, ...]:
    """Ids of the resources that a VM's item names; a pool's is that of its balancer."""
    return tuple(one for one in _named_by(vm) if one)


def _named_by(vm: VmWanted) -> Iterator[str]:
    yield vm.recovery_network_id
    for disk in vm.disks:
        yield disk.cache_storage_id
        yield disk.encryption_set_id or ""
    yield from (
        one or ""
        for one in (
            vm.availability_set_id, vm.proximity_group_id, vm.capacity_reservation_id,
            vm.boot_diagnostics_storage_id,
        )
    )  # fmt: skip
    for card in vm.cards:
        yield card.network_id
        yield from (one or "" for one in (card.security_group_id, card.test_security_group_id))
        for ip in (*card.ips, *card.test_ips):
            yield ip.public_ip_id or ""
            yield from (_balancer_of(pool) for pool in ip.backend_pool_ids)


def _balancer_of(pool_id: str) -> str:
    """The plan may write a pool's id in whatever case."""
    return pool_id[: pool_id.casefold().find("/backendaddresspools/")]


def _gather(key: str, by_key: dict[str, ResourceWanted], found: dict[str, str]) -> None:
    """A resource that is made, behind those it comes after; what is not made here is none."""
    one = by_key.get(key)
    if one is None or key in found:
        return
    for before in one.after:
        _gather(key_of(before), by_key, found)
    found[key] = one.id


def _touches(network_id: str, *ends: str) -> bool:
    return any(same_id(network_id, one) for one in ends)
