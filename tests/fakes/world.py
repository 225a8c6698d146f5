"""The state behind `FakeGateway`: items, points, VMs, resources, and the knobs of bad days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from muster.gateway.ids import key_of
from muster.gateway.values import (
    ItemIpConfig,
    ItemNic,
    JobError,
    Json,
    Permission,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    VaultRef,
    VirtualMachine,
)
from muster.plan.model import RecoveryPlan, Vm
from tests.fakes.bodies import item_body, vm_body

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
Answer = tuple[int, str, str]  # exit code, stdout, stderr


@dataclass
class Placement:
    """How ASR puts a test copy elsewhere than it was told; None = as told."""

    network: str | None = None  # ARM id
    subnet: str | None = None  # name
    ip: str | None = None
    size: str | None = None
    nsg: str | None = None  # ARM id
    public_ip: bool = False


@dataclass
class FakeWorld:
    """What a test may look at or bend. Keys of `vms`, `resources`, `points` are `key_of(id)`."""

    vault: VaultRef
    vault_there: bool = True
    vault_location: str = "westus2"
    items: dict[str, ProtectedItem] = field(default_factory=dict)  # by VM name
    points: dict[str, list[RecoveryPoint]] = field(default_factory=dict)
    vms: dict[str, VirtualMachine] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = (Permission(("*",), ()),)
    subscriptions: tuple[str, ...] = (SUBSCRIPTION,)
    setup: dict[str, Json] = field(default_factory=dict)  # fabrics … mappings, by `key_of(id)`
    first_copies: dict[str, datetime] = field(default_factory=dict)  # VM -> when it is protected
    lists: dict[str, tuple[Json, ...]] = field(default_factory=dict)  # by key_of(path), no query
    ahead: timedelta | None = timedelta()  # Azure's clock against ours

    # --- knobs, all by VM name unless said otherwise ---------------------------------------------
    failing_failovers: dict[str, str] = field(default_factory=dict)  # -> ASR's message
    failing_enables: dict[str, str] = field(default_factory=dict)  # -> ASR's message
    ineligible: dict[str, tuple[JobError, ...]] = field(default_factory=dict)
    unusable_points: set[str] = field(default_factory=set)  # ids that no test failover can use
    failing_cleanups: dict[str, str] = field(default_factory=dict)
    never_boots: set[str] = field(default_factory=set)
    placements: dict[str, Placement] = field(default_factory=dict)
    no_copies: set[str] = field(default_factory=set)  # a test failover "succeeds", and makes none
    left_overs: set[str] = field(default_factory=set)  # cleanup "succeeds", the copy stays
    still_pending: set[str] = field(default_factory=set)  # a cleanup "succeeds", and ends nothing
    jobs_that_hang: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)  # key_of(id): reading it raises AZ-403
    forbidden_acts: set[str] = field(default_factory=set)  # names of methods that raise AZ-403
    answer: Callable[[str, str, str], Answer] = lambda vm, name, script: (0, "", "")
    silent_commands: set[str] = field(default_factory=set)  # VM names whose commands never end
    runbooks: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # name -> final status, output
    points_take: timedelta = timedelta()  # to be listed
    failover_takes: timedelta = timedelta(minutes=3, seconds=23)
    cleanup_takes: timedelta = timedelta(seconds=90)
    boot_takes: timedelta = timedelta(seconds=45)  # from the job's end to agent ready
    command_takes: timedelta = timedelta(seconds=20)
    runbook_takes: timedelta = timedelta(seconds=40)

    def add(self, resource: Resource) -> Resource:
        self.resources[key_of(resource.id)] = resource
        return resource

    def group_id(self, name: str) -> str:
        return f"/subscriptions/{self.vault.subscription}/resourceGroups/{name}"


def a_resource(
    resource_id: str, arm_type: str, *, location: str = "westus2", **properties: object
) -> Resource:
    """A resource as the generic client would show it, provisioned."""
    body = {"provisioningState": "Succeeded", **properties}
    name = resource_id.rpartition("/")[2]
    raw: Json = {"id": resource_id, "name": name, "type": arm_type, "properties": body}
    return Resource(resource_id, name, arm_type, location, {}, body, raw)


def a_network(resource_id: str, prefix: str, subnets: dict[str, str], location: str) -> Resource:
    """A virtual network; `subnets` maps names to prefixes."""
    return a_resource(
        resource_id,
        "Microsoft.Network/virtualNetworks",
        location=location,
        addressSpace={"addressPrefixes": [prefix]},
        subnets=[
            {
                "id": f"{resource_id}/subnets/{name}",
                "name": name,
                "properties": {"addressPrefix": subnet},
            }
            for name, subnet in subnets.items()
        ],
        virtualNetworkPeerings=[],
    )


def world_for(plan: RecoveryPlan, now: datetime) -> FakeWorld:
    """A healthy world for a plan: all VMs protected, a point every 5 minutes, equal networks."""
    world = FakeWorld(VaultRef(SUBSCRIPTION, plan.vault.resource_group, plan.vault.name))
    subnets = {"default": "10.1.255.0/24"}
    for number, vm in enumerate(plan.all_vms):
        nic = vm.nics[0] if vm.nics else None
        subnet = (nic.subnet if nic else None) or "default"
        subnets.setdefault(subnet, f"10.1.{len(subnets) - 1}.0/24")
        ip = (nic.private_ip if nic else None) or f"10.1.255.{number + 10}"
        _protect(world, plan, vm, subnet, ip, now)
    groups = {
        plan.source.resource_group: plan.source.region,
        plan.target_resource_group: plan.target.region,
        plan.vault.resource_group: plan.target.region,
    }
    for group, region in groups.items():
        arm_type = "Microsoft.Resources/resourceGroups"
        world.add(a_resource(world.group_id(group), arm_type, location=region))
    for name, group, region in (
        (plan.source.network, plan.source.resource_group, plan.source.region),
        (plan.target_network, plan.target_resource_group, plan.target.region),
    ):
        world.add(a_network(_network_id(world, name, group), "10.1.0.0/16", subnets, region))
    for _, _, _, action in plan.actions():
        if runbook := getattr(action, "runbook", None):
            world.runbooks.setdefault(runbook.name, ("Completed", ""))
            _account(world, runbook.account)
    set_up(world, plan)
    return world


def _account(world: FakeWorld, name: str) -> None:
    kind = "Microsoft.Automation/automationAccounts"
    short = f"{world.vault.id.partition('/providers/')[0]}/providers/{kind}/{name}"
    made = a_resource(name if name.startswith("/") else short, kind, state="Ok")
    raw = {**made.raw, "identity": {"type": "SystemAssigned"}}
    world.add(replace(made, raw=raw))


def set_up(world: FakeWorld, plan: RecoveryPlan) -> None:
    """What replication was set up with, and room for it in the target: lists of ARM."""
    vault, policy = world.vault.id, plan.replication.policy
    terms = {
        "instanceType": "A2A",
        "recoveryPointHistory": policy.keep_recovery_points.total_seconds() // 60,
        "appConsistentFrequencyInMinutes": policy.app_consistent_every.total_seconds() // 60,
    }
    policy_row = {
        "id": f"{vault}/replicationPolicies/policy",
        "properties": {"friendlyName": "policy", "providerSpecificDetails": terms},
    }
    source = _network_id(world, plan.source.network, plan.source.resource_group)
    target = _network_id(world, plan.target_network, plan.target_resource_group)
    regions = (plan.source.region, plan.target.region)
    sides = ((regions, source, target), (regions[::-1], target, source))
    world.lists |= {
        key_of(f"{vault}/replicationPolicies"): (policy_row,),
        key_of(f"{vault}/replicationProtectionContainerMappings"): tuple(
            {
                "id": f"{container_of(world, here)}/replicationProtectionContainerMappings"
                f"/to-{there}",
                "properties": {
                    "targetProtectionContainerId": container_of(world, there),
                    "policyId": policy_row["id"],
                    "sourceFabricFriendlyName": here,
                    "targetFabricFriendlyName": there,
                    "state": "Paired",
                },
            }
            for (here, there), *_ in sides
        ),
        key_of(f"{vault}/replicationNetworkMappings"): tuple(
            {
                "id": f"{vault}/replicationFabrics/asr-a2a-{here}/networkMappings/{there}",
                "properties": {
                    "primaryNetworkId": mine,
                    "recoveryNetworkId": theirs,
                    "state": "Paired",
                },
            }
            for (here, there), mine, theirs in sides
        ),
    }


def container_of(world: FakeWorld, region: str) -> str:
    """Id of the protection container of a region."""
    fabric = f"{world.vault.id}/replicationFabrics/asr-a2a-{region}"
    return f"{fabric}/replicationProtectionContainers/container"


def _network_id(world: FakeWorld, name: str, group: str) -> str:
    short = f"{world.group_id(group)}/providers/Microsoft.Network/virtualNetworks/{name}"
    return name if name.startswith("/") else short


def _cache_of(world: FakeWorld, plan: RecoveryPlan) -> str:
    """Id of the account in the source region that changes go through, which is made."""
    kind = "Microsoft.Storage/storageAccounts"
    account = f"{world.group_id(plan.source.resource_group)}/providers/{kind}/cacheasr"
    made = a_resource(account, kind, location=plan.source.region, allowSharedKeyAccess=True,
        networkAcls={"defaultAction": "Allow", "bypass": "AzureServices"})  # fmt: skip
    raw = {**made.raw, "kind": "StorageV2", "location": plan.source.region}
    world.add(replace(made, raw=raw))
    return account


def _protect(
    world: FakeWorld, plan: RecoveryPlan, vm: Vm, subnet: str, ip: str, now: datetime
) -> None:
    source = world.group_id(plan.source.resource_group)
    target = world.group_id(plan.target_resource_group)
    vm_id = f"{source}/providers/Microsoft.Compute/virtualMachines/{vm.name}"
    policy = f"{world.vault.id}/replicationPolicies/policy"
    nic_id = f"{source}/providers/Microsoft.Network/networkInterfaces/{vm.name}-nic"
    disk = f"{source}/providers/Microsoft.Compute/disks/{vm.name}-os"
    replica = f"{target}/providers/Microsoft.Compute/disks/{vm.name}-os-ASRReplica"
    network = _network_id(world, plan.target_network, plan.target_resource_group)
    size = vm.size or "Standard_D2s_v5"
    item_id = f"{container_of(world, plan.source.region)}/replicationProtectedItems/{vm.name}-item"
    nic = ItemNic(
        nic_id, None, None, (ItemIpConfig("ipconfig1", True, subnet, ip, None, None, None),)
    )
    body = item_body(nic, disk, replica, _cache_of(world, plan), policy)
    body["properties"]["recoveryContainerId"] = container_of(world, plan.target.region)
    world.items[vm.name] = ProtectedItem(
        id=item_id, name=f"{vm.name}-item", friendly_name=vm.name, source_vm_id=vm_id,
        recovery_vm_name=vm.name, test_vm_name=f"{vm.name}-test", os=vm.os.capitalize(),
        recovery_size=size, recovery_resource_group_id=target, recovery_network_id=network,
        test_network_id=None, protection_state="Protected",
        protection_state_description="Protected", test_failover_state=None,
        active_location="Primary", allowed_operations=("UnplannedFailover", "DisableProtection",
        "TestFailover"), replication_health="Normal", failover_health="Normal", health_errors=(),
        rpo=timedelta(seconds=90), rpo_at=now - timedelta(minutes=1), current_job_id=None,
        multi_vm_group_name=None, last_heartbeat=now - timedelta(minutes=1),
        last_successful_test_failover=None, primary_fabric_location=plan.source.region,
        recovery_fabric_location=plan.target.region, nics=(nic,), source_disk_ids=(disk,),
        test_disk_names=(f"{vm.name}-os-ASRtest",), replica_disk_ids=(replica,), entity_id=None,
        raw=body,
    )  # fmt: skip
    world.points[key_of(item_id)] = [
        RecoveryPoint(
            f"{item_id}/recoveryPoints/p{age}",
            now - timedelta(minutes=age),
            "AppConsistent" if age % 60 == 4 else "CrashConsistent",
            multi_vm=False,
        )
        for age in range(124, 0, -5)
    ]
    world.add(a_resource(replica, "Microsoft.Compute/disks"))
    stands_in = _network_id(world, plan.source.network, plan.source.resource_group)
    placed = {
        "primary": True,
        "privateIPAddress": ip,
        "subnet": {"id": f"{stands_in}/subnets/{subnet}"},
    }
    world.add(
        a_resource(
            nic_id,
            "Microsoft.Network/networkInterfaces",
            location=plan.source.region,
            virtualMachine={"id": vm_id},
            ipConfigurations=[{"name": "ipconfig1", "properties": placed}],
        )
    )
    region = plan.source.region
    world.add(a_resource(disk, "Microsoft.Compute/disks", location=region, diskSizeGB=127))
    world.vms[key_of(vm_id)] = VirtualMachine(
        id=vm_id, name=vm.name, location=plan.source.region, size=size, os=vm.os.capitalize(),
        provisioning_state="Succeeded", power_state="running", agent_ready=True,
        agent_status="Ready", created_at=now - timedelta(days=90), nic_ids=(nic_id,),
        disk_ids=(disk,), tags={},
        raw=vm_body(disk),
    )  # fmt: skip
