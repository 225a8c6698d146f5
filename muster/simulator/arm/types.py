"""The resource types that plain GET, PUT, DELETE and lists work for, and how each answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from muster.simulator.arm.ids import learn


@dataclass(frozen=True, slots=True)
class Kind:
    """How one type answers a PUT and a DELETE.

    `network`: 201 (200 for an update) and 202, with Azure-AsyncOperation; `accepted`: 202 with a
    body; `sync`: done when answered, as is a DELETE that takes no time. `inline` is the list in
    the parent's properties where children live. `located`: has a location and tags.
    """

    type: str
    style: Literal["network", "accepted", "sync"] = "accepted"
    put_takes: str = "resource_put"  # names of spans; "": no time
    delete_takes: str = "resource_delete"
    inline: str = ""
    located: bool = True
    writable: bool = True


def _network(name: str, inline: str = "") -> Kind:
    return Kind(
        f"Microsoft.Network/{name}",
        "network",
        "network_put",
        "network_delete",
        inline,
        located=not inline,
    )


def _inside(parent: str, *parts: str, writable: bool = True) -> tuple[Kind, ...]:
    """Children of a network resource that live in its list of the same name."""
    return tuple(replace(_network(f"{parent}/{part}", part), writable=writable) for part in parts)


_GATEWAYS = ("applicationGateways", "azureFirewalls", "bastionHosts", "virtualNetworkGateways")
_WORKERS = "Microsoft.Automation/automationAccounts/hybridRunbookWorkerGroups"
_RECORDS = ("A", "AAAA", "CNAME", "MX", "PTR", "SOA", "SRV", "TXT")
_KINDS = (
    _network("virtualNetworks"),
    *_inside("virtualNetworks", "subnets", "virtualNetworkPeerings"),
    _network("networkSecurityGroups"),
    *_inside("networkSecurityGroups", "securityRules"),
    *_inside("networkSecurityGroups", "defaultSecurityRules", writable=False),
    _network("routeTables"),
    *_inside("routeTables", "routes"),
    *(
        _network(name)
        for name in (
            "applicationSecurityGroups",
            "connections",
            "expressRouteCircuits",
            "loadBalancers",
            "localNetworkGateways",
            "natGateways",
            "networkInterfaces",
            "privateEndpoints",
            "publicIPAddresses",
            "publicIPPrefixes",
        )
    ),
    *_inside("loadBalancers", "backendAddressPools", "inboundNatRules"),
    *_inside(
        "loadBalancers",
        "frontendIPConfigurations",
        "loadBalancingRules",
        "probes",
        "outboundRules",
        writable=False,
    ),
    *_inside("networkInterfaces", "ipConfigurations", writable=False),
    *(replace(_network(name), put_takes="gateway", delete_takes="gateway") for name in _GATEWAYS),
    replace(_network("privateEndpoints/privateDnsZoneGroups"), located=False),
    Kind("Microsoft.Network/privateDnsZones"),
    Kind("Microsoft.Network/privateDnsZones/virtualNetworkLinks"),
    *(
        Kind(f"Microsoft.Network/privateDnsZones/{record}", "sync", located=False)
        for record in _RECORDS
    ),
    Kind("Microsoft.Compute/virtualMachines", delete_takes="vm_delete", writable=False),
    Kind("Microsoft.Compute/virtualMachines/extensions"),
    Kind("Microsoft.Compute/availabilitySets", "sync"),
    Kind("Microsoft.Compute/proximityPlacementGroups", "sync"),
    Kind("Microsoft.Compute/capacityReservationGroups", "sync"),
    Kind("Microsoft.Compute/capacityReservationGroups/capacityReservations"),
    Kind("Microsoft.Compute/diskEncryptionSets"),
    Kind("Microsoft.Compute/disks"),
    Kind("Microsoft.Compute/snapshots"),
    Kind("Microsoft.Storage/storageAccounts", delete_takes=""),
    Kind("Microsoft.KeyVault/vaults", delete_takes=""),
    Kind("Microsoft.Automation/automationAccounts", "sync", writable=False),
    Kind("Microsoft.Automation/automationAccounts/runbooks", "sync", writable=False),
    Kind(_WORKERS, "sync", located=False),
    Kind(f"{_WORKERS}/hybridRunbookWorkers", "sync", located=False),
    Kind("Microsoft.RecoveryServices/vaults", writable=False),
)
KINDS = {kind.type.lower(): kind for kind in _KINDS}
for _kind in _KINDS:
    learn(_kind.type)
