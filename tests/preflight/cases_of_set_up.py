"""Broken worlds for a replication: a plan's VMs run, and nothing is set up that they recover into.

What is broken at the source, in the plan and on our own side is broken the same way as for a
drill; the rest is what a replication alone meets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from tests.in_process.simulated import Azure
from tests.preflight.bending import VAULT, Raw, all_of, body_of, of_plan, source, vm_of
from tests.preflight.cases_of_places import CASES as OF_PLACES
from tests.preflight.cases_of_places import _left_open, _tampered
from tests.preflight.cases_of_replication import CASES as OF_REPLICATION
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case, Ours, drilled_store

REPLICATE = Operation.REPLICATE
APPLYING = frozenset(one.id for one in CHECKS if one.replicate is not Severity.NONE)
_THE_SAME = ids(24, 38, 64, 65, 66, 67, 68, 70, 71, 72, 73, 75, 98, 102, 103, 104, 105, 121)
"""Checks of which the worlds that are broken for a drill are broken for a replication, too."""
_OF_ITEMS = frozenset({"a size is not offered in the zone that an item is set to"})
_LEFT_OUT = ids(24, 64, 65, 121)
"""A VM of which one of these is told is left out, so that not every VM can be replicated."""


def _the_same(case: Case) -> Case:
    """The way out is judged of VMs that were found; a drill's look knows of none that were not."""
    also = case.also & APPLYING - ids(67) | (ids(142) if case.check in _LEFT_OUT else frozenset())
    return replace(case, operation=REPLICATE, also=also, why=f"{case.why}, for a replication")


def _group(name: str, location: str = "westus2") -> Callable[[Raw], object]:
    return lambda world: world["groups"].append({"name": name, "location": location})


def _vault(location: str, state: str = "Succeeded") -> Callable[[Azure], object]:
    """The plan's vault, with nothing in it, in its group."""
    body = {"id": VAULT, "name": "rsv-contoso", "type": "Microsoft.RecoveryServices/vaults",
            "location": location, "properties": {"provisioningState": state}}  # fmt: skip
    return lambda azure: azure.world.put(body)


def _locked(scope: str, level: str = "ReadOnly") -> Callable[[Raw], object]:
    return lambda world: world.update(locks=[{"name": "keep", "scope": scope, "level": level}])


_NETWORKS = {"field": "type", "equals": "Microsoft.Network/virtualNetworks"}
_IN_SOURCE = "/resourceGroups/rg-erp/providers"
_WEB1 = f"{_IN_SOURCE}/Microsoft.Compute/virtualMachines/web1"
_own_cache = of_plan("replication", "cache_storage", value="sterpcache")


def _cache(azure: Azure) -> None:
    """An account in the source's group, so that there is nothing to be made beside the VMs."""
    azure.world.put(
        {"id": source("Microsoft.Storage/storageAccounts", "sterpcache"), "name": "sterpcache",
         "type": "Microsoft.Storage/storageAccounts", "location": "eastus", "kind": "StorageV2",
         "sku": {"name": "Standard_LRS"}, "properties": {"provisioningState": "Succeeded"}}
    )  # fmt: skip


def _role(*actions: str, but: tuple[str, ...] = ()) -> Callable[[Raw], object]:
    """What the caller may do in the whole subscription, and nothing else."""

    def bend(world: Raw) -> None:
        world.setdefault("roles", {})["more"] = {"actions": [*actions], "not_actions": [*but]}
        me = next(one for one in world["identities"] if one["name"] == "muster-operator")
        me["roles"] = [{"role": "more"}]

    return bend


_READER, _CONTRIBUTOR = {"role": "Reader"}, "Contributor"


def _at(role: str, *groups: str) -> list[Raw]:
    return [{"role": role, "scope": f"/resourceGroups/{one}"} for one in groups]


def _roles(*roles: Raw) -> Callable[[Raw], object]:
    """What the caller is assigned, and nothing else."""

    def bend(world: Raw) -> None:
        me = next(one for one in world["identities"] if one["name"] == "muster-operator")
        me["roles"] = list(roles)

    return bend


