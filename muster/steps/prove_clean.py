"""Prove clean: an inventory by ownership; clean is what was read and found gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from muster.compile.graph import Step
from muster.errors import GatewayError, LeftOvers, MusterError
from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.values import ProtectedItem, Resource
from muster.gateway.waiting import TEMPORARY
from muster.journal.events import EventKind, Observed
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import is_there
from muster.steps.history import history_of
from muster.steps.items import item_of
from muster.steps.jobs import TEST_FAILOVER
from muster.steps.missing import missing_from
from muster.steps.pending import undecided
from muster.steps.recorded import baseline, last_observed, owned_ids
from muster.steps.spending import counted, told_on_failure

MACHINE = "microsoft.compute/virtualmachines"
DISK = "microsoft.compute/disks"
NIC = "microsoft.network/networkinterfaces"
PUBLIC_IP = "microsoft.network/publicipaddresses"


@dataclass(slots=True)
class Inventory:
    """What was looked at and found. `unread` is what keeps it from proving anything."""

    looked_in: list[str] = field(default_factory=list)
    left: dict[str, dict[str, str]] = field(default_factory=dict)  # key -> id, kind, why
    unattributed: list[dict[str, str]] = field(default_factory=list)
    expected: list[dict[str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.left and not self.unread

    def add_left(self, arm_id: str, why: str) -> None:
        kind = parse_id(arm_id).type
        self.left.setdefault(key_of(arm_id), {"id": arm_id, "kind": kind, "why": why})

    def as_data(self) -> dict[str, Any]:
        return {
            "what": Observed.INVENTORY.value,
            "looked_in": self.looked_in,
            "left": list(self.left.values()),
            "unattributed": self.unattributed,
            "expected": self.expected,
            "unread": self.unread,
            "clean": self.is_clean,
        }


class NotProven(MusterError):
    """Part of the inventory could not be read, so nothing can be called clean (safety rule 4)."""

    code = "CLEAN-002"
    hint = "See in the report what could not be read; look there, and at the items in the vault."
    exit_code = LeftOvers.exit_code


async def prove_clean(step: Step, run: Run) -> Done:
    """Read back everything this run owns, and everything that is new where it worked.

    Raises:
        LeftOvers: Something of this run is still there.
        NotProven: Something could not be read.
        GatewayError: Azure could not be reached; nothing is said about anything.
    """
    spent = Spent()
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        found = Inventory()
        items = await _items(run, found)
        await _owned(run, found)
        await _group(run, found, items)
        await run.journal.append(EventKind.OBSERVED, found.as_data(), step=step.id)
        if found.left:
            named = "; ".join(f"{one['id']} ({one['why']})" for one in found.left.values())
            raise LeftOvers(f"{len(found.left)} things of this drill are still there: {named}")
        if found.unread:
            raise NotProven(f"Not everything could be read: {'; '.join(found.unread)}")
        facts = {"looked_in": len(found.looked_in), "unattributed": len(found.unattributed)}
        return Done(facts, spent)


def touched(run: Run) -> list[str]:
    """VMs for which this run ever meant to send a test failover."""
    names = [vm.name for vm in run.plan.all_vms]
    return [vm for vm in names if history_of(run, TEST_FAILOVER, vm).ever_intended]


def _keep(found: Inventory, what: str, error: MusterError) -> None:
    """Note what could not be read; in an outage raise, for then the whole is done again."""
    if isinstance(error, TEMPORARY):
        raise error
    found.unread.append(f"{what}: {error.message}")


async def _items(run: Run, found: Inventory) -> dict[str, ProtectedItem]:
    """No item that this run touched has a test failover pending, or a job that may make one."""
    items: dict[str, ProtectedItem] = {}
    for vm in touched(run):
        try:
            item = await item_of(run, vm)
        except MusterError as err:
            _keep(found, f"the protected item of {vm}", err)
            continue
        items[vm] = item
        found.looked_in.append(item.id)
        if item.test_failover_state is not None and _is_ours(run, vm):
            why = f"its test failover is still {item.test_failover_state}"
            found.add_left(item.id, why)
    try:
        found.unread += await undecided(run, items)
    except GatewayError as err:
        _keep(found, f"the jobs of vault {run.vault.name}", err)
    return items


def _is_ours(run: Run, vm: str) -> bool:
    return history_of(run, TEST_FAILOVER, vm).accepted is not None


async def _owned(run: Run, found: Inventory) -> None:
    """Every id ever recorded as this run's is read, whatever was seen of it before."""
    for arm_id in owned_ids(run).values():
        found.looked_in.append(arm_id)
        try:
            if await is_there(run, arm_id):
                found.add_left(arm_id, "this run made it")
        except GatewayError as err:
            _keep(found, arm_id, err)


