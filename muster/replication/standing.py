"""Where recovered VMs stand: zone or availability set, proximity group, capacity reservation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import mapping
from muster.plan.regions import regions
from muster.replication.found import FoundVm
from muster.replication.naming import copy_name, named_id, unique_names
from muster.replication.setting import Setting
from muster.replication.terms import Terms
from muster.replication.wanted import Needed, ResourceWanted

SET = "Microsoft.Compute/availabilitySets"
PROXIMITY = "Microsoft.Compute/proximityPlacementGroups"
RESERVATION = "Microsoft.Compute/capacityReservationGroups"
_LONGEST = 80
_MOST_DOMAINS = 2  # fault domains that every region has; some have three


@dataclass(frozen=True, slots=True)
class Standing:
    """ARM ids, and the zone's number."""

    zone: str | None = None
    availability_set_id: str | None = None
    proximity_group_id: str | None = None
    capacity_reservation_id: str | None = None


class Standings:
    """Says where each VM stands, and which sets and groups have to be made for it."""

    def __init__(self, setting: Setting, vms: tuple[FoundVm, ...]) -> None:
        self._setting = setting
        suffix = len(setting.plan.replication.suffix)
        sets = [vm.availability_set_id for vm in vms if vm.availability_set_id]
        groups = [vm.proximity_group_id for vm in vms if vm.proximity_group_id]
        self._names = {
            **unique_names(sets, _LONGEST - suffix),
            **unique_names(groups, _LONGEST - suffix),
        }
        self._made: dict[str, ResourceWanted] = {}
        self._needed: dict[str, Needed] = {}
        self._users: dict[str, dict[str, None]] = {}  # names of VMs, in their order

    def of(self, vm: FoundVm, terms: Terms) -> Standing:
        """Where a VM stands: as the plan says, else as at the source if the plan mirrors it."""
        zone, group = self._zone_or_set(vm, terms)
        proximity = None
        if terms.proximity_group:
            proximity = self._named(vm, terms.proximity_group, PROXIMITY)
        elif terms.mirror and vm.proximity_group_id:
            proximity = self._proximity(vm.proximity_group_id)
        reservation = terms.capacity_reservation
        return Standing(
            zone,
            group,
            proximity,
            self._named(vm, reservation, RESERVATION) if reservation else None,
        )

    def resources(self) -> tuple[ResourceWanted, ...]:
        return tuple(self._made.values())

    def needed(self) -> tuple[Needed, ...]:
        return tuple(self._needed.values())

    def _zone_or_set(self, vm: FoundVm, terms: Terms) -> tuple[str | None, str | None]:
        if terms.zone:
            return terms.zone, None
        if terms.availability_set:
            return None, self._set_named(terms.availability_set)
        if self._setting.plan.is_zonal:
            return _next_zone(vm.zone), None  # what is in no zone yet has been refused
        if not terms.mirror:
            return None, None
        if vm.zone:
            known = regions().get(self._setting.plan.target.region)
            return (vm.zone if known is None or known.zones else None), None
        return None, self._set_of(vm.availability_set_id) if vm.availability_set_id else None

    def _set_of(self, source_id: str) -> str:
        name = copy_name(self._names[key_of(source_id)], self._suffix, _LONGEST)
        why = f"the mirror of availability set {parse_id(source_id).name}"
        return self._set(named_id(name, self._group, SET), source_id, why)

    def _set_named(self, name: str) -> str:
        set_id = named_id(name, self._group, SET)
        if name.startswith("/"):
            self._needed[key_of(set_id)] = Needed(set_id, "an `availability_set` of the plan")
            return set_id
        return self._set(set_id, None, "an `availability_set` of the plan")

    def _set(self, set_id: str, source_id: str | None, why: str) -> str:
        told = self._setting.found.resource(source_id)
        counts = mapping(told.properties) if told else {}
        body = {
            "location": self._setting.plan.target.region,
            "sku": {"name": "Aligned"},  # for managed disks
            "properties": {
                "platformFaultDomainCount": min(
                    _count(counts, "platformFaultDomainCount", _MOST_DOMAINS), _MOST_DOMAINS
                ),
                "platformUpdateDomainCount": _count(counts, "platformUpdateDomainCount", 5),
            },
        }
        self._made[key_of(set_id)] = ResourceWanted(
            set_id, body, why, (parse_id(set_id).group_id,)
        )
        return set_id

    def _proximity(self, source_id: str) -> str:
        name = copy_name(self._names[key_of(source_id)], self._suffix, _LONGEST)
        group_id = named_id(name, self._group, PROXIMITY)
        body = {
            "location": self._setting.plan.target.region,
            "properties": {"proximityPlacementGroupType": "Standard"},
        }
        why = f"the mirror of proximity placement group {parse_id(source_id).name}"
        made = ResourceWanted(group_id, body, why, (self._group,))
        self._made[key_of(group_id)] = made
        return group_id

    def _named(self, vm: FoundVm, name: str, arm_type: str) -> str:
        arm_id = named_id(name, self._group, arm_type)
        users = self._users.setdefault(key_of(arm_id), {})
        users[vm.name] = None
        verb = "is" if len(users) == 1 else "are"
        self._needed[key_of(arm_id)] = Needed(
            arm_id, f"{', '.join(users)} {verb} to recover into it"
        )
        return arm_id

    @property
    def _suffix(self) -> str:
        return self._setting.plan.replication.suffix

    @property
    def _group(self) -> str:
        return self._setting.target_group_id


def _count(counts: Mapping[str, object], key: str, default: int) -> int:
    value = counts.get(key)
    return value if isinstance(value, int) and value > 0 else default


def _next_zone(zone: str | None) -> str | None:
    """Another zone of the same region: 1 recovers into 2, 2 into 3, 3 into 1."""
    return {"1": "2", "2": "3", "3": "1"}.get(zone or "")


def ordered(resources: Iterator[ResourceWanted]) -> tuple[ResourceWanted, ...]:
    """Each resource once, by its id; the first that was named counts."""
    by_key: dict[str, ResourceWanted] = {}
    for one in resources:
        by_key.setdefault(key_of(one.id), one)
    return tuple(by_key.values())
