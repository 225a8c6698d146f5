"""ARM ids of everything that is wanted in a vault. Pure."""

from __future__ import annotations

from muster.replication.wanted import (
    FabricWanted,
    MappingWanted,
    NetworkMappingWanted,
    VmWanted,
    Wanted,
)


def fabric_id(wanted: Wanted, fabric: FabricWanted) -> str:
    """Id of a region's fabric."""
    return f"{wanted.vault.ref.id}/replicationFabrics/{fabric.name}"


def container_id(wanted: Wanted, fabric: FabricWanted) -> str:
    """Id of the protection container of a fabric."""
    return f"{fabric_id(wanted, fabric)}/replicationProtectionContainers/{fabric.container}"


def policy_id(wanted: Wanted) -> str:
    """Id of the replication policy."""
    return f"{wanted.vault.ref.id}/replicationPolicies/{wanted.policy.name}"


def mapping_id(wanted: Wanted, mapping: MappingWanted) -> str:
    """Id of a container mapping: it lies in its source container."""
    source = container_id(wanted, mapping.source)
    return f"{source}/replicationProtectionContainerMappings/{mapping.name}"


def network_mapping_id(wanted: Wanted, mapping: NetworkMappingWanted) -> str:
    """Id of a network mapping: below the one network that an Azure fabric has."""
    networks = f"{fabric_id(wanted, mapping.source)}/replicationNetworks/azureNetwork"
    return f"{networks}/replicationNetworkMappings/{mapping.name}"


def item_id(wanted: Wanted, vm: VmWanted) -> str:
    """Id of a VM's protected item."""
    source = container_id(wanted, wanted.source)
    return f"{source}/replicationProtectedItems/{vm.item}"
