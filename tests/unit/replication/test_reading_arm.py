"""ARM's JSON, written by hand, becomes what was found."""

from __future__ import annotations

from muster.replication.reading_places import read_route_table, read_security_group, read_storage
from muster.replication.reading_vms import read_size, read_vm


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