async def _group(run: Run, found: Inventory, items: Mapping[str, ProtectedItem]) -> None:
    """Whatever is new in the target group: ours, expected, or nobody's."""
    before = baseline(run)
    if before is None:
        if items:
            found.unread.append(
                "what stood in the target resource group before was not taken down"
            )
        return
    found.looked_in.append(run.target_group_id)
    if not same_id(str(before["looked_in"]), run.target_group_id):
        found.unread.append(f"{before['looked_in']}: the run began there, and looks elsewhere now")
    try:
        listed = await run.gateway.resources_of_group(run.target_group_id)
        lacks = await missing_from(run, before["ids"], listed, items.values())
        found.unread += [f"{run.target_group_id}: {why}" for why in lacks]
        await _listed(run, found, listed, before["ids"], items)
    except GatewayError as err:
        _keep(found, run.target_group_id, err)


async def _listed(
    run: Run,
    found: Inventory,
    listed: Sequence[Resource],
    before: Sequence[str],
    items: Mapping[str, ProtectedItem],
) -> None:
    known = {key_of(one) for one in before}
    for resource in listed:
        if key_of(resource.id) in found.left:
            continue
        if key_of(resource.id) not in known:
            await _new(run, found, resource, items)
        elif _is_replica(resource, items):
            found.expected.append({"id": resource.id, "kind": resource.type})


async def _new(
    run: Run, found: Inventory, resource: Resource, items: Mapping[str, ProtectedItem]
) -> None:
    entry = {"id": resource.id, "kind": resource.type}
    if _is_replica(resource, items):
        found.expected.append(entry)
    elif why := await _why_ours(run, resource, items):
        found.add_left(resource.id, why)
    else:
        found.unattributed.append(entry)


def _is_replica(resource: Resource, items: Mapping[str, ProtectedItem]) -> bool:
    """Site Recovery's own replica disks stay between drills."""
    replicas = (one for item in items.values() for one in item.replica_disk_ids)
    is_disk = resource.type.casefold() == DISK
    return any(same_id(resource.id, one) for one in replicas) or (
        is_disk and resource.name.casefold().endswith("-asrreplica")
    )


async def _why_ours(
    run: Run, resource: Resource, items: Mapping[str, ProtectedItem]
) -> str | None:
    """Why a new thing can only come from this drill; None where that cannot be said."""
    for vm, item in items.items():
        if not _is_ours(run, vm):
            continue
        if resource.type.casefold() == MACHINE and _same(resource.name, item.test_vm_name):
            return f"it is the test copy of {vm} by its name, and new"
        if resource.type.casefold() == DISK and any(
            _same(resource.name, name) for name in item.test_disk_names
        ):
            return f"it is a test disk of {vm} by its name, and new"
    if resource.type.casefold() not in {NIC, DISK, PUBLIC_IP}:
        return None
    whole = await run.gateway.resource(resource.id)
    return _attached(run, whole) if whole is not None else None


def _attached(run: Run, resource: Resource) -> str | None:
    """Whether it hangs on something this run owns, or lies in its network."""
    owned = owned_ids(run)
    network = last_observed(run, Observed.NETWORK)
    network_id = key_of(str(network["network_id"])) if network else None
    for reference in _references(resource.properties, resource.raw):
        key = key_of(reference)
        if network_id and key.startswith(network_id + "/subnets/"):
            return "it lies in the drill network"
        for one in owned:
            if key == one or key.startswith(one + "/"):
                return f"it is attached to {owned[one]}"
    return None


def _references(properties: Mapping[str, Any], raw: Mapping[str, Any]) -> list[str]:
    found = [str(raw.get("managedBy") or "")]
    found.append(str((properties.get("virtualMachine") or {}).get("id") or ""))
    found.append(str((properties.get("ipConfiguration") or {}).get("id") or ""))
    for config in properties.get("ipConfigurations") or []:
        subnet = ((config.get("properties") or {}).get("subnet") or {}).get("id")
        found.append(str(subnet or ""))
    return [one for one in found if one]


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
