"""Fabrics, containers, policy and mappings: what is wanted in a vault, compared with what is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from muster.gateway.ids import key_of, last_of, same_id
from muster.gateway.values import ProtectedItem
from muster.gateway.values_setup import ContainerMapping, NetworkMapping, ReplicationPolicy
from muster.plan.durations import format_duration
from muster.replication.change import Act, Change, FieldChange, Kind
from muster.replication.comparing_groups import compare_groups
from muster.replication.found import Found
from muster.replication.item_details import policy_of
from muster.replication.part_ids import (
    container_id,
    fabric_id,
    mapping_id,
    network_mapping_id,
    policy_id,
)
from muster.replication.wanted import MappingWanted, NetworkMappingWanted, PolicyWanted, Wanted

_PAIRED = "paired"


def compare_vault(wanted: Wanted, found: Found) -> Iterator[Change]:
    """What has to be in the vault before a VM is protected."""
    yield from _fabrics(wanted, found)
    yield from compare_groups(wanted, found)
    yield _policy(wanted, found)
    for mapping in wanted.mappings:
        yield _mapping(wanted, mapping, found)
    for network in wanted.network_mappings:
        yield _network_mapping(wanted, network, found)


def _fabrics(wanted: Wanted, found: Found) -> Iterator[Change]:
    fabrics = {one.name.casefold(): one for one in (wanted.source, wanted.target)}
    there = {key_of(one.id) for one in found.setup.fabrics}
    there |= {key_of(one.id) for one in found.setup.containers}
    for fabric in fabrics.values():
        arm_id = fabric_id(wanted, fabric)
        is_there = key_of(arm_id) in there
        why = "it is there" if is_there else f"{fabric.region} is not known to the vault yet"
        act = Act.LEAVE if is_there else Act.CREATE
        yield Change(act, Kind.FABRIC, fabric.name, arm_id, why, wanted=fabric)
    for fabric, role in ((wanted.source, "holds the items"), (wanted.target, "is recovered into")):
        arm_id = container_id(wanted, fabric)
        is_there = key_of(arm_id) in there
        why = "it is there" if is_there else f"the container that {role}"
        act = Act.LEAVE if is_there else Act.CREATE
        yield Change(act, Kind.CONTAINER, fabric.container, arm_id, why, wanted=fabric)


def _policy(wanted: Wanted, found: Found) -> Change:
    policy, arm_id = wanted.policy, policy_id(wanted)
    now = next((one for one in found.setup.policies if same_id(one.id, arm_id)), None)
    if now is None:
        why = _terms(policy)
        return Change(Act.CREATE, Kind.POLICY, policy.name, arm_id, why, wanted=policy)
    fields = tuple(_policy_fields(policy, now))
    if not fields:
        return Change(Act.LEAVE, Kind.POLICY, policy.name, arm_id, "it is there", wanted=policy)
    why = "its terms were changed since, or are not the plan's"
    return Change(Act.CHANGE, Kind.POLICY, policy.name, arm_id, why, fields, wanted=policy)


def refused_policy(change: Change, others: str) -> Change:
    """The refusal of a policy's change; `others` as `others_under` names them."""
    why = f"its terms are not the plan's, and it holds for VMs that are not the plan's: {others}"
    remedy = "Name a policy of its own in the plan: `replication: {policy: {name: NAME}}`."
    return replace(change, act=Act.REFUSE, why=why, remedy=remedy, wanted=None)


def _terms(policy: PolicyWanted) -> str:
    every = policy.app_consistent_every
    app = f"app-consistent every {_hours(every)}" if every else "crash-consistent only"
    return f"points kept {_hours(policy.keep_recovery_points)}, {app}"


def _hours(span: timedelta) -> str:
    """In hours, as plans, portal and policies' names count them: 24h, not 1d."""
    hours, rest = divmod(span, timedelta(hours=1))
    return format_duration(span) if rest or not hours else f"{hours}h"


