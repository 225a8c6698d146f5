"""Broken worlds, one for each check of the cache accounts that items' changes go through."""

from __future__ import annotations

from typing import Any

from tests.preflight.bending import SOURCE_NET, cache_id, of_cache
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case


def _deleted(azure):
    azure.world.remove(cache_id(azure))


OTHER_NET = SOURCE_NET + "-other"


def _only(network: str) -> dict[str, Any]:
    """Rules that let in Azure's services, and a subnet of this network."""
    rules = [{"id": f"{network}/subnets/data", "action": "Allow"}]
    return {"defaultAction": "Deny", "bypass": "AzureServices", "virtualNetworkRules": rules}


HEALTHY = Case("", "a firewall lets in Azure's services and the source",
               state=of_cache(properties={"networkAcls": _only(SOURCE_NET)}))  # fmt: skip
CASES = [
    Case("PRE-110", "the cache account was deleted", ids(111, 112, 113, 114), state=_deleted),
    Case("PRE-111", "shared key access was switched off",
         state=of_cache(properties={"allowSharedKeyAccess": False})),
    Case("PRE-112", "the cache account stands in a third region",
         state=of_cache(location="centralus")),
    Case("PRE-113", "a firewall keeps Azure services out", state=of_cache(
        properties={"networkAcls": {"defaultAction": "Deny", "bypass": "None"}})),
    Case("PRE-110", "the cache account was never made whole",
         state=of_cache(properties={"provisioningState": "Failed"})),
    Case("PRE-113", "a firewall lets in Azure's services and no subnet",
         state=of_cache(properties={"networkAcls": _only(OTHER_NET)})),
    Case("PRE-113", "the account takes nothing from public networks",
         state=of_cache(properties={"publicNetworkAccess": "Disabled"})),
    Case("PRE-113", "a private endpoint may be used", result="not evidenced", state=of_cache(
        properties={"publicNetworkAccess": "Disabled", "privateEndpointConnections": [
            {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]})),
    Case("PRE-114", "the cache account takes no such blobs", state=of_cache(kind="FileStorage")),
]  # fmt: skip
