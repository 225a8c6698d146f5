"""Do the items' changes still get through the cache storage accounts that they are sent to?

What speaks against an account is said once, in the support matrix: `muster replicate` refuses to
set up what these checks find later. https://learn.microsoft.com/azure/site-recovery/azure-to-azure-support-matrix#cache-storage
"""

from __future__ import annotations

from collections.abc import Iterator

from muster.checks.verdict import Verdict
from muster.gateway.ids import parse_id
from muster.gateway.values import Resource
from muster.replication.judgement import Judgement
from muster.replication.reading_places import read_storage
from muster.replication.support import account_problems
from muster.steps.preflight_checks.check import Area, Judge, S, T, none_of, rows_of, unknown
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import cache_ids
from muster.steps.preflight_checks.vault import region


def caches_are_there(facts: Facts) -> Verdict:
    """An account that was deleted takes the changes of its VMs nowhere."""
    facts.need("items", "caches")
    gone = {
        vm: f"its cache account {parse_id(cache).name} is gone"
        for vm, cache in _used(facts)
        if facts.caches.get(cache) is None
    }
    if not gone and not facts.caches:
        return _nothing_known()
    return none_of(gone, "every cache account that an item uses is there")


def cache_suits(rule: str, fine: str) -> Judge:
    """The judge of one row of the matrix's rows about cache accounts."""

    def judge(facts: Facts) -> Verdict:
        facts.need("items", "caches")
        there = {key: account for key, account in facts.caches.items() if account is not None}
        if not there:
            return _nothing_known()
        problems = {
            vm: one.why
            for vm, cache in _used(facts)
            if cache in there
            for one in _problems(facts, vm, there[cache])
            if one.rule == rule
        }
        return none_of(problems, fine)

    return judge


def _used(facts: Facts) -> Iterator[tuple[str, str]]:
    """VM and id of an account that it uses."""
    for vm, item in facts.items.items():
        yield from ((vm, cache) for cache in cache_ids(item))


def _problems(facts: Facts, vm: str, account: Resource) -> Iterator[Judgement]:
    """After a reprotect changes are gathered in the region that is the source then."""
    gathered_in = facts.items[vm].primary_fabric_location or facts.plan.source.region
    yield from account_problems(region(gathered_in), read_storage(account.raw))


def _nothing_known() -> Verdict:
    return unknown("no item names a cache account that is there to be looked at")


CHECKS = rows_of(
    Area.OUTBOUND,
    ("PRE-110", "the cache accounts that items use are there", S, T,
     "An item keeps its account: disable its replication in the portal, and run "
     "`muster replicate PLAN`, which makes account and item anew.", caches_are_there),
    ("PRE-111", "the cache accounts allow shared key access", S, T,
     "Allow it: `az storage account update --allow-shared-key-access true`. Site Recovery writes "
     "with a shared key.",
     cache_suits("cache-shared-key", "every cache account allows shared key access")),
    ("PRE-112", "the cache accounts are in the source region", T, T,
     "An item keeps its account: disable its replication in the portal, name an account in the "
     "source region in `replication.cache_storage` or leave it out, and run `muster replicate "
     "PLAN`.", cache_suits("cache-region", "every cache account is in the source region")),
    ("PRE-113", "the cache accounts' firewalls let Site Recovery in", T, T,
     "Permit trusted Microsoft services (`--bypass AzureServices`) and the source subnets.",
     cache_suits("cache-firewall", "no cache account's firewall keeps Azure services out")),
    ("PRE-114", "the cache accounts are of a kind that takes replication", T, T,
     "An item keeps its account: disable its replication in the portal, name a general-purpose v2 "
     "account or leave `replication.cache_storage` out, and run `muster replicate PLAN`.",
     cache_suits("cache-kind", "every cache account is of a kind that takes replication")),
)  # fmt: skip
