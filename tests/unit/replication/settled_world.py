"""The world as `replicate` leaves it: what is wanted, told back in Azure's JSON and read anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import parse_resource
from muster.gateway.parse_item import parse_item
from muster.gateway.parse_setup import (
    parse_container,
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.values import ProtectedItem
from muster.gateway.values_setup import VaultSetup
from muster.replication.found import Found
from muster.replication.part_ids import (
    container_id,
    fabric_id,
    item_id,
    mapping_id,
    network_mapping_id,
    policy_id,
)
from muster.replication.reading_places import read_network, read_storage, read_vault
from muster.replication.wanted import CardWanted, IpWanted, VmWanted, Wanted

Raw = dict[str, Any]
_NETWORK, _STORAGE = "virtualnetworks", "storageaccounts"


def settled(wanted: Wanted, found: Found) -> Found:
    """What is read after everything was made; ids come back in the casing that Azure has."""
    made = [
        {"id": one.id, "name": parse_id(one.id).name, **one.body}
        for one in (*wanted.groups, *wanted.resources)
        if key_of(one.id) not in found.known_ids()
    ]
    kinds: dict[str, list[Raw]] = {_NETWORK: [], _STORAGE: [], "": []}
    for raw in made:
        kind = raw["id"].split("/")[-2].casefold()
        kinds[kind if kind in kinds else ""].append(raw)
    vault = {
        "id": wanted.vault.ref.id, "name": wanted.vault.ref.name, "location": wanted.vault.region,
    }  # fmt: skip
    accounts = tuple(read_storage(raw) for raw in kinds[_STORAGE])
    return replace(
        found,
        networks=(*found.networks, *(read_network(_with_ids(raw)) for raw in kinds[_NETWORK])),
        storage=(*found.storage, *accounts),
        taken_storage_names=found.taken_storage_names | {one.name for one in accounts},
        resources=(*found.resources, *(parse_resource(raw) for raw in kinds[""])),
        vault=read_vault(vault),
        setup=_setup(wanted),
    )


def _with_ids(raw: Raw) -> Raw:
    subnets = [
        {**one, "id": f"{raw['id']}/subnets/{one['name']}"} for one in raw["properties"]["subnets"]
    ]
    return {**raw, "properties": {**raw["properties"], "subnets": subnets}}


def _setup(wanted: Wanted) -> VaultSetup:
    fabrics = {one.name: one for one in (wanted.source, wanted.target)}.values()
    containers = {container_id(wanted, one): one for one in (wanted.source, wanted.target)}
    policy = wanted.policy
    return VaultSetup(
        fabrics=tuple(
            parse_fabric(
                _part(
                    fabric_id(wanted, one),
                    {"customDetails": {"instanceType": "Azure", "location": one.region}},
                )
            )
            for one in fabrics
        ),
        containers=tuple(parse_container(_part(one, {})) for one in containers),
        mappings=tuple(
            parse_mapping(
                _part(
                    mapping_id(wanted, one),
                    {
                        "targetProtectionContainerId": _capital(container_id(wanted, one.target)),
                        "policyId": _capital(policy_id(wanted)),
                        "state": "Paired",
                    },
                )
            )
            for one in wanted.mappings
        ),
        policies=(
            parse_policy(
                _part(
                    policy_id(wanted),
                    {
                        "providerSpecificDetails": {
                            "instanceType": "A2A",
                            "recoveryPointHistory": policy.keep_recovery_points.total_seconds()
                            / 60,
                            "appConsistentFrequencyInMinutes": (
                                policy.app_consistent_every.total_seconds() / 60
                            ),
                            "multiVmSyncStatus": "Enabled" if policy.multi_vm_sync else "Disabled",
                        }
                    },
                )
            ),
        ),
        network_mappings=tuple(
            parse_network_mapping(
                _part(
                    network_mapping_id(wanted, one),
                    {
                        "state": "Paired",
                        "primaryNetworkId": one.source_network_id.lower(),
                        "recoveryNetworkId": one.target_network_id.lower(),
                    },
                )
            )
            for one in wanted.network_mappings
        ),
        items=tuple(item_of(wanted, vm) for vm in wanted.vms),
    )


def item_of(wanted: Wanted, vm: VmWanted, **details: Any) -> ProtectedItem:
    """A protected item as Azure tells it; keyword arguments replace A2A details."""
    told = {
        "instanceType": "A2A",
        "fabricObjectId": vm.source_vm_id.lower(),
        "multiVmGroupName": vm.consistency_group or "",
        "multiVmGroupCreateOption": "UserSpecified" if vm.consistency_group else "AutoCreated",
        "primaryFabricLocation": wanted.source.region,
        "recoveryFabricLocation": wanted.target.region,
        "osType": "Linux",
        "recoveryAzureVMSize": vm.size,
        "recoveryAzureVMName": vm.name,
        "recoveryAzureResourceGroupId": vm.recovery_group_id,
        "selectedRecoveryAzureNetworkId": vm.recovery_network_id,
        "recoveryAvailabilitySet": vm.availability_set_id,
        "recoveryAvailabilityZone": vm.zone,
        "recoveryProximityPlacementGroupId": vm.proximity_group_id,
        "recoveryCapacityReservationGroupId": vm.capacity_reservation_id,
        "protectedManagedDisks": [
            {
                "diskId": disk.id.lower(),
                "primaryStagingAzureStorageAccountId": disk.cache_storage_id,
                "recoveryTargetDiskAccountType": disk.target_type,
                "recoveryReplicaDiskAccountType": disk.replica_type,
            }
            for disk in vm.disks
        ],
        "vmNics": [_nic(card) for card in vm.cards],
        **details,
    }
    properties = {
        "friendlyName": vm.name,
        "protectionState": "Protected",
        "protectionStateDescription": "Protected",
        "activeLocation": "Primary",
        "policyId": _capital(policy_id(wanted)),
        "providerSpecificDetails": told,
    }
    return parse_item(_part(item_id(wanted, vm), properties))


def _nic(card: CardWanted) -> Raw:
    tests = {ip.name: ip for ip in card.test_ips}
    return {
        "nicId": "298f05e1",
        "sourceNicArmId": card.source_nic_id,
        "recoveryVMNetworkId": card.network_id,
        "recoveryNetworkSecurityGroupId": card.security_group_id,
        "tfoNetworkSecurityGroupId": card.test_security_group_id,
        "enableAcceleratedNetworkingOnRecovery": bool(card.accelerated),
        "ipConfigs": [_ip(ip, tests.get(ip.name)) for ip in card.ips],
    }


def _ip(ip: IpWanted, test: IpWanted | None) -> Raw:
    return {
        "name": ip.name,
        "isPrimary": ip.is_primary,
        "recoverySubnetName": ip.subnet,
        "recoveryStaticIPAddress": ip.private_ip or "",
        "recoveryPublicIPAddressId": ip.public_ip_id,
        "recoveryLBBackendAddressPoolIds": list(ip.backend_pool_ids) or None,
        "tfoSubnetName": test.subnet if test else None,
        "tfoStaticIPAddress": test.private_ip if test else None,
        "tfoLBBackendAddressPoolIds": list(test.backend_pool_ids) if test else None,
    }


def _part(arm_id: str, properties: Raw) -> Raw:
    return {"id": _capital(arm_id), "name": arm_id.rpartition("/")[2], "properties": properties}


def _capital(arm_id: str) -> str:
    """Site Recovery's own casing: `/Subscriptions/…` (FACTS 1)."""
    return arm_id.replace("/subscriptions/", "/Subscriptions/")
