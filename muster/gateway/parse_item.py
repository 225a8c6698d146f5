"""Site Recovery's protected items and recovery points, from JSON into the port's values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from muster.gateway.parse import (
    ids,
    instant,
    mapping,
    rows,
    seconds,
    text_of,
    text_or_none,
    texts,
)
from muster.gateway.values import ItemIpConfig, ItemNic, Json, ProtectedItem, RecoveryPoint


class _A2A(TypedDict):
    """What only a machine that is replicated from Azure to Azure shows: fields of its item."""

    source_vm_id: str
    recovery_vm_name: str
    test_vm_name: str
    os: str
    recovery_size: str | None
    recovery_resource_group_id: str
    recovery_network_id: str | None
    test_network_id: str | None
    rpo: timedelta | None
    rpo_at: datetime | None
    multi_vm_group_name: str | None
    last_heartbeat: datetime | None
    primary_fabric_location: str
    recovery_fabric_location: str
    nics: tuple[ItemNic, ...]
    source_disk_ids: tuple[str, ...]
    test_disk_names: tuple[str, ...]
    replica_disk_ids: tuple[str, ...]


def parse_item(raw: Json) -> ProtectedItem:
    """A protected item (A2A) as Azure shows it."""
    properties = mapping(raw.get("properties"))
    details = mapping(properties.get("providerSpecificDetails"))
    friendly_name = text_of(properties.get("friendlyName"))
    health = tuple(rows(properties.get("healthErrors")))
    return ProtectedItem(
        **_a2a(details, friendly_name),
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        friendly_name=friendly_name,
        protection_state=text_of(properties.get("protectionState")),
        protection_state_description=text_of(properties.get("protectionStateDescription")),
        test_failover_state=text_or_none(properties.get("testFailoverState")),
        active_location=text_of(properties.get("activeLocation")),
        allowed_operations=texts(properties.get("allowedOperations")),
        replication_health=text_of(properties.get("replicationHealth")),
        failover_health=text_of(properties.get("failoverHealth")),
        health_errors=health,
        current_job_id=_current_job(mapping(properties.get("currentScenario"))),
        last_successful_test_failover=instant(properties.get("lastSuccessfulTestFailoverTime")),
        entity_id=next(iter(ids(error.get("entityId") for error in health)), None),
        raw=raw,
    )


def _a2a(details: Json, friendly_name: str) -> _A2A:
    disks = rows(details.get("protectedManagedDisks"))
    name = text_of(details.get("recoveryAzureVMName") or friendly_name)
    return _A2A(
        source_vm_id=text_of(details.get("fabricObjectId")),
        recovery_vm_name=name,
        test_vm_name=text_or_none(details.get("tfoAzureVMName")) or f"{name}-test",
        os=text_of(details.get("osType")),
        recovery_size=text_or_none(details.get("recoveryAzureVMSize")),
        recovery_resource_group_id=text_of(details.get("recoveryAzureResourceGroupId")),
        recovery_network_id=text_or_none(details.get("selectedRecoveryAzureNetworkId")),
        test_network_id=text_or_none(details.get("selectedTfoAzureNetworkId")),
        rpo=seconds(details.get("rpoInSeconds")),
        rpo_at=instant(details.get("lastRpoCalculatedTime")),
        multi_vm_group_name=_group_name(details),
        last_heartbeat=instant(details.get("lastHeartbeat")),
        primary_fabric_location=text_of(details.get("primaryFabricLocation")),
        recovery_fabric_location=text_of(details.get("recoveryFabricLocation")),
        nics=tuple(_nic(nic) for nic in rows(details.get("vmNics"))),
        source_disk_ids=ids(disk.get("diskId") for disk in disks),
        test_disk_names=ids(disk.get("tfoDiskName") for disk in disks),
        replica_disk_ids=ids(disk.get("recoveryReplicaDiskId") for disk in disks),
    )


def parse_point(raw: Json) -> RecoveryPoint | None:
    """A recovery point; None for one without a time, which cannot be put in order.

    Its id is passed on as it came: the container in it is an internal GUID.
    """
    properties = mapping(raw.get("properties"))
    details = mapping(properties.get("providerSpecificDetails"))
    at = instant(properties.get("recoveryPointTime"))
    if at is None:
        return None
    return RecoveryPoint(
        id=text_of(raw.get("id")),
        time=at,
        type=text_of(properties.get("recoveryPointType")),
        multi_vm=text_of(details.get("recoveryPointSyncType")).casefold().startswith("multivm"),
    )


def _current_job(scenario: Json) -> str | None:
    """An idle item's scenario is not null: it is called None and its job ends in `/None`."""
    job_id = text_or_none(scenario.get("jobId"))
    idle = text_or_none(scenario.get("scenarioName")) is None
    if job_id is None or idle or job_id.casefold().endswith(("/none", "/")):
        return None
    return job_id


def _group_name(a2a: Json) -> str | None:
    if text_of(a2a.get("multiVmGroupCreateOption")).casefold() == "autocreated":
        return None  # every single VM has a group that Azure made by itself
    return text_or_none(a2a.get("multiVmGroupName"))


def _nic(nic: Json) -> ItemNic:
    return ItemNic(
        source_nic_id=text_or_none(nic.get("sourceNicArmId")),
        test_network_id=text_or_none(nic.get("tfoVMNetworkId")),
        test_nsg_id=text_or_none(nic.get("tfoNetworkSecurityGroupId")),
        ip_configs=tuple(_ip_config(config) for config in rows(nic.get("ipConfigs"))),
    )


def _ip_config(config: Json) -> ItemIpConfig:
    return ItemIpConfig(
        name=text_of(config.get("name")),
        is_primary=bool(config.get("isPrimary")),
        subnet=text_or_none(config.get("subnetName")),
        static_ip=text_or_none(config.get("staticIPAddress")),
        test_subnet=text_or_none(config.get("tfoSubnetName")),
        test_static_ip=text_or_none(config.get("tfoStaticIPAddress")),
        test_public_ip_id=text_or_none(config.get("tfoPublicIPAddressId")),
    )
