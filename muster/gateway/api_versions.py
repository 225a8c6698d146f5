"""Which api-version the generic client asks each type of resource in."""

from __future__ import annotations

_NETWORK = "2024-05-01"
_AUTHORIZATION = "2022-04-01"
_POLICY = "2023-04-01"
_COMPUTE = "2024-07-01"

# One stable version for each type that drills meet; a type that is not here is looked up in its
# provider.
API_VERSIONS = {
    "microsoft.resources/subscriptions": "2022-12-01",
    "microsoft.resources/resourcegroups": "2021-04-01",
    "microsoft.authorization/locks": "2020-05-01",
    "microsoft.authorization/permissions": _AUTHORIZATION,
    "microsoft.authorization/policyassignments": _POLICY,
    "microsoft.authorization/policydefinitions": _POLICY,
    # Nothing but previews there is of it: this one is the SDKs' own.
    "microsoft.authorization/policyexemptions": "2022-07-01-preview",
    "microsoft.authorization/policysetdefinitions": _POLICY,
    "microsoft.authorization/roleassignments": _AUTHORIZATION,
    "microsoft.authorization/roledefinitions": _AUTHORIZATION,
    "microsoft.automation/automationaccounts": "2023-11-01",
    "microsoft.compute/availabilitysets": _COMPUTE,
    "microsoft.compute/capacityreservationgroups": _COMPUTE,
    "microsoft.compute/diskencryptionsets": "2024-03-02",
    "microsoft.compute/disks": "2024-03-02",
    "microsoft.compute/locations": _COMPUTE,
    "microsoft.compute/proximityplacementgroups": _COMPUTE,
    "microsoft.compute/skus": "2021-07-01",
    "microsoft.compute/snapshots": "2024-03-02",
    "microsoft.compute/virtualmachines": _COMPUTE,
    "microsoft.compute/virtualmachinescalesets": _COMPUTE,
    "microsoft.insights/activitylogalerts": "2020-10-01",
    "microsoft.keyvault/vaults": "2023-07-01",
    "microsoft.managedidentity/userassignedidentities": "2023-01-31",
    "microsoft.network/applicationgateways": _NETWORK,
    "microsoft.network/applicationsecuritygroups": _NETWORK,
    "microsoft.network/azurefirewalls": _NETWORK,
    "microsoft.network/bastionhosts": _NETWORK,
    "microsoft.network/connections": _NETWORK,
    "microsoft.network/expressroutecircuits": _NETWORK,
    "microsoft.network/loadbalancers": _NETWORK,
    "microsoft.network/locations": _NETWORK,
    "microsoft.network/natgateways": _NETWORK,
    "microsoft.network/networkinterfaces": _NETWORK,
    "microsoft.network/networksecuritygroups": _NETWORK,
    "microsoft.network/networkwatchers": _NETWORK,
    "microsoft.network/privatednszones": "2020-06-01",
    "microsoft.network/privateendpoints": _NETWORK,
    "microsoft.network/privatelinkservices": _NETWORK,
    "microsoft.network/publicipaddresses": _NETWORK,
    "microsoft.network/publicipprefixes": _NETWORK,
    "microsoft.network/routetables": _NETWORK,
    "microsoft.network/serviceendpointpolicies": _NETWORK,
    "microsoft.network/virtualhubs": _NETWORK,
    "microsoft.network/virtualnetworkgateways": _NETWORK,
    "microsoft.network/virtualnetworks": _NETWORK,
    "microsoft.network/virtualwans": _NETWORK,
    "microsoft.operationalinsights/workspaces": "2023-09-01",
    "microsoft.recoveryservices/vaults": "2024-04-01",
    "microsoft.storage/storageaccounts": "2023-05-01",
}


def known_api_version(arm_type: str) -> str | None:
    """The version for a type, or for what it is a part of: a subnet is asked as its network is."""
    parts = arm_type.casefold().split("/")
    while len(parts) > 1:
        if version := API_VERSIONS.get("/".join(parts)):
            return version
        parts.pop()
    return None
