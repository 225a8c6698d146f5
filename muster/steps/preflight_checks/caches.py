"""Do the items' changes still get through the cache storage accounts that they are sent to?

What speaks against an account is said once, in the support matrix: `muster replicate` refuses to
set up what these checks find later. https://learn.microsoft.com/azure/site-recovery/azure-to-azure-support-matrix#cache-storage
"""

from __future__ import annotations

from collections.abc import Callable

from muster.checks.verdict import Verdict
from muster.gateway.ids import parse_id
from muster.gateway.values import Json, ProtectedItem
from muster.replication.judgement import judged
from muster.replication.support import CACHE_KINDS
from muster.steps.preflight_checks.check import Area, Judge, S, T, each_item, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import cache_ids
from muster.steps.preflight_checks.told import flag, known, part, text
from muster.steps.preflight_checks.vault import region

_Against = Callable[[ProtectedItem, Json], str | None]
"""What the matrix's words name besides an account that an item cannot use; None: it can."""


def caches_are_there(facts: Facts) -> Verdict:
    """An account that was deleted takes the changes of its VMs nowhere."""
    facts.need("items", "caches")

    def problem(_: str, item: ProtectedItem) -> str | None:
        gone = [parse_id(one).name for one in cache_ids(item) if facts.caches.get(one) is None]
        return f"its cache account {', '.join(gone)} is gone" if gone else None

    return each_item(facts, problem, "every cache account that an item uses is there")


def cache_suits(rule: str, against: _Against, fine: str) -> Judge:
    """The judge of one row of the matrix's rows about cache accounts."""

    def judge(facts: Facts) -> Verdict:
        facts.need("items", "caches")

        def problem(_: str, item: ProtectedItem) -> str | None:
            said = []
            for one in cache_ids(item):
                account = facts.caches.get(one)
                if account is None:
                    raise NotRead(f"its cache account {parse_id(one).name} is not there")
                if (beside := against(item, account.raw)) is not None:
                    said.append(judged(rule, parse_id(one).name, beside, part="cache").why)
            return "; ".join(said) or None

        return each_item(facts, problem, fine)

    return judge


def _refuses_shared_keys(_: ProtectedItem, account: Json) -> str | None:
    """Azure leaves the key out, or null, where shared keys are allowed."""
    properties = part(account, "properties")
    if properties.get("allowSharedKeyAccess") is None:
        return None
    return None if flag(properties, "allowSharedKeyAccess") else ""


def _is_elsewhere(item: ProtectedItem, account: Json) -> str | None:
    """After a reprotect changes are gathered in the region that is the source then."""
    gathered_in = region(known(item.primary_fabric_location, "where its changes are gathered"))
    return None if region(text(account, "location")) == gathered_in else gathered_in


def _keeps_azure_out(_: ProtectedItem, account: Json) -> str | None:
    rules = part(part(account, "properties"), "networkAcls")
    if text(rules, "defaultAction").casefold() != "deny":
        return None
    lets_in = {one.strip().casefold() for one in text(rules, "bypass").split(",")}
    return None if "azureservices" in lets_in else ""


def _is_of_another_kind(_: ProtectedItem, account: Json) -> str | None:
    kind = text(account, "kind")
    return None if kind.casefold() in CACHE_KINDS else kind


CHECKS = rows_of(
    Area.OUTBOUND,
    ("PRE-110", "the cache accounts that items use are there", S, T,
     "An item keeps its account: disable its replication in the portal, and run "
     "`muster replicate PLAN`, which makes account and item anew.", caches_are_there),
    ("PRE-111", "the cache accounts allow shared key access", S, T,
     "Allow it: `az storage account update --allow-shared-key-access true`. Site Recovery writes "
     "with a shared key.",
     cache_suits("cache-shared-key", _refuses_shared_keys,
                 "every cache account allows shared key access")),
    ("PRE-112", "the cache accounts are in the source region", T, T,
     "An item keeps its account: disable its replication in the portal, name an account in the "
     "source region in `replication.cache_storage` or leave it out, and run `muster replicate "
     "PLAN`.", cache_suits("cache-region", _is_elsewhere,
                          "every cache account is in the source region")),
    ("PRE-113", "the cache accounts' firewalls let Site Recovery in", T, T,
     "Permit trusted Microsoft services (`--bypass AzureServices`) and the source subnets.",
     cache_suits("cache-firewall", _keeps_azure_out,
                 "no cache account's firewall keeps Azure services out")),
    ("PRE-114", "the cache accounts are of a kind that takes replication", T, T,
     "An item keeps its account: disable its replication in the portal, name a general-purpose v2 "
     "account or leave `replication.cache_storage` out, and run `muster replicate PLAN`.",
     cache_suits("cache-kind", _is_of_another_kind,
                 "every cache account is of a kind that takes replication")),
)  # fmt: skip
