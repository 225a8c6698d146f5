"""Broken worlds, one for each check: plan, identity, vault, items, points, disks."""

from __future__ import annotations

from muster.plan.actions import Operation
from tests.preflight.bending import (
    HUB_NET,
    TARGET,
    VAULT,
    all_of,
    body_of,
    copied_vm,
    failing_over,
    fault,
    item,
    moved,
    of_item,
    of_plan,
    resource,
    roles,
    source,
    vm_of,
    with_resource,
    without_action,
    without_check,
)
from tests.preflight.looking import DAY, Case

FAILOVER = Operation.FAILOVER


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(f"PRE-{number:03d}" for number in numbers)


def _switched_off(name: str):
    def bend(azure):
        machines = azure.world.machines
        machines[next(one for one in machines if one.endswith(f"/{name}"))]["power"] = (
            "deallocated"
        )

    return bend


def _forget(table: str, ending: str):
    def bend(azure):
        kept = azure.world.table(table)
        for key in [key for key in kept if key.endswith(ending)]:
            del kept[key]

    return bend


def _new_disk(azure):
    profile = body_of(azure, vm_of("web1"))["properties"]["storageProfile"]
    disk = source("Microsoft.Compute/disks", "added")
    profile["dataDisks"] = [{"lun": 0, "name": "added", "managedDisk": {"id": disk}}]


IN_VAULT = ids(*range(3, 16), 17, 19, 25, 27, 28, 29, 32, 33, *range(45, 53),
               *range(55, 60), *range(61, 64), 70, 71, 72, 73, 75, 76, 77, 80, 83, 94,
               95, *range(110, 115), 116, 117)  # fmt: skip
"""What rests on items: without them nothing of it is known."""

