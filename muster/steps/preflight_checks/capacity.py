"""Does the target region have room for all copies at once: quotas, sizes, reservations?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    none_of,
    none_of_or_unknown,
    passed,
    rows_of,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import reservation_of
from muster.steps.preflight_checks.vault import region

CORES, VMS, CARDS = "cores", "virtualMachines", "NetworkInterfaces"
FOR_A_MIRROR = ("VirtualNetworks", "NetworkSecurityGroups", "RouteTables")


def cores_are_free(facts: Facts) -> Verdict:
    facts.need("compute_usages", "sizes", "items", "sources")
    needed = sum(_cores_by_family(facts).values())
    return _room(facts.compute_usages, {CORES: needed})


def families_have_room(facts: Facts) -> Verdict:
    facts.need("compute_usages", "sizes", "items", "sources")
    return _room(facts.compute_usages, _cores_by_family(facts))


def machines_have_room(facts: Facts) -> Verdict:
    facts.need("compute_usages", "items")
    return _room(facts.compute_usages, {VMS: len(facts.items)})


def cards_have_room(facts: Facts) -> Verdict:
    facts.need("network_usages", "items")
    cards = sum(max(1, len(item.nics)) for item in facts.items.values())
    return _room(facts.network_usages, {CARDS: cards})


def a_mirror_has_room(facts: Facts) -> Verdict:
    if not facts.plan.drill.network.create:
        return passed("the plan names a network that is there")
    facts.need("network_usages")
    return _room(facts.network_usages, dict.fromkeys(FOR_A_MIRROR, 1))


def sizes_are_offered(facts: Facts) -> Verdict:
    facts.need("sizes", "items", "sources")
    problems = {}
    for vm, size in wanted_sizes(facts).items():
        row = facts.sizes.get(size.casefold())
        if row is None:
            problems[vm] = f"{facts.plan.target.region} offers no {size}"
        elif reason := _restricted(row, facts.plan.target.region):
            problems[vm] = f"{size} is restricted there: {reason}"
    return none_of(problems, "every size is offered in the target region")


def reservations_are_there(facts: Facts) -> Verdict:
    facts.need("items", "reserved")
    problems = {}
    for vm, group in _groups(facts).items():
        found = facts.reserved.get(key_of(group))
        if found is None or found.group is None:
            problems[vm] = f"there is no {group}"
        elif region(found.group.location) != region(facts.plan.target.region):
            problems[vm] = f"{found.group.name} is in {found.group.location}"
    return none_of(problems, "every capacity reservation that items name is in the target region")


def reservations_hold_enough(facts: Facts) -> Verdict:
    """What is reserved and not in use, by group and size, against what the items would take."""
    facts.need("items", "reserved", "sources")
    sizes = wanted_sizes(facts)
    wanted = Counter(
        (key_of(group), sizes[vm].casefold())
        for vm, group in _groups(facts).items()
        if vm in sizes
    )
    problems = {}
    for (group, size), count in wanted.items():
        found = facts.reserved.get(group)
        free = sum(map(_free, found.reservations if found else ()), Counter[str]())[size]
        if free < count:
            problems[f"{group.rpartition('/')[2]}, {size}"] = f"{free} free, {count} needed"
    return none_of(problems, "reserved capacity suffices for the items that name it")


def wanted_sizes(facts: Facts) -> dict[str, str]:
    """Each protected VM's size in the target: the item's, else the plan's, else the source's.

    The item's own setting is what Site Recovery makes a VM with; a plan that wants another size
    is told by a check of its own.
    """
    found = {}
    for vm, item in facts.items.items():
        source = facts.sources.get(vm)
        size = item.recovery_size or facts.plan.vm(vm).size or (source.size if source else None)
        if size:
            found[vm] = size
    return found


def _cores_by_family(facts: Facts) -> dict[str, int]:
    needed: Counter[str] = Counter()
    for size in wanted_sizes(facts).values():
        row = facts.sizes.get(size.casefold())
        if row is not None:
            needed[text_of(row.get("family"))] += _cores(row)
    return dict(needed)


def _cores(size: Json) -> int:
    told = {text_of(one.get("name")): one.get("value") for one in rows(size.get("capabilities"))}
    return int(str(told.get("vCPUs") or 0))


def _room(usages: Iterable[Json], needed: Mapping[str, int]) -> Verdict:
    """Whether each quota has room; one that Azure does not tell is not known."""
    told = {text_of(mapping(row.get("name")).get("value")).casefold(): row for row in usages}
    problems, unclear = {}, {}
    for name, more in needed.items():
        row = told.get(name.casefold())
        if row is None:
            unclear[name] = "Azure tells no such quota"
            continue
        used, limit = int(row.get("currentValue") or 0), int(row.get("limit") or 0)
        if used + more > limit:
            problems[name] = f"{used} of {limit} in use, {more} more needed"
    fine = "room for " + ", ".join(f"{more} {name}" for name, more in needed.items())
    return none_of_or_unknown(problems, unclear, fine)


def _restricted(size: Json, location: str) -> str | None:
    """Why a size cannot be had in the whole of a region."""
    for one in rows(size.get("restrictions")):
        where = [region(str(value)) for value in one.get("values") or []]
        if text_of(one.get("type")).casefold() == "location" and region(location) in where:
            return text_of(one.get("reasonCode")) or "no reason given"
    return None


def _groups(facts: Facts) -> dict[str, str]:
    return {vm: group for vm, item in facts.items.items() if (group := reservation_of(item))}


def _free(reservation: Json) -> Counter[str]:
    sku = mapping(reservation.get("sku"))
    used = mapping(reservation.get("properties")).get("virtualMachinesAllocated")
    taken = len(used) if isinstance(used, list) else 0
    left = max(0, int(sku.get("capacity") or 0) - taken)
    return Counter({text_of(sku.get("name")).casefold(): left})


CHECKS = rows_of(
    Area.CAPACITY,
    ("PRE-070", "the target region has cores for all copies", S, S,
     "Ask Azure for more regional vCPUs in the target region.", cores_are_free),
    ("PRE-071", "every VM family has cores for its copies", S, S,
     "Ask Azure for more vCPUs of the family named, or recover into another size.",
     families_have_room),
    ("PRE-072", "the target region has room for all VMs", S, S,
     "Ask Azure for a higher quota of virtual machines in the target region.",
     machines_have_room),
    ("PRE-073", "the target region has room for all network cards", S, S,
     "Ask Azure for a higher quota of network interfaces, or remove what nobody uses.",
     cards_have_room),
    ("PRE-074", "the target region has room for a drill network", S, N,
     "Ask Azure for a higher quota, or remove networks, groups and tables that nobody uses.",
     a_mirror_has_room),
    ("PRE-075", "every size is offered in the target region", S, S,
     "Choose another target size in the item's settings, or ask Azure to lift the restriction.",
     sizes_are_offered),
    ("PRE-076", "every capacity reservation that items name is there", S, S,
     "Make it in the target region, or choose another one in the item's settings.",
     reservations_are_there),
    ("PRE-077", "reserved capacity suffices", T, T,
     "Raise the reservation's capacity, or accept that VMs compete for what is free.",
     reservations_hold_enough),
)  # fmt: skip
