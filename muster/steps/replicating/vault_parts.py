"""The vault's set-up: both regions, their containers, the policy, the mappings there and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from muster.compile.graph import Step
from muster.errors import MusterError, StepFailed
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.parse_setup import (
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.values import Resource
from muster.replication.comparing_vault import others_under
from muster.replication.part_ids import (
    container_id,
    fabric_id,
    mapping_id,
    network_mapping_id,
    policy_id,
)
from muster.replication.wanted import (
    FabricWanted,
    MappingWanted,
    NetworkMappingWanted,
    PolicyWanted,
    Wanted,
)
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.replicating.awaiting import first_missing, shown, tell_not_made
from muster.steps.replicating.deeds import Deed, Look, bring_about, is_change
from muster.steps.replicating.standing_apart import is_to_change
from muster.steps.replicating.together import all_of
from muster.steps.replicating.wanted_of import wanted_of
from muster.steps.spending import told_on_failure

# How long each took where it was recorded.
FABRIC_TAKES = timedelta(seconds=68)
MAPPING_TAKES = timedelta(seconds=70)
SOON = timedelta(seconds=5)
MAKE_POLICY, MAP_NETWORKS = "make-policy", "map-networks"
NETWORK_MAPPING = "network mapping"
Failed = Callable[[Deed, MusterError], Awaitable[None]]
"""Hears of a deed that failed."""
Fits = Callable[[Resource], str | None]
"""What keeps a part from being as wanted, in words; None: nothing does."""


async def make_fabrics(step: Step, run: Run) -> Done:
    """Have both regions known to the vault; zone to zone has but one.

    Raises:
        StepFailed, GatewayError: As `bring_about`; both are followed to their end first.
    """
    wanted = wanted_of(run)
    fabrics = {one.name.casefold(): one for one in (wanted.source, wanted.target)}
    return await _all(step, run, [_fabric(run, wanted, one) for one in fabrics.values()])


async def make_containers(step: Step, run: Run) -> Done:
    """Have a protection container on each side."""
    wanted = wanted_of(run)
    sides = {container_id(wanted, one).casefold(): one for one in (wanted.source, wanted.target)}
    return await _all(step, run, [_container(run, wanted, one) for one in sides.values()])


async def make_policy(step: Step, run: Run) -> Done:
    """Have the replication policy, on the terms of the plan: one of ours that differs is changed.

    Raises:
        StepFailed: STEP-045: one that is not ours differs, or items of others are under ours.
    """
    wanted = wanted_of(run)
    this = policy_id(wanted)
    read = partial(run.gateway.setup_part, this)
    change = is_to_change(run, this) and await is_change(run, MAKE_POLICY, this, read)
    if change:
        await _require_nobody_else(run, wanted)
    return await _all(step, run, [_policy(run, wanted, change=change)])


async def _require_nobody_else(run: Run, wanted: Wanted) -> None:
    """Asked again right before: the survey may be old, and the terms hold for all alike."""
    items = await run.gateway.protected_items(wanted.vault.ref)
    if others := others_under(wanted, items, policy_id(wanted)):
        raise StepFailed(
            f"The policy {wanted.policy.name} is to be changed, and it holds for VMs that are not "
            f"the plan's: {others}",
            code="STEP-045",
            hint="Name a policy of its own in the plan: `replication: {policy: {name: NAME}}`.",
        )


async def map_containers(step: Step, run: Run) -> Done:
    """Have the containers mapped to each other, both ways, so that reprotect works later."""
    wanted = wanted_of(run)
    return await _all(step, run, [_mapping(run, wanted, one) for one in wanted.mappings])


async def map_networks(step: Step, run: Run) -> Done:
    """Have the networks mapped to each other, both ways.

    A mapping whose network was not made is left out, and told to those who need it; so is one
    that fails, which fails the step.
    """
    wanted = wanted_of(run)
    made = {key_of(one.id) for one in wanted.resources}
    deeds = []
    for one in wanted.network_mappings:
        this = network_mapping_id(wanted, one)
        ends = (one.source_network_id, one.target_network_id)
        if missing := first_missing(run, [end for end in ends if key_of(end) in made]):
            await tell_not_made(run, step, NETWORK_MAPPING, this, f"needs {missing}")
            continue
        may = is_to_change(run, this)
        read = partial(run.gateway.setup_part, this)
        change = may and await is_change(run, MAP_NETWORKS, this, read)
        deeds.append(_network_mapping(run, wanted, one, change=change))
    return await _all(step, run, deeds, partial(_told_network, run, step))


async def _told_network(run: Run, step: Step, deed: Deed, err: MusterError) -> None:
    await tell_not_made(run, step, NETWORK_MAPPING, deed.id, shown(err))


async def _all(step: Step, run: Run, deeds: Sequence[Deed], failed: Failed | None = None) -> Done:
    spent = Spent()
    deadline = Deadline.of(step, run.clock)

    async def one(deed: Deed) -> str:
        try:
            return await bring_about(run, step, deed, deadline, spent)
        except MusterError as err:
            if failed is not None:
                await failed(deed, err)
            raise

    with told_on_failure(spent):
        ended = await all_of([one(deed) for deed in deeds])
    return Done({deed.name: how for deed, how in zip(deeds, ended, strict=True)}, spent)


def _fabric(run: Run, wanted: Wanted, fabric: FabricWanted) -> Deed:
    def wrong(found: Resource) -> str | None:
        region = parse_fabric(found.raw).region
        return None if region.casefold() == fabric.region.casefold() else f"is of {region}"

    this = fabric_id(wanted, fabric)
    return Deed(
        act="make-fabric", kind="fabric", name=fabric.name, id=this, scenario="CreateSite",
        about=fabric.name, look=_looking(run, this, wrong, changes=False),
        send=lambda: run.gateway.make_fabric(wanted.vault.ref, fabric.name, fabric.region),
        request={"id": this, "region": fabric.region}, expected=FABRIC_TAKES,
    )  # fmt: skip


def _container(run: Run, wanted: Wanted, fabric: FabricWanted) -> Deed:
    this = container_id(wanted, fabric)
    return Deed(
        act="make-container", kind="protection container", name=fabric.container, id=this,
        scenario="CreateCloud", about=fabric.container,
        look=_looking(run, this, lambda _: None, changes=False),
        send=lambda: run.gateway.make_container(fabric_id(wanted, fabric), fabric.container),
        request={"id": this}, expected=SOON,
    )  # fmt: skip


def _policy(run: Run, wanted: Wanted, *, change: bool) -> Deed:
    policy, this = wanted.policy, policy_id(wanted)
    return Deed(
        act=MAKE_POLICY, kind="replication policy", name=policy.name, id=this,
        scenario="ModifyProtectionProfile" if change else "AddProtectionProfile",
        about=None,  # recorded jobs call a policy by an internal name
        look=_looking(run, this, lambda found: _wrong_terms(policy, found), changes=change),
        send=lambda: run.gateway.make_policy(
            wanted.vault.ref, policy.name, app_consistent_every=policy.app_consistent_every,
            keep_recovery_points=policy.keep_recovery_points,
            multi_vm_sync=policy.multi_vm_sync, change=change,
        ),
        request={"id": this, "change": change, **_terms(policy)}, expected=SOON,
        how="changed" if change else "created",
    )  # fmt: skip


def _mapping(run: Run, wanted: Wanted, mapping: MappingWanted) -> Deed:
    source, target = container_id(wanted, mapping.source), container_id(wanted, mapping.target)
    this, policy = mapping_id(wanted, mapping), policy_id(wanted)

    def wrong(found: Resource) -> str | None:
        told = parse_mapping(found.raw)
        if not same_id(told.target_container_id, target):
            return f"leads to {told.target_container_id}"
        if not same_id(told.policy_id, policy):
            return f"follows the policy {told.policy_id.rpartition('/')[2]}"
        return None

    return Deed(
        act="map-containers", kind="container mapping", name=mapping.name, id=this,
        scenario="AssociateProtectionProfile", about=None,
        look=_looking(run, this, wrong, changes=False),
        send=lambda: run.gateway.map_containers(source, mapping.name, target, policy),
        request={"id": this, "target": target, "policy": policy}, expected=MAPPING_TAKES,
    )  # fmt: skip


def _network_mapping(
    run: Run, wanted: Wanted, mapping: NetworkMappingWanted, *, change: bool
) -> Deed:
    networks = (mapping.source_network_id, mapping.target_network_id)
    this, fabric = network_mapping_id(wanted, mapping), fabric_id(wanted, mapping.source)

    def wrong(found: Resource) -> str | None:
        told = parse_network_mapping(found.raw)
        for wants, has in zip(
            networks, (told.source_network_id, told.target_network_id), strict=True
        ):
            if not same_id(wants, has):
                return f"maps {has}, not {wants}"
        return None

    return Deed(
        act=MAP_NETWORKS, kind=NETWORK_MAPPING, name=mapping.name, id=this,
        scenario="NetworkPairing", about=None, look=_looking(run, this, wrong, changes=change),
        send=lambda: run.gateway.map_networks(
            fabric, mapping.name, mapping.target.name, networks, change=change
        ),
        request={"id": this, "change": change, "networks": list(networks)}, expected=SOON,
        how="changed" if change else "created",
    )  # fmt: skip


def _looking(run: Run, this: str, wrong: Fits, *, changes: bool) -> Callable[[], Awaitable[Look]]:
    """How a part is looked at.

    Args:
        run: Whose gateway.
        this: The part's id.
        wrong: What keeps it from being as wanted.
        changes: Whether one that is there and differs is changed; else that is a refusal.
    """

    async def look() -> Look:
        found = await run.gateway.setup_part(this)
        if found is None:
            return Look(there=False, fits=False, shown="not there")
        why = wrong(found)
        if why is not None and not changes:
            raise StepFailed(
                f"{parse_id(this).name} is in the vault already, and {why}",
                code="STEP-045",
                hint="Muster does not change what others made: remove it in the vault, or choose "
                "another name in the plan.",
            )
        return Look(there=True, fits=why is None, shown=why or "as wanted")

    return look


def _wrong_terms(policy: PolicyWanted, found: Resource) -> str | None:
    told = parse_policy(found.raw)
    has = {
        "app_consistent_every": told.app_consistent_every,
        "keep_recovery_points": told.keep_recovery_points,
        "multi_vm_sync": told.multi_vm_sync,
    }
    for name, value in has.items():
        if value != getattr(policy, name):
            return f"{name} is {value}, not {getattr(policy, name)}"
    return None


def _terms(policy: PolicyWanted) -> dict[str, Any]:
    return {
        "app_consistent_minutes": policy.app_consistent_every / timedelta(minutes=1),
        "keep_minutes": policy.keep_recovery_points / timedelta(minutes=1),
        "multi_vm_sync": policy.multi_vm_sync,
    }
