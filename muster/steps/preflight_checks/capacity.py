"""Does the target region have room for all copies at once: quotas, sizes, reservations?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, texts
from muster.gateway.values import Json, ProtectedItem
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    each,
    each_item,
    passed,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.copies import copy_of, count_of_cards, machines, size_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import reservation_of
from muster.steps.preflight_checks.told import (
    count,
    known,
    listed,
    listed_or_none,
    part,
    text,
    texts_of,
)
from muster.steps.preflight_checks.vault import region

CORES, VMS, CARDS = "cores", "virtualMachines", "NetworkInterfaces"
FOR_A_MIRROR = ("VirtualNetworks", "NetworkSecurityGroups", "RouteTables")


def cores_are_free(facts: Facts) -> Verdict:
    facts.need("compute_usages", "sizes")
    needed = sum(_cores_by_family(facts).values())
    return _room(facts.compute_usages, {CORES: needed})


def families_have_room(facts: Facts) -> Verdict:
    facts.need("compute_usages", "sizes")
    return _room(facts.compute_usages, _cores_by_family(facts))


def machines_have_room(facts: Facts) -> Verdict:
    facts.need("compute_usages")
    return _room(facts.compute_usages, {VMS: len(machines(facts))})


def cards_have_room(facts: Facts) -> Verdict:
    facts.need("network_usages")
    return _room(facts.network_usages, {CARDS: count_of_cards(facts, machines(facts))})


def a_mirror_has_room(facts: Facts) -> Verdict:
    if not facts.plan.drill.network.create:
        return passed("the plan names a network that is there")
    facts.need("network_usages")
    return _room(facts.network_usages, dict.fromkeys(FOR_A_MIRROR, 1))


def sizes_are_offered(facts: Facts) -> Verdict:
    facts.need("sizes")
    where = facts.plan.target.region

    def problem(vm: str) -> str | None:
        size = size_of(facts, vm)
        row = facts.sizes.get(size.casefold())
        if row is None:
            return f"{where} offers no {size}"
        zone = copy_of(facts, vm).zone
        if reason := restricted(row, where, zone):
            return f"{size} is restricted there: {reason}"
        zones = _zones_of(row, where) if zone is not None else []
        is_offered = zone is None or zone in zones
        return None if is_offered else f"{size} is offered in {_zones(zones)}, not in zone {zone}"

    fine = "every size is offered in the target region"
    return each({vm: vm for vm in machines(facts)}, problem, fine)


def reservations_are_there(facts: Facts) -> Verdict:
    facts.need("reserved")

    def problem(_: str, item: ProtectedItem) -> str | None:
        group = reservation_of(item)
        if group is None:
            return None
        found = facts.reserved.get(key_of(group))
        if found is None:
            raise NotRead(f"{group} was not looked at")
        if found.group is None:
            return f"there is no {group}"
        where = known(found.group.location, "the reservation's region")
        is_there = region(where) == region(facts.plan.target.region)
        return None if is_there else f"{found.group.name} is in {where}"

    fine = "every capacity reservation that items name is in the target region"
    return each_item(facts, problem, fine)


def reservations_hold_enough(facts: Facts) -> Verdict:
    """What is reserved and not in use, by group and size, against what the items would take."""
    facts.need("items", "reserved")
    if not facts.items:
        return unknown("there is nothing that could be judged")
    wanted = Counter(
        (key_of(group), size_of(facts, vm).casefold())
        for vm, item in facts.items.items()
        if (group := reservation_of(item))
    )

    def problem(place: tuple[str, str]) -> str | None:
        found = facts.reserved.get(place[0])
        if found is None:
            raise NotRead(f"{place[0]} was not looked at")
        free = sum(map(_free, found.reservations), Counter[str]())[place[1]]
        count_of = wanted[place]
        return f"{free} free, {count_of} needed" if free < count_of else None

    places = {f"{group.rpartition('/')[2]}, {size}": (group, size) for group, size in wanted}
    fine = "reserved capacity suffices for the items that name it"
    return each(places, problem, fine, if_none="no item names a capacity reservation")


def _cores_by_family(facts: Facts) -> dict[str, int]:
    needed: Counter[str] = Counter()
    for vm in machines(facts):
        size = size_of(facts, vm)
        row = facts.sizes.get(size.casefold())
        if row is None:
            raise NotRead(f"Azure tells no size {size} in {facts.plan.target.region}")
        needed[text(row, "family")] += _cores(row)
    return dict(needed)


def _cores(size: Json) -> int:
    told = [one for one in listed(size, "capabilities") if one.get("name") == "vCPUs"]
    return count(known(told or None, f"the vCPUs of {size.get('name')}")[0], "value")


def _room(usages: Sequence[Json], needed: Mapping[str, int]) -> Verdict:
    """Whether each quota has room; one that Azure does not tell is not known."""

    def problem(name: str) -> str | None:
        row = _quota(usages, name)
        used, limit = count(row, "currentValue"), count(row, "limit")
        more = needed[name]
        return f"{used} of {limit} in use, {more} more needed" if used + more > limit else None

    if not sum(needed.values()):
        return unknown("nothing is known that would need room")
    fine = "room for " + ", ".join(f"{more} {name}" for name, more in needed.items())
    return each({name: name for name in needed}, problem, fine)


def _quota(usages: Sequence[Json], name: str) -> Json:
    for row in usages:
        if str(mapping(row.get("name")).get("value")).casefold() == name.casefold():
            return row
    raise NotRead("Azure tells no such quota")


def restricted(size: Json, location: str, zone: str | None) -> str | None:
    """Why a size cannot be had in the whole of a region, or in the zone that is wanted.

    https://learn.microsoft.com/rest/api/compute/resource-skus/list: places stand in `values` or
    in `restrictionInfo`.

    Raises:
        NotRead: There is a restriction, and it does not tell where.
    """
    for one in listed(size, "restrictions"):
        kind, info = text(one, "type").casefold(), mapping(one.get("restrictionInfo"))
        places = [*texts(one.get("values")), *texts(info.get("locations"))]
        if kind not in {"location", "zone"} or not places:
            raise NotRead(f"a restriction of {size.get('name')} does not tell where it holds")
        if region(location) not in map(region, places) or (kind == "zone" and zone is None):
            continue
        if kind == "location" or zone in known(texts(info.get("zones")) or None, "its zones"):
            at = "" if kind == "location" else f" in zone {zone}"
            return f"{one.get('reasonCode') or 'no reason given'}{at}"
    return None


def _zones_of(size: Json, location: str) -> list[str]:
    """The zones of a region that a size is offered in; raises NotRead."""
    here = [
        one
        for one in listed(size, "locationInfo")
        if region(text(one, "location")) == region(location)
    ]
    return texts_of(known(here or None, f"the zones of {size.get('name')}")[0], "zones")


def _zones(zones: Sequence[str]) -> str:
    return f"zone {', '.join(sorted(zones))}" if zones else "no zone"


def _free(reservation: Json) -> Counter[str]:
    sku = part(reservation, "sku")
    # Azure leaves the list out where no VM is in it.
    taken = len(listed_or_none(part(reservation, "properties"), "virtualMachinesAssociated"))
    left = max(0, count(sku, "capacity") - taken)
    return Counter({text(sku, "name").casefold(): left})


CHECKS = rows_of(
    Area.CAPACITY,
    ("PRE-070", "the target region has cores for all copies", S, S, T,
     "Ask Azure for more regional vCPUs in the target region.", cores_are_free),
    ("PRE-071", "every VM family has cores for its copies", S, S, T,
     "Ask Azure for more vCPUs of the family named, or recover into another size.",
     families_have_room),
    ("PRE-072", "the target region has room for all VMs", S, S, T,
     "Ask Azure for a higher quota of virtual machines in the target region.",
     machines_have_room),
    ("PRE-073", "the target region has room for all network cards", S, S, T,
     "Ask Azure for a higher quota of network interfaces, or remove what nobody uses.",
     cards_have_room),
    ("PRE-074", "the target region has room for a drill network", S, N, N,
     "Ask Azure for a higher quota, or remove networks, groups and tables that nobody uses.",
     a_mirror_has_room),
    ("PRE-075", "every size is offered in the target region", S, S, T,
     "Choose another target size in the item's settings, or ask Azure to lift the restriction.",
     sizes_are_offered),
    ("PRE-076", "every capacity reservation that items name is there", S, S, N,
     "Make it in the target region, or choose another one in the item's settings.",
     reservations_are_there),
    ("PRE-077", "reserved capacity suffices", T, T, N,
     "Raise the reservation's capacity, or accept that VMs compete for what is free.",
     reservations_hold_enough),
)  # fmt: skip
