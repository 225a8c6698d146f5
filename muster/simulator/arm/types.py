"""The resource types that plain GET, PUT, DELETE and lists work for, and how each answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from muster.simulator import durations
from muster.simulator.arm.ids import learn


@dataclass(frozen=True, slots=True)
class Kind:
    """How one type answers a PUT and a DELETE.

    `network`: 201 (200 for an update) and 202, with Azure-AsyncOperation; `accepted`: 202 with a
    body; `sync`: done when answered. `inline` is the list in the parent's properties where
    children live.
    """

    type: str
    style: Literal["network", "accepted", "sync"] = "accepted"
    put_takes: float = durations.RESOURCE_PUT
    delete_takes: float = durations.RESOURCE_DELETE
    inline: str = ""
    located: bool = True
    writable: bool = True


def _network(name: str, inline: str = "") -> Kind:
    return Kind(
        f"Microsoft.Network/{name}",
        "network",
        durations.NETWORK_PUT,
        durations.NETWORK_DELETE,
        inline,
        located=not inline,
    )


_KINDS = (
    _network("virtualNetworks"),
    _network("virtualNetworks/subnets", "subnets"),
    _network("virtualNetworks/virtualNetworkPeerings", "virtualNetworkPeerings"),
    _network("networkSecurityGroups"),
    _network("networkSecurityGroups/securityRules", "securityRules"),
    _network("routeTables"),
    _network("routeTables/routes", "routes"),
    *(
        _network(name)
        for name in (
            "applicationGateways",
            "azureFirewalls",
            "bastionHosts",
            "connections",
            "expressRouteCircuits",
            "loadBalancers",
            "localNetworkGateways",
            "natGateways",
            "networkInterfaces",
            "privateEndpoints",
            "publicIPAddresses",
            "virtualNetworkGateways",
        )
    ),
    Kind("Microsoft.Network/privateDnsZones"),
    Kind("Microsoft.Network/privateDnsZones/virtualNetworkLinks"),
    Kind("Microsoft.Compute/virtualMachines", delete_takes=durations.VM_DELETE, writable=False),
    Kind("Microsoft.Compute/virtualMachines/extensions"),
    Kind("Microsoft.Compute/availabilitySets", "sync"),
    Kind("Microsoft.Compute/disks"),
    Kind("Microsoft.Compute/snapshots"),
    Kind("Microsoft.Storage/storageAccounts"),
    Kind("Microsoft.KeyVault/vaults"),
    Kind("Microsoft.Authorization/locks", "sync", located=False),
    Kind("Microsoft.Automation/automationAccounts", "sync", writable=False),
    Kind("Microsoft.Automation/automationAccounts/runbooks", "sync", writable=False),
    Kind("Microsoft.RecoveryServices/vaults", writable=False),
)
KINDS = {kind.type.lower(): kind for kind in _KINDS}
for _kind in _KINDS:
    learn(_kind.type)