def _but_vms(world: Raw) -> None:
    """A role that may do everything but write VMs."""
    but = ["Microsoft.Compute/virtualMachines/write"]
    world.setdefault("roles", {})["no-vms"] = {"actions": ["*"], "not_actions": but}


def _denied(rule: Raw, **more: object) -> Callable[[Raw], object]:
    policy = {"name": "kept", "display_name": "Kept", "scope": "", "rule": rule, **more}
    return lambda world: world.update(policies=[policy])


def _after_a_drill(bend: Callable[[Ours], object]) -> Callable[[Ours], object]:
    """Our own side as a drill left it, and then bent."""

    def bent(ours: Ours) -> None:
        ours.store.contents = dict(drilled_store())
        bend(ours)

    return bent


def _other_ranges(world: Raw) -> None:
    """Somebody made the target network, with addresses of its own."""
    world["networks"].append(
        {"name": "vnet-erp-asr", "group": "rg-erp-asr", "ranges": ["10.66.0.0/16"],
         "subnets": {"data": "10.66.0.0/24", "app": "10.66.1.0/24", "web": "10.66.2.0/24"}}
    )  # fmt: skip


def _pay(world: Raw) -> None:
    web = next(vm for vm in world["vms"] if vm["name"] == "web3")
    world["vms"].append(web | {"name": "pay1", "address": "10.1.2.77", "tags": {"tier": "pay"}})


def _by_nvme(azure: Azure) -> None:
    profile = body_of(azure, vm_of("web1"))["properties"]["storageProfile"]
    profile["diskControllerType"] = "NVMe"


CASES = [
    *(_the_same(one) for one in (*OF_REPLICATION, *OF_PLACES)
      if one.check in _THE_SAME and one.why not in _OF_ITEMS),
    Case("PRE-002", "the vault stands in the source region, with nothing in it", ids(43, 141),
         REPLICATE, world=_group("rg-dr"), state=_vault("eastus")),
    Case("PRE-042", "the caller may not read disks, for a replication",
         ids(70, 71, 72, 73, 75, 142), REPLICATE,
         world=_role("*", but=("Microsoft.Compute/disks/read",))),
    Case("PRE-043", "the vault stands in a third region, with nothing in it",
         operation=REPLICATE, world=_group("rg-dr"), state=_vault("centralus")),
    Case("PRE-044", "the vault is in a failed state, with nothing in it",
         operation=REPLICATE, world=_group("rg-dr"), state=_vault("westus2", "Failed")),
    Case("PRE-093", "a lock makes the whole subscription read-only",
         operation=REPLICATE, world=_locked("")),
    Case("PRE-093", "a lock makes the target's group read-only, which is there already",
         operation=REPLICATE,
         world=all_of(_group("rg-erp-asr"), _locked("/resourceGroups/rg-erp-asr"))),
    Case("PRE-093", "a lock makes the vault's group read-only, which is there already",
         operation=REPLICATE,
         world=all_of(_group("rg-dr"), _locked("/resourceGroups/rg-dr"))),
    Case("PRE-093", "a lock makes the source's group read-only, where the cache goes",
         operation=REPLICATE, world=_locked("/resourceGroups/rg-erp")),
    Case("PRE-093", "a lock makes the source's group read-only, where nothing is made",
         operation=REPLICATE, plan=_own_cache, state=_cache,
         world=_locked("/resourceGroups/rg-erp")),
    Case("PRE-094", "a policy denies networks in the target region", operation=REPLICATE,
         world=_denied({"allOf": [
             {"field": "type", "equals": "Microsoft.Network/virtualNetworks"},
             {"field": "location", "equals": "westus2"}]})),
    Case("PRE-094", "a policy wants a tag of every vault", operation=REPLICATE,
         world=_denied({"allOf": [
             {"field": "type", "equals": "Microsoft.RecoveryServices/vaults"},
             {"field": "tags['owner']", "exists": False}]})),
    Case("PRE-094", "a policy denies what is made, and another group than it goes to is exempt",
         operation=REPLICATE,
         world=all_of(_group("rg-erp-asr"),
                      _denied(_NETWORKS, exempt=["/resourceGroups/rg-erp"]))),
    Case("PRE-097", "an earlier drill was never closed", operation=REPLICATE,
         ours=_after_a_drill(_left_open)),
    Case("PRE-106", "somebody changed an earlier drill's journal", operation=REPLICATE,
         ours=_after_a_drill(_tampered)),
    Case("PRE-108", "a VM that bears the tag is replicated, and in no group", operation=REPLICATE,
         plan=of_plan("replication", value={"select": {"tags": {"tier": "pay"}}}), world=_pay),
    Case("PRE-140", "the caller may only read", operation=REPLICATE, world=_role("*/read")),
    Case("PRE-140", "the caller may make no storage account", operation=REPLICATE,
         world=_role("*", but=("Microsoft.Storage/storageAccounts/write",))),
    Case("PRE-140", "the caller may work in the groups that are there, and the target's is not",
         operation=REPLICATE,
         world=all_of(_group("rg-dr"), _roles(_READER, *_at(_CONTRIBUTOR, "rg-erp", "rg-dr")))),
    Case("PRE-140", "the caller may not write the source VMs", operation=REPLICATE,
         world=all_of(_group("rg-dr"), _group("rg-erp-asr"), _but_vms,
                      _roles(_READER, *_at(_CONTRIBUTOR, "rg-dr", "rg-erp-asr"),
                             *_at("no-vms", "rg-erp")))),
    Case("PRE-140", "the caller may join no subnet of the target's group", operation=REPLICATE,
         world=_role("*", but=("Microsoft.Network/virtualNetworks/subnets/join/action",))),
    Case("PRE-140", "the caller may make no vault", operation=REPLICATE,
         world=_role("*", but=("Microsoft.RecoveryServices/vaults/write",))),
    Case("PRE-141", "the target network has other ranges than the source's", ids(142),
         REPLICATE, world=all_of(_group("rg-erp-asr"), _other_ranges)),
    Case("PRE-142", "a VM's disks are attached by NVMe", operation=REPLICATE, state=_by_nvme),
    Case("PRE-143", "a lock makes one VM read-only, which gets an extension", operation=REPLICATE,
         world=_locked(_WEB1)),
    Case("PRE-143", "a lock makes one VM read-only, in whose group nothing is made",
         operation=REPLICATE, plan=_own_cache, state=_cache, world=_locked(_WEB1)),
    Case("PRE-143", "a policy denies the set that one VM is to stand in", operation=REPLICATE,
         plan=of_plan("groups", 2, "vms", 2, value={"name": "web3", "availability_set": "avset"}),
         world=_denied({"field": "type", "equals": "Microsoft.Compute/availabilitySets"})),
]  # fmt: skip