def _policy_fields(policy: PolicyWanted, now: ReplicationPolicy) -> Iterator[FieldChange]:
    spans = (
        ("keep recovery points", now.keep_recovery_points, policy.keep_recovery_points),
        ("app-consistent every", now.app_consistent_every, policy.app_consistent_every),
    )
    for name, before, after in spans:
        if before != after:
            yield FieldChange(name, _span(before), _span(after))
    if now.multi_vm_sync != policy.multi_vm_sync:
        yield FieldChange(
            "multi-VM consistency", _on(now.multi_vm_sync), _on(policy.multi_vm_sync)
        )


def _on(value: bool) -> str:  # noqa: FBT001
    return "on" if value else "off"


def _span(span: timedelta) -> str:
    return _hours(span) if span else "off"


def others_under(wanted: Wanted, items: Iterable[ProtectedItem], arm_id: str) -> str:
    """Items under a policy that are of no VM of the plan's, as people read them: neither one that
    is replicated now nor one that a run of the plan enabled.
    """
    ours = {key_of(vm.source_vm_id) for vm in wanted.vms} | set(wanted.own_vms)
    others = [
        item.friendly_name
        for item in items
        if same_id(policy_of(item), arm_id) and key_of(item.source_vm_id) not in ours
    ]
    return ", ".join(sorted(others)[:5])


def _mapping(wanted: Wanted, mapping: MappingWanted, found: Found) -> Change:
    arm_id, name = mapping_id(wanted, mapping), mapping.name
    now = next((one for one in found.setup.mappings if same_id(one.id, arm_id)), None)
    if now is None:
        why = f"{mapping.source.container} recovers into {mapping.target.container}"
        return Change(Act.CREATE, Kind.MAPPING, name, arm_id, why, wanted=mapping)
    fields = tuple(_mapping_fields(wanted, mapping, now))
    if fields:
        why = "a mapping of that name leads elsewhere, and it cannot be changed"
        remedy = "Remove it from the vault once nothing replicates by it, then run this again."
        return Change(Act.REFUSE, Kind.MAPPING, name, arm_id, why, fields, remedy)
    return _paired(Kind.MAPPING, name, arm_id, now.state, mapping)


def _mapping_fields(
    wanted: Wanted, mapping: MappingWanted, now: ContainerMapping
) -> Iterator[FieldChange]:
    target, policy = container_id(wanted, mapping.target), policy_id(wanted)
    if not same_id(now.target_container_id, target):
        yield FieldChange("target container", last_of(now.target_container_id), last_of(target))
    if not same_id(now.policy_id, policy):
        yield FieldChange("policy", last_of(now.policy_id), last_of(policy))


def _network_mapping(wanted: Wanted, mapping: NetworkMappingWanted, found: Found) -> Change:
    arm_id, name = network_mapping_id(wanted, mapping), mapping.name
    now = next((one for one in found.setup.network_mappings if same_id(one.id, arm_id)), None)
    if now is None:
        here, there = last_of(mapping.source_network_id), last_of(mapping.target_network_id)
        why = f"{here} recovers into {there}"
        return Change(Act.CREATE, Kind.NETWORK_MAPPING, name, arm_id, why, wanted=mapping)
    fields = tuple(_network_fields(mapping, now))
    if fields:
        why = "it leads elsewhere than the plan says"
        return Change(Act.CHANGE, Kind.NETWORK_MAPPING, name, arm_id, why, fields, wanted=mapping)
    return _paired(Kind.NETWORK_MAPPING, name, arm_id, now.state, mapping)


def _network_fields(mapping: NetworkMappingWanted, now: NetworkMapping) -> Iterator[FieldChange]:
    for name, before, after in (
        ("source network", now.source_network_id, mapping.source_network_id),
        ("target network", now.target_network_id, mapping.target_network_id),
    ):
        if not same_id(before, after):
            yield FieldChange(name, before, after)


def _paired(
    kind: Kind, name: str, arm_id: str, state: str, wanted: MappingWanted | NetworkMappingWanted
) -> Change:
    if state.casefold() == _PAIRED:
        return Change(Act.LEAVE, kind, name, arm_id, "it is there", wanted=wanted)
    why = f"it is there, and its state is {state or 'not told'}, not Paired"
    remedy = "Wait for its job in the vault; if there is none, remove it and run this again."
    return Change(Act.REFUSE, kind, name, arm_id, why, remedy=remedy)