CASES = [
    Case("PRE-001", "the plan names another vault",
         IN_VAULT | ids(2, 22, 23, 41, 43, 44, 53, 60, 93, 120),
         plan=of_plan("vault", "name", value="rsv-none")),
    Case("PRE-002", "the vault stands in the source region", ids(43),
         state=moved(VAULT, "eastus")),
    Case("PRE-003", "a VM is not protected", ids(33),
         world=lambda w: w["vaults"][0]["items"].pop(0)),
    Case("PRE-004", "the first copy is not made yet",
         ids(6, 9, 10, 12, 13, 17, 29, 32, 49, 52, 53, 56, 57, 58, 59, 60, 73, 80, 83, 116, 117),
         world=item(protection_state="InitialReplicationInProgress")),
    Case("PRE-005", "a VM has failed over", ids(4, 6, 49),
         state=of_item("sql1", protection_state="UnplannedFailoverCommitPendingStatesBegin")),
    Case("PRE-006", "an item is busy", ids(7, 8), act=failing_over(seconds=20)),
    Case("PRE-007", "somebody's test failover waits", ids(6, 8, 19, 95),
         act=failing_over(seconds=1200)),
    Case("PRE-008", "somebody's job is under way", ids(6, 7),
         act=failing_over(seconds=20)),
    Case("PRE-009", "the RPO is two hours", ids(29), world=item(rpo="2h")),
    Case("PRE-010", "the RPO is of yesterday", ids(11, 57, 58, 59),
         state=lambda a: of_item("sql1", failover={"stopped": a.world.now - DAY})(a)),
    Case("PRE-011", "the source VM is off for most of an hour", ids(29, 58),
         state=lambda a: a.world.table("outages").update(
             {vm_of("sql1").lower(): {"spans": [[a.world.now - 3000, None]]}})),
    Case("PRE-012", "an item's own test settings name the hub",
         world=item(own_test_settings={"network": HUB_NET})),
    Case("PRE-013", "an item's own test settings give a public address",
         world=all_of(
             with_resource("Microsoft.Network/publicIPAddresses", "pip", location="westus2"),
             item(own_test_settings={"public_ip": f"{TARGET}/providers/Microsoft.Network/"
                                     "publicIPAddresses/pip"}))),
    Case("PRE-014", "an item recovers into another group",
         state=of_item("sql1", recovery_group=f"{TARGET}-other")),
    Case("PRE-015", "a VM is in a consistency group", world=item(multi_vm_group="erp")),
    Case("PRE-115", "a consistency group in native mode, as replicate makes it",
         plan=lambda p: p.update(mode="native", replication={"consistency_group": "erp"}),
         world=item(multi_vm_group="erp")),
    Case("PRE-022", "the drill may make no route tables",
         world=without_action("drill-in-target", "Microsoft.Network/routeTables/*")),
    Case("PRE-023", "the operator drills", world=lambda w: w.update(client="muster-operator")),
    Case("PRE-024", "the plan names a VM that is not there",
         ids(3, *range(31, 34), *range(64, 68), 80, 83, 121),
         plan=lambda p: p["groups"][2]["vms"].append("ghost")),
    Case("PRE-025", "an item is set to a smaller size",
         state=of_item("sql1", target={"size": "Standard_E4s_v5"})),
    Case("PRE-025", "an item is set to a size of ARM64, as the plan says", ids(70, 71, 75),
         plan=of_plan("groups", 0, "vms", 0, "size", value="Standard_E8ps_v5"),
         state=of_item("sql1", target={"size": "Standard_E8ps_v5"})),
    Case("PRE-027", "a disk that was added is a health error", ids(33), state=_new_disk),
    Case("PRE-028", "an item recovers into another region",
         state=of_item("sql1", recovery_location="centralus")),
    Case("PRE-029", "the RPO is twenty minutes", world=item(rpo="20m")),
    Case("PRE-033", "a disk was added after the VM was protected", ids(27), state=_new_disk),
    Case("PRE-034", "a runbook does not say what it touches",
         plan=of_plan("groups", 0, "after", 1, "touches")),
    Case("PRE-035", "nothing looks at the application group",
         plan=of_plan("groups", 1, "checks")),
    Case("PRE-036", "nothing looks out from inside", plan=without_check("unreachable")),
    Case("PRE-037", "nothing measures data loss", plan=without_check("data_loss")),
    Case("PRE-038", "nobody is named", plan=of_plan("owner")),
    Case("PRE-039", "drills are not scheduled", plan=of_plan("drill", "schedule")),
    Case("PRE-040", "the drill's identity would fail over", operation=FAILOVER,
         world=lambda w: w.update(client="muster-drill")),
    Case("PRE-041", "an owner drills", ids(23), world=roles({"role": "Owner"})),
    Case("PRE-042", "the caller may not read disks", ids(63),
         world=roles({"role": "more"}, {"role": "drill-in-vault"}, {"role": "drill-in-target"},
                     {"role": "drill-in-automation"},
                     role={"actions": ["*/read"],
                           "not_actions": ["Microsoft.Compute/disks/read"]})),
    Case("PRE-043", "the vault stands in a third region", state=moved(VAULT, "centralus")),
    Case("PRE-044", "the vault is in a failed state",
         state=resource(VAULT, provisioningState="Failed")),
    Case("PRE-045", "there is no way back",
         state=_forget("asr", "westus2-eastus-24-hour-retention-policy")),
    Case("PRE-046", "the networks are mapped one way only",
         state=_forget("asr", "/vnet-erp-asr-vnet-erp")),
    Case("PRE-047", "the policy keeps points for 12 hours",
         world=lambda w: w["vaults"][0]["policy"].update(keep_recovery_points="12h")),
    Case("PRE-048", "an agent expires in ten days", world=item(agent={"expires": "10d"})),
    Case("PRE-049", "a certificate has expired", world=item(agent={"certificate_expires": "0s"})),
    Case("PRE-050", "an agent waits for its update", world=item(agent={"update_required": True})),
    Case("PRE-051", "the plan says Windows",
         plan=of_plan("groups", 2, "vms", 2, "os", value="windows")),
    Case("PRE-052", "an item recovers into the hub", operation=FAILOVER,
         state=of_item("sql1", recovery_network=HUB_NET)),
    Case("PRE-053", "an item lands at another address", operation=FAILOVER,
         state=of_item("sql1", landing={"address": "10.1.0.99"})),
    Case("PRE-053", "an item lands in another subnet than its VM stands in",
         plan=of_plan("groups", 2, "vms", 2, "nics"),
         state=of_item("web3", landing={"subnet": "app"})),
    Case("PRE-019", "the copies of two items are to bear one name",
         state=of_item("web2", target={"test_name": "WEB1-test"})),
    Case("PRE-120", "an item's VM was renamed",
         state=of_item("sql1", target={"name": "sql1-renamed"})),
    Case("PRE-121", "a source VM is switched off", state=_switched_off("sql1")),
    Case("PRE-054", "the target holds a VM of that name", operation=FAILOVER,
         state=lambda a: copied_vm(
             a, "web3", f"{TARGET}/providers/Microsoft.Compute/virtualMachines/web3")),
    Case("PRE-055", "an item's availability set is gone",
         state=of_item("sql1", target={"availability_set": f"{TARGET}/providers/"
                                       "Microsoft.Compute/availabilitySets/gone"})),
    Case("PRE-056", "an item has no recovery points", ids(57, 58, 59, 60),
         faults=fault(newest_point="100d")),
    Case("PRE-057", "no point was made for two hours", ids(58), faults=fault(newest_point="2h")),
    Case("PRE-058", "no points were made for half an hour",
         state=lambda a: of_item("sql1", pauses=[[a.world.now - 4000, a.world.now - 2000]])(
             _with_pauses(a))),
    Case("PRE-059", "no app-consistent points are made", ids(47),
         world=lambda w: w["vaults"][0]["policy"].update(app_consistent_every="0s")),
    Case("PRE-060", "the drill takes a kind that is not made", ids(47, 59),
         plan=of_plan("drill", "recovery_point", value="app-consistent"),
         world=lambda w: w["vaults"][0]["policy"].update(app_consistent_every="0s")),
    Case("PRE-061", "somebody deleted a replica",
         state=lambda a: a.world.remove(
             f"{TARGET}/providers/Microsoft.Compute/disks/sql1-data-ASRReplica")),
    Case("PRE-062", "disks have to be synchronised again", world=item(resync=True)),
    Case("PRE-063", "a disk grew", state=resource(
        source("Microsoft.Compute/disks", "sql1-data"), diskSizeGB=1024)),
    Case("PRE-064", "a VM stands in another region", state=moved(vm_of("sql1"), "centralus")),
    Case("PRE-065", "a VM is in a failed state",
         state=resource(vm_of("sql1"), provisioningState="Failed")),
    Case("PRE-066", "a VM allows no extensions", state=lambda a: body_of(a, vm_of("sql1"))[
        "properties"].setdefault("osProfile", {}).update(allowExtensionOperations=False)),
]  # fmt: skip


def _with_pauses(azure):
    for kept in azure.world.items.values():
        kept.setdefault("pauses", [])
    return azure