HEALTHY = [
    Case("", "nothing, for a replication into nothing", operation=REPLICATE),
    Case("", "vault and target group are there, and empty", operation=REPLICATE,
         world=all_of(_group("rg-dr"), _group("rg-erp-asr")), state=_vault("westus2")),
    Case("", "every group is there, and the caller may work in each", operation=REPLICATE,
         world=all_of(_group("rg-dr"), _group("rg-erp-asr"),
                      _roles(_READER, *_at(_CONTRIBUTOR, "rg-erp", "rg-dr", "rg-erp-asr"))),
         state=_vault("westus2")),
    Case("", "what is locked is not touched", operation=REPLICATE,
         world=_locked("/resourceGroups/rg-hub")),
    Case("", "nothing is made in the source's group, and its network is locked",
         operation=REPLICATE, plan=_own_cache, state=_cache,
         world=_locked(f"{_IN_SOURCE}/Microsoft.Network/virtualNetworks/vnet-erp")),
    Case("", "a lock keeps from deleting alone", operation=REPLICATE,
         world=_locked("", "CanNotDelete")),
    Case("", "a policy denies what is made, and the group that it goes to is exempt",
         operation=REPLICATE,
         world=all_of(_group("rg-erp-asr"),
                      _denied(_NETWORKS, exempt=["/resourceGroups/rg-erp-asr"]))),
    Case("", "a policy denies what no replication makes", operation=REPLICATE,
         world=_denied({"field": "type", "equals": "Microsoft.Sql/servers"})),
]  # fmt: skip
