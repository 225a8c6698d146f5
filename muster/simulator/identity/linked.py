"""Linked access: a write that names another resource needs a right there, too.

ARM checks every link of a body anew, also those that were there before, and also inside one
resource group. The actions are those of Microsoft's provider operations for Network and Compute;
code and words as in azure-cli #27299, azurerm #14021 and #20319, and threads on AKS ("… on the
linked scope(s) … (respectively) or the linked scope(s) are invalid."). For an item that is
enabled, Microsoft names the permissions (site-recovery-role-based-linked-access-control) and not
how a lack is told: inferred. Of a test failover's network nothing is written: not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import Target, parse
from muster.simulator.identity.roles import Identity

_NETWORK = "Microsoft.Network/"
_JOIN_SUBNET = _NETWORK + "virtualNetworks/subnets/join/action"
_PEER = _NETWORK + "virtualNetworks/peer/action"
_JOIN_GROUP = _NETWORK + "networkSecurityGroups/join/action"
_JOIN_ADDRESS = _NETWORK + "publicIPAddresses/join/action"
_SUBNET = {
    "networkSecurityGroup.id": _JOIN_GROUP,
    "routeTable.id": _NETWORK + "routeTables/join/action",
    "natGateway.id": _NETWORK + "natGateways/join/action",
}
_CONFIGURATION = {
    "properties.subnet.id": _JOIN_SUBNET,
    "properties.publicIPAddress.id": _JOIN_ADDRESS,
}


def _in(above: str, links: Mapping[str, str]) -> dict[str, str]:
    return {f"{above}.{path}": action for path, action in links.items()}


_FRONT = _in("properties.ipConfigurations.*", _CONFIGURATION)
_ENABLE = "properties.providerSpecificDetails"
LINKS: Mapping[str, Mapping[str, str]] = {
    _NETWORK + "virtualNetworks": {
        **_in("properties.subnets.*.properties", _SUBNET),
        "properties.virtualNetworkPeerings.*.properties.remoteVirtualNetwork.id": _PEER,
        "properties.ddosProtectionPlan.id": _NETWORK + "ddosProtectionPlans/join/action",
    },
    _NETWORK + "virtualNetworks/subnets": _in("properties", _SUBNET),
    _NETWORK + "virtualNetworks/virtualNetworkPeerings": {
        "properties.remoteVirtualNetwork.id": _PEER
    },
    _NETWORK + "networkInterfaces": {
        **_FRONT,
        "properties.networkSecurityGroup.id": _JOIN_GROUP,
        "properties.ipConfigurations.*.properties.loadBalancerBackendAddressPools.*.id": (
            _NETWORK + "loadBalancers/backendAddressPools/join/action"
        ),
    },
    _NETWORK + "privateEndpoints": {"properties.subnet.id": _JOIN_SUBNET},
    _NETWORK + "loadBalancers": _in("properties.frontendIPConfigurations.*", _CONFIGURATION),
    _NETWORK + "virtualNetworkGateways": _FRONT,
    _NETWORK + "azureFirewalls": _FRONT,
    _NETWORK + "bastionHosts": _FRONT,
    _NETWORK + "applicationGateways": {
        **_in("properties.gatewayIPConfigurations.*", _CONFIGURATION),
        **_in("properties.frontendIPConfigurations.*", _CONFIGURATION),
    },
    _NETWORK + "privateDnsZones/virtualNetworkLinks": {
        "properties.virtualNetwork.id": _NETWORK + "virtualNetworks/join/action"
    },
    "Microsoft.Compute/virtualMachines": {
        "properties.networkProfile.networkInterfaces.*.id": (
            _NETWORK + "networkInterfaces/join/action"
        )
    },
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems": {
        f"{_ENABLE}.recoveryAzureNetworkId": _JOIN_SUBNET,
        f"{_ENABLE}.recoveryResourceGroupId": "Microsoft.Compute/virtualMachines/write",
    },
    "Microsoft.Authorization/policyExemptions": {
        "properties.policyAssignmentId": "Microsoft.Authorization/policyAssignments/exempt/action"
    },
    "Microsoft.Authorization/roleDefinitions": {
        "properties.assignableScopes.*": "Microsoft.Authorization/roleDefinitions/write"
    },
}
"""Type -> where its body names another resource (`*`: any entry) -> the action needed there."""
_BY_KIND = {kind.lower(): links for kind, links in LINKS.items()}


def demand(
    caller: Identity, verb: str, action: str, target: Target, body: Any, known: Mapping[str, str]
) -> None:
    """Raise ARM's 403 if a body names what the caller may not join.

    `known` are the tenant's subscriptions; a link into another one is refused as not found.
    """
    if verb not in ("put", "patch"):
        return
    lacking: dict[tuple[str, str], None] = {}
    for path, needed in _BY_KIND.get(target.kind, {}).items():
        for linked in _at(body, path.split(".")):
            subscription = parse(linked).subscription.lower()
            if subscription and subscription not in known:
                raise AzureError(
                    403,
                    "LinkedAuthorizationFailed",
                    f"The client has permission to perform action '{needed}' on scope "
                    f"'{target.path}', however the linked subscription '{subscription}' was not "
                    "found. ",
                )
            if not caller.may(needed, linked):
                lacking[needed, linked] = None
    if lacking:
        actions, scopes = (",".join(column) for column in zip(*lacking, strict=True))
        raise AzureError(
            403,
            "LinkedAuthorizationFailed",
            f"The client '{caller.client_id}' with object id '{caller.object_id}' has permission "
            f"to perform action '{action}' on scope '{target.path}'; however, it does not have "
            f"permission to perform action(s) '{actions}' on the linked scope(s) '{scopes}' "
            "(respectively) or the linked scope(s) are invalid.",
        )


def _at(node: Any, path: list[str]) -> Iterator[str]:
    """The ids a body holds at a path; what has another shape is for its handler to refuse."""
    if not path:
        if isinstance(node, str) and node.startswith("/"):
            yield node
    elif path[0] == "*":
        for each in node if isinstance(node, list) else ():
            yield from _at(each, path[1:])
    elif isinstance(node, dict):
        yield from _at(node.get(path[0]), path[1:])
