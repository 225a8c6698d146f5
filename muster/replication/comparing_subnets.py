"""Subnets that a recovered VM is to be in, and that a target network which is there lacks."""

from __future__ import annotations

from muster.gateway.ids import key_of
from muster.replication.change import Act, Change, Kind
from muster.replication.found import Found
from muster.replication.part_ids import item_id
from muster.replication.serving import outside, remedy_for_ranges
from muster.replication.wanted import VmWanted, Wanted


def refused_subnets(wanted: Wanted, vm: VmWanted, found: Found) -> Change | None:
    """The refusal of a VM whose network lacks a subnet for it, or has others of that name; the
    other VMs go on without it.
    """
    return _lacking(wanted, vm, found) or _out_of_range(wanted, vm, found)


def _out_of_range(wanted: Wanted, vm: VmWanted, found: Found) -> Change | None:
    """The refusal of a VM whose addresses the subnets that are there do not have."""
    there = {key_of(one.network_id): found.network(one.network_id) for one in vm.cards}
    for network in (one for one in there.values() if one is not None):
        if said := outside(network, vm):
            return Change(
                Act.REFUSE,
                Kind.VM,
                vm.name,
                item_id(wanted, vm),
                f"{network.name} has other ranges: {'; '.join(said)}",
                remedy=remedy_for_ranges(network),
            )
    return None


def _lacking(wanted: Wanted, vm: VmWanted, found: Found) -> Change | None:
    lacking: dict[str, set[str]] = {}
    for card in vm.cards:
        network = found.network(card.network_id)
        if network is None:
            continue  # it is made, with what its source has
        has = {one.name.casefold() for one in network.subnets}
        wants = {ip.subnet for ip in card.ips if ip.subnet}
        if lacks := {one for one in wants if one.casefold() not in has}:
            lacking.setdefault(key_of(network.id), set()).update(lacks)
    if not lacking:
        return None
    names = {key: (network.name if (network := found.network(key)) else key) for key in lacking}
    said = [f"{names[key]} lacks {_shown(lacks)}" for key, lacks in lacking.items()]
    added = [f"{_shown(lacks)} to {names[key]}" for key, lacks in lacking.items()]
    return Change(
        Act.REFUSE,
        Kind.VM,
        vm.name,
        item_id(wanted, vm),
        f"{'; '.join(said)}: a network that is there is never changed",
        remedy=f"Add {', '.join(added)}, or name other subnets in the plan.",
    )


def _shown(subnets: set[str]) -> str:
    return f"subnet{'s' if len(subnets) > 1 else ''} {', '.join(sorted(subnets))}"
