"""Broken worlds, one for each check of the cache accounts that items' changes go through."""

from __future__ import annotations

from tests.preflight.bending import cache_id, of_cache
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case


def _deleted(azure):
    azure.world.remove(cache_id(azure))


CASES = [
    Case("PRE-110", "the cache account was deleted", ids(111, 112, 113, 114), state=_deleted),
    Case("PRE-111", "shared key access was switched off",
         state=of_cache(properties={"allowSharedKeyAccess": False})),
    Case("PRE-112", "the cache account stands in a third region",
         state=of_cache(location="centralus")),
    Case("PRE-113", "a firewall keeps Azure services out", state=of_cache(
        properties={"networkAcls": {"defaultAction": "Deny", "bypass": "None"}})),
    Case("PRE-114", "the cache account takes no such blobs", state=of_cache(kind="FileStorage")),
]  # fmt: skip
