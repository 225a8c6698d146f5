"""Do the items' changes still get through the cache storage accounts that they are sent to?

What speaks against an account is said once, in the support matrix: `muster replicate` refuses to
set up what these checks find later. https://learn.microsoft.com/azure/site-recovery/azure-to-azure-support-matrix#cache-storage
"""

from __future__ import annotations

from collections.abc import Callable

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import Json, ProtectedItem, Resource
from muster.replication.judgement import judged
from muster.replication.support import CACHE_KINDS
from muster.steps.preflight_checks.check import Area, Judge, N, S, T, each_item, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.raw import cache_ids
from muster.steps.preflight_checks.told import flag, known, listed, listed_or_none, part, text
from muster.steps.preflight_checks.vault import region

ENABLED = "enabled"

_Against = Callable[[ProtectedItem, Json], str | None]
"""What the matrix's words name besides an account that an item cannot use; None: it can."""


def caches_are_there(facts: Facts) -> Verdict:
    """An account that was deleted takes the changes of its VMs nowhere."""
    facts.need("items", "caches")

    def problem(_: str, item: ProtectedItem) -> str | None:
        gone = [parse_id(one).name for one in cache_ids(item) if facts.caches.get(one) is None]
        if gone:
            return f"its cache account {', '.join(gone)} is gone"
        for account in _accounts(facts, item):
            state = text(account.properties, "provisioningState")
            if state.casefold() != "succeeded":
                return f"its cache account {account.name} is {state}"
        return None

    return each_item(facts, problem, "every cache account that an item uses is there")


def cache_suits(rule: str, against: _Against, fine: str) -> Judge:
    """The judge of one row of the matrix's rows about cache accounts."""

    def judge(facts: Facts) -> Verdict:
        facts.need("items", "caches")

        def problem(_: str, item: ProtectedItem) -> str | None:
            found = ((one, against(item, one.raw)) for one in _accounts(facts, item))
            said = [
                judged(rule, one.name, beside, part="cache").why
                for one, beside in found
                if beside is not None
            ]
            return "; ".join(said) or None

        return each_item(facts, problem, fine)

    return judge


def _accounts(facts: Facts, item: ProtectedItem) -> list[Resource]:
    """The accounts that an item's changes go through; raises NotRead."""
    found = []
    for one in cache_ids(item):
        account = facts.caches.get(one)
        if account is None:
            raise NotRead(f"its cache account {parse_id(one).name} is not there")
        found.append(account)
    return found


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


def firewalls_let_in(facts: Facts) -> Verdict:
    """Site Recovery as a trusted service, and the VM from a subnet of the networks it stands in.

    https://learn.microsoft.com/azure/site-recovery/azure-to-azure-support-matrix#cache-storage
    """
    facts.need("items", "caches")

    def problem(vm: str, item: ProtectedItem) -> str | None:
        found = [_keeps_out(one, facts, vm) for one in _accounts(facts, item)]
        return "; ".join(one for one in found if one) or None

    return each_item(facts, problem, "every cache account lets Site Recovery and the VM in")


def _keeps_out(account: Resource, facts: Facts, vm: str) -> str | None:
    """How an account keeps out what a VM's replication writes; raises NotRead."""
    properties = part(account.raw, "properties")
    access = str(properties.get("publicNetworkAccess") or ENABLED)
    rules = part(properties, "networkAcls")
    action = text(rules, "defaultAction").casefold()
    if access.casefold() == ENABLED and action != "deny":
        return None
    bypass = {one.strip().casefold() for one in text(rules, "bypass").split(",")}
    if "azureservices" not in bypass:
        return judged("cache-firewall", account.name, part="cache").why
    if _has_private_way(properties):
        raise NotRead(f"whether a private endpoint of {account.name} is used is not known")
    if access.casefold() != ENABLED:
        return f"the cache account {account.name} takes nothing from public networks ({access})"
    let_in = [key_of(text(one, "id")) for one in listed(rules, "virtualNetworkRules")]
    facts.need("source_networks")
    networks = facts.source_networks.get(vm) or None
    heads = tuple(f"{key_of(one)}/" for one in known(networks, "the networks that it stands in"))
    if any(one.startswith(heads) for one in let_in):
        return None
    return f"the firewall of the cache account {account.name} lets in no subnet of its network"


def _has_private_way(properties: Json) -> bool:
    """Whether a private endpoint is let in; Azure leaves the list out where there is none."""
    states = [
        text(part(part(one, "properties"), "privateLinkServiceConnectionState"), "status")
        for one in listed_or_none(properties, "privateEndpointConnections")
    ]
    return "approved" in map(str.casefold, states)


def _is_of_another_kind(_: ProtectedItem, account: Json) -> str | None:
    kind = text(account, "kind")
    return None if kind.casefold() in CACHE_KINDS else kind


CHECKS = rows_of(
    Area.OUTBOUND,
    ("PRE-110", "the cache accounts that items use are there", S, T, N,
     "An item keeps its account: disable its replication in the portal, and run "
     "`muster replicate PLAN`, which makes account and item anew.", caches_are_there),
    ("PRE-111", "the cache accounts allow shared key access", S, T, N,
     "Allow it: `az storage account update --allow-shared-key-access true`. Site Recovery writes "
     "with a shared key.",
     cache_suits("cache-shared-key", _refuses_shared_keys,
                 "every cache account allows shared key access")),
    ("PRE-112", "the cache accounts are in the source region", T, T, N,
     "An item keeps its account: disable its replication in the portal, name an account in the "
     "source region in `replication.cache_storage` or leave it out, and run `muster replicate "
     "PLAN`.", cache_suits("cache-region", _is_elsewhere,
                          "every cache account is in the source region")),
    ("PRE-113", "the cache accounts' firewalls let Site Recovery in", T, T, N,
     "Permit trusted Microsoft services (`--bypass AzureServices`) and a subnet of the source "
     "network.",
     firewalls_let_in),
    ("PRE-114", "the cache accounts are of a kind that takes replication", T, T, N,
     "An item keeps its account: disable its replication in the portal, name a general-purpose v2 "
     "account or leave `replication.cache_storage` out, and run `muster replicate PLAN`.",
     cache_suits("cache-kind", _is_of_another_kind,
                 "every cache account is of a kind that takes replication")),
)  # fmt: skip
