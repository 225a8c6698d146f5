"""ARM's JSON becomes what was found: by hand, and as the simulator tells it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from muster.errors import GatewayError
from muster.gateway.parse import parse_resource
from muster.gateway.parse_compute import parse_vm
from muster.gateway.parse_item import parse_item
from muster.gateway.parse_setup import (
    parse_container,
    parse_eligibility,
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.values import ProtectedItem, Resource, VaultRef, VirtualMachine
from muster.gateway.values_setup import Eligibility, VaultSetup
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Kind
from muster.replication.decided import decide_on
from muster.replication.found import Found
from muster.replication.reading_places import (
    read_route_table,
    read_security_group,
    read_storage,
)
from muster.replication.reading_vms import read_size, read_vm
from muster.replication.support import judge_support
from muster.replication.surveying import read_found
from tests.unit.replication.source_world import small_plan
from tests.unit.simulator.bench import Bench
from tests.unit.simulator.conftest import SUBSCRIPTION, VAULT


def test_a_vm_with_everything_is_read() -> None:
    vm = {
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v",
        "name": "v",
        "location": "eastus",
        "zones": ["2"],
        "tags": {"a": "b"},
        "properties": {
            "provisioningState": "Succeeded",
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "securityProfile": {"encryptionAtHost": True, "securityType": "ConfidentialVM"},
            "host": {"id": "/host"},
            "virtualMachineScaleSet": {"id": "/set"},
            "availabilitySet": {"id": "/avset"},
            "proximityPlacementGroup": {"id": "/ppg"},
            "capacityReservation": {"capacityReservationGroup": {"id": "/crg"}},
            "diagnosticsProfile": {
                "bootDiagnostics": {"enabled": True, "storageUri": "https://x"}
            },
            "storageProfile": {
                "diskControllerType": "NVMe",
                "imageReference": {"publisher": "P", "offer": "O", "sku": "S", "version": "1"},
                "osDisk": {
                    "name": "os",
                    "osType": "Linux",
                    "diskSizeGB": 30,
                    "diffDiskSettings": {"option": "Local"},
                    "managedDisk": {"id": "/OS", "storageAccountType": "Standard_LRS"},
                },
                "dataDisks": [
                    {"name": "d", "managedDisk": {"id": "/D"}, "writeAcceleratorEnabled": True},
                    {"name": "old", "vhd": {"uri": "https://x/old.vhd"}},
                ],
            },
            "networkProfile": {"networkInterfaces": [{"id": "/NIC"}, {"id": "/unread"}]},
        },
        "resources": [
            {
                "name": "ade",
                "properties": {
                    "type": "AzureDiskEncryptionForLinux",
                    "provisioningState": "Succeeded",
                },
            }
        ],
    }
    disk = {
        "id": "/D",
        "name": "d",
        "sku": {"name": "UltraSSD_LRS"},
        "zones": ["2"],
        "properties": {
            "diskSizeGB": 100,
            "maxShares": 3,
            "encryption": {
                "type": "EncryptionAtRestWithCustomerKey",
                "diskEncryptionSetId": "/des",
            },
        },
    }
    nic = {
        "id": "/NIC",
        "name": "nic",
        "properties": {
            "enableAcceleratedNetworking": True,
            "networkSecurityGroup": {"id": "/nsg"},
            "ipConfigurations": [
                {
                    "name": "one",
                    "properties": {
                        "privateIPAddress": "10.0.0.4",
                        "privateIPAllocationMethod": "Static",
                        "subnet": {"id": "/net/subnets/a"},
                        "publicIPAddress": {"id": "/pip"},
                        "loadBalancerBackendAddressPools": [{"id": "/pool"}],
                    },
                },
                {"name": "two", "properties": {"primary": False}},
            ],
        },
    }
    found = read_vm(vm, {"/d": disk}, {"/nic": nic}, None)
    assert (found.zone, found.image, found.disk_controller) == ("2", "P:O:S:1", "NVMe")
    assert (found.is_host_encrypted, found.is_confidential) == (True, True)
    assert (found.dedicated_host_id, found.scale_set_id) == ("/host", "/set")
    assert (found.availability_set_id, found.proximity_group_id) == ("/avset", "/ppg")
    assert (found.capacity_reservation_id, found.boot_diagnostics_uri) == ("/crg", "https://x")
    assert (found.power, found.agent_ready, found.eligibility) == (None, None, None)
    os_disk, data, old = found.disks
    assert (os_disk.is_os, os_disk.sku, os_disk.size_gb) == (True, "Standard_LRS", 30)
    assert os_disk.is_ephemeral
    assert (data.sku, data.max_shares, data.write_accelerated) == ("UltraSSD_LRS", 3, True)
    assert (data.encryption_set_id, data.zones, data.is_guest_encrypted) == ("/des", ("2",), True)
    assert (old.managed, old.id) == (False, "https://x/old.vhd")
    (card,) = found.cards
    assert (card.is_primary, card.accelerated, card.security_group_id) == (True, True, "/nsg")
    first, second = card.ips
    assert (first.is_primary, first.is_static, first.public_ip_id) == (True, True, "/pip")
    assert (first.backend_pool_ids, second.is_primary) == (("/pool",), False)
    assert found.network_id == "/net"


def test_a_size_is_read_from_its_capabilities() -> None:
    told = {"vCPUs": "2", "MemoryGB": "0.5", "CpuArchitectureType": "Arm64",
            "DiskControllerTypes": "SCSI, NVMe"}  # fmt: skip
    size = read_size(
        {
            "name": "Standard_B2pts",
            "capabilities": [{"name": key, "value": value} for key, value in told.items()],
        }
    )
    assert (size.cores, size.memory_gb, size.architecture) == (2, 0.5, "Arm64")
    assert size.disk_controllers == ("SCSI", "NVMe")


def test_places_are_read() -> None:
    group = read_security_group(
        {
            "id": "/nsg",
            "name": "nsg",
            "properties": {
                "securityRules": [
                    {
                        "name": "r",
                        "properties": {
                            "priority": 100,
                            "direction": "Outbound",
                            "access": "Deny",
                            "protocol": "Tcp",
                            "sourceApplicationSecurityGroups": [{"id": "/asg"}],
                            "destinationAddressPrefixes": ["Storage", "Sql"],
                            "destinationPortRanges": ["443", "80"],
                        },
                    }
                ]
            },
        }
    )
    (rule,) = group.rules
    assert (rule.sources, rule.destinations, rule.ports) == (
        ("/asg",), ("Storage", "Sql"), ("443", "80"),
    )  # fmt: skip
    assert (rule.is_outbound, rule.allows, rule.priority) == (True, False, 100)
    routes = read_route_table(
        {
            "id": "/rt",
            "name": "rt",
            "properties": {
                "routes": [
                    {
                        "name": "all",
                        "properties": {
                            "addressPrefix": "0.0.0.0/0",
                            "nextHopType": "VirtualAppliance",
                            "nextHopIpAddress": "10.0.0.9",
                        },
                    }
                ]
            },
        }
    )
    assert (routes.routes[0].next_hop, routes.routes[0].next_hop_address) == (
        "VirtualAppliance", "10.0.0.9",
    )  # fmt: skip
    account = read_storage(
        {
            "id": "/st",
            "name": "st",
            "location": "eastus",
            "sku": {"name": "Standard_LRS"},
            "kind": "StorageV2",
            "properties": {
                "allowSharedKeyAccess": False,
                "networkAcls": {"defaultAction": "Deny", "bypass": "Logging, Metrics"},
            },
        },
        {"properties": {"deleteRetentionPolicy": {"enabled": True, "days": 7}}},
    )
    assert (account.allows_shared_key, account.soft_delete_days) == (False, 7)
    assert (account.default_action, account.bypasses_azure_services) == ("Deny", False)


ELIGIBILITY = "Microsoft.RecoveryServices/replicationEligibilityResults"
MISSING = (404,)


class Simulated:
    """The small simulated world, read as the gateway would; what `barred` names is refused."""

    def __init__(self, *barred: str) -> None:
        self._bench = Bench()
        self._barred = tuple(map(str.casefold, barred))
        self.asked: list[str] = []

    def _get(self, path: str, **query: str) -> Any:
        self.asked.append(path)
        if any(word in path.casefold() for word in self._barred):
            raise GatewayError(f"{path}: AuthorizationFailed")
        status, body, _ = self._bench.ask("GET", path, **query)
        return None if status in MISSING else body

    def _list(self, path: str) -> list[Any]:
        return list((self._get(path) or {"value": []})["value"])

    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None:
        expand = {"$expand": "instanceView"} if instance_view else {}
        raw = self._get(vm_id, **expand)
        return parse_vm(raw, instance_view=instance_view) if raw else None

    async def resource(self, resource_id: str) -> Resource | None:
        raw = self._get(resource_id)
        return parse_resource(raw) if raw else None

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        return tuple(map(parse_resource, self._list(f"{group_id}/resources")))

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        every = self._list(f"/subscriptions/{subscription}/resources")
        return tuple(
            parse_resource(one) for one in every if one["type"].casefold() == arm_type.casefold()
        )

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        return tuple(map(parse_item, self._list(f"{vault.id}/replicationProtectedItems")))

    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None:
        if self._get(vault.id) is None:
            return None
        listed = partial(self._part, vault.id)
        return VaultSetup(
            fabrics=listed("replicationFabrics", parse_fabric),
            containers=listed("replicationProtectionContainers", parse_container),
            mappings=listed("replicationProtectionContainerMappings", parse_mapping),
            policies=listed("replicationPolicies", parse_policy),
            network_mappings=listed("replicationNetworkMappings", parse_network_mapping),
            items=listed("replicationProtectedItems", parse_item),
        )

    def _part(self, vault_id: str, name: str, parse: Callable[[Any], Any]) -> tuple[Any, ...]:
        return tuple(map(parse, self._list(f"{vault_id}/{name}")))

    async def subscriptions(self) -> tuple[str, ...]:
        return tuple(one["subscriptionId"] for one in self._list("/subscriptions"))

    async def eligibility(self, vm_id: str) -> Eligibility:
        return parse_eligibility(vm_id, self._get(f"{vm_id}/providers/{ELIGIBILITY}/default"))

    async def is_storage_name_taken(self, subscription: str, name: str) -> bool:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability"
        if any(word in path.casefold() for word in self._barred):
            raise GatewayError(f"{path}: AuthorizationFailed")
        _, body, _ = self._bench.ask("POST", path, {"name": name})
        return body["nameAvailable"] is False


PLACES = {
    "source": {"region": "eastus", "resource_group": "rg-app", "network": "vnet"},
    "target": {"region": "westus2", "resource_group": "rg-asr"},
    "vault": {"resource_group": "rg-dr", "name": "rsv"},
}
SUB_ID = SUBSCRIPTION.rpartition("/")[2]


async def surveyed(reads: Simulated, *vms: Any, **keys: Any) -> tuple[RecoveryPlan, Found]:
    plan = small_plan(*(vms or ("Sql1", "web1")), **{**PLACES, **keys})
    return plan, await read_found(reads, plan, SUB_ID)


async def test_a_simulated_world_that_is_set_up_is_left_alone() -> None:
    plan, found = await surveyed(Simulated())
    assert found.unread == ()
    for vm in found.vms:
        assert vm.cards, vm.name
        assert vm.network_id
        assert vm.disks[0].is_os
        assert vm.os_name
        assert vm.eligibility is not None
    decided = decide_on(plan, found)
    assert {vm.name for vm in decided.wanted.vms} == {"Sql1", "web1"}
    assert decided.left == ()
    assert [one for one in decided.changes if one.act is not Act.LEAVE] == []
    assert {one.kind for one in decided.changes} == set(Kind) - {Kind.DISKS}
    assert {one.verdict for one in judge_support(plan, found, found.vms[0])} <= {"tell"}


async def test_without_vault_and_target_everything_is_created_but_no_second_vault() -> None:
    plan, found = await surveyed(
        Simulated(), vault={"resource_group": "rg-new", "name": "rsv-new"},
        target={"region": "centralus", "resource_group": "rg-far"},
    )  # fmt: skip
    decided = decide_on(plan, found)
    # The VMs are protected by the other vault, which is found and named.
    assert {(one.name, one.kind) for one in decided.left} == {
        ("Sql1", "protected"), ("web1", "protected"),
    }  # fmt: skip
    assert all("rsv" in one.why for one in decided.left)
    acts = {(one.act, one.kind) for one in decided.changes}
    assert {kind for act, kind in acts if act is Act.REFUSE} == {Kind.VAULT}
    assert {act for act, kind in acts if kind is not Kind.VAULT} == {Act.CREATE}
    refused = next(one for one in decided.changes if one.act is Act.REFUSE)
    assert "rsv protects Sql1, web1 of the plan" in refused.why
    assert "vault: {resource_group: rg-dr, name: rsv}" in refused.remedy


async def test_a_vm_of_another_vault_is_found_though_azures_own_word_is_not_to_be_had() -> None:
    reads = Simulated("replicationEligibilityResults")
    elsewhere = {"vault": {"resource_group": "rg-new", "name": "rsv-new"}}
    plan, found = await surveyed(reads, **elsewhere)
    assert all(vm.eligibility is None for vm in found.vms)
    assert {(one.name, one.kind) for one in decide_on(plan, found).left} == {
        ("Sql1", "protected"), ("web1", "protected"),
    }  # fmt: skip


async def test_vaults_are_looked_for_in_every_subscription_that_is_seen() -> None:
    class Apart(Simulated):
        """The vault is listed in a subscription that the plan knows nothing of."""

        async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Any, ...]:
            found = await super().resources_of_type(SUB_ID, arm_type)
            return found if subscription == "far" else ()

        async def subscriptions(self) -> tuple[str, ...]:
            return (SUB_ID, "far")

    plan, found = await surveyed(Apart(), vault={"resource_group": "rg-new", "name": "rsv-new"})
    assert {one.kind for one in decide_on(plan, found).left} == {"protected"}
    assert set(found.elsewhere.values()) == {VAULT}


async def test_a_vault_that_is_in_another_group_is_found() -> None:
    plan, found = await surveyed(Simulated(), vault={"resource_group": "rg-app", "name": "rsv"})
    assert [one.id for one in found.vaults_of_that_name] == [VAULT]
    refused = [one for one in decide_on(plan, found).changes if one.act is Act.REFUSE]
    assert [one.kind for one in refused] == [Kind.VAULT]


async def test_what_may_not_be_read_is_told_and_not_taken_for_missing() -> None:
    reads = Simulated("virtualNetworks/vnet-asr", "virtualMachines/web1")
    plan, found = await surveyed(reads)
    assert {one.what.rpartition("/")[2] for one in found.unread} == {"vnet-asr", "web1"}
    decided = decide_on(plan, found)
    assert [(one.name, one.kind) for one in decided.left] == [("web1", "pending")]
    refused = [one for one in decided.changes if one.act is Act.REFUSE]
    assert [(one.kind, one.name) for one in refused] == [(Kind.RESOURCE, "vnet-asr")]
    assert "AuthorizationFailed" in refused[0].why


async def test_an_eligibility_that_is_not_answered_is_told() -> None:
    plan, found = await surveyed(Simulated("replicationEligibilityResults"))
    told = decide_on(plan, found).told
    assert {(name, one.rule) for name, one in told} >= {
        ("Sql1", "eligibility-unknown"), ("web1", "eligibility-unknown"),
    }  # fmt: skip


async def test_vms_are_selected_by_group_and_each_thing_is_read_once() -> None:
    reads = Simulated()
    plan, found = await surveyed(
        reads, "web1", replication={"select": {"resource_groups": ["rg-app"]}}
    )
    assert {vm.name for vm in found.vms} > {"Sql1", "web1"}
    assert {vm.name for vm in decide_on(plan, found).wanted.vms} >= {"Sql1", "web1"}
    vms = [path for path in reads.asked if path.casefold().endswith("/virtualmachines/web1")]
    assert len(vms) == 1
    networks = [path for path in reads.asked if path.endswith("/virtualNetworks/vnet")]
    assert len(networks) == 1
    _, none = await surveyed(reads, "web1", replication={"select": {"tags": {"no": "such"}}})
    assert [vm.name for vm in none.vms] == ["web1"]


def a_sku(name: str, **told: str) -> dict[str, Any]:
    return {
        "name": name,
        "resourceType": "virtualMachines",
        "capabilities": [{"name": key, "value": value} for key, value in told.items()],
    }


async def test_sizes_are_judged_where_they_are_listed() -> None:
    reads = Simulated()
    size = (await surveyed(reads, "web1"))[1].vms[0].size
    asked: list[tuple[str, str]] = []

    async def skus(subscription: str, region: str) -> list[dict[str, Any]]:
        asked.append((subscription, region))
        disk = {"name": size, "resourceType": "disks"}
        return [a_sku(size, vCPUs="1", MemoryGB="2", CpuArchitectureType="Arm64"), disk]

    plan = small_plan("web1", **PLACES)
    found = await read_found(reads, plan, SUB_ID, skus=skus)
    assert asked == [(SUB_ID, "eastus"), (SUB_ID, "westus2")]
    assert list(found.target_sizes) == [size.casefold()]
    rules = [one.rule for one in judge_support(plan, found, found.vms[0])]
    assert {"architecture", "cores"} <= set(rules)

    async def barred(subscription: str, region: str) -> list[dict[str, Any]]:
        raise GatewayError(f"{subscription} {region}: AuthorizationFailed")

    found = await read_found(reads, plan, SUB_ID, skus=barred)
    assert found.sizes == {}
    assert [one.what for one in found.unread] == ["sizes of eastus", "sizes of westus2"]


class Unprotected(Simulated):
    """The same, as if no vault protected anything."""

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        return ()

    async def eligibility(self, vm_id: str) -> Eligibility:
        return Eligibility(vm_id, ())


async def test_a_name_that_nobody_may_ask_about_is_tried_and_told() -> None:
    reads = Unprotected("checknameavailability")
    plan, found = await surveyed(reads, "web1", vault={"resource_group": "rg-x", "name": "rsv-x"})
    assert found.taken_storage_names == frozenset()
    (unread,) = [one for one in found.unread if one.what.endswith("(its name)")]
    assert "AuthorizationFailed" in unread.why
    acts = {one.act for one in decide_on(plan, found).changes if "storage" in (one.id or "")}
    assert acts == {Act.CREATE}
