"""Locks, accounts, workers and zones of one name stand side by side; none hides another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.gateway.ids import key_of
from muster.gateway.values import Json
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.facts import Facts, Runbooks
from muster.steps.preflight_checks.telling import by_name
from tests.preflight.bending import GROUPS, TARGET, VAULT
from tests.preflight.looking import seen_facts

ZONE = "providers/Microsoft.Network/privateDnsZones/contoso.internal"


def verdict(facts: Facts, check: str) -> tuple[str, str]:
    found = next(one for one in CHECKS if one.id == check).verdict(facts)
    return found.word, found.why


def lock(scope: str, level: str) -> Json:
    arm_id = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    return {"id": arm_id, "name": "keep", "properties": {"level": level}}


def in_both_orders(*rows: object) -> list[tuple[object, ...]]:
    return [rows, rows[::-1]]


@pytest.mark.parametrize(
    "locks", in_both_orders(lock(TARGET, "ReadOnly"), lock(VAULT, "CanNotDelete"))
)
def test_a_lock_hides_no_lock_of_its_name_elsewhere(locks):
    facts = seen_facts()
    facts.locks = locks
    for check in ("PRE-092", "PRE-093"):
        word, why = verdict(facts, check)
        assert word == "failed"
        assert f"ReadOnly at {TARGET}" in why


@pytest.mark.parametrize("is_last", [True, False])
def test_an_account_hides_no_account_of_its_name_in_another_group(is_last):
    facts = seen_facts()
    [(account, found)] = facts.accounts.items()
    assert found is not None
    suspended = replace(found, properties={**found.properties, "state": "Suspended"})
    rows = [(account.replace("rg-dr", "rg-other"), suspended), (account, found)]
    facts.accounts = dict(rows[::-1] if is_last else rows)
    word, why = verdict(facts, "PRE-088")
    assert (word, "rg-other" in why, "Suspended" in why) == ("failed", True, True)
    facts.accounts = {one: None if "rg-other" in one else had for one, had in rows}
    assert verdict(facts, "PRE-089")[0] == "not evidenced"


def test_a_worker_group_hides_no_empty_one_of_its_name():
    facts = seen_facts()
    lately = {"properties": {"lastSeenDateTime": facts.now.isoformat()}}
    facts.workers = {"/a1/recovery": (), "/a2/recovery": (lately,)}
    word, why = verdict(facts, "PRE-091")
    assert (word, why.startswith("/a1/recovery: no worker")) == ("failed", True)


def test_a_private_zone_hides_no_zone_of_its_name_that_lacks_the_link():
    facts = seen_facts(Operation.FAILOVER)
    source, target = key_of(facts.source_network_id), key_of(facts.target_network_id)
    facts.zones = {f"{GROUPS}/a/{ZONE}": (source,), f"{GROUPS}/b/{ZONE}": (source, target)}
    word, why = verdict(facts, "PRE-085")
    assert (word, f"{GROUPS}/a/{ZONE}: linked to the source" in why) == ("failed", True)


def test_a_runbook_hides_no_unpublished_one_in_an_account_of_the_same_name():
    facts = seen_facts()
    one = next(row for row in facts.runbooks if row.found is not None)
    assert one.found is not None
    new = replace(one.found, properties={**one.found.properties, "state": "New"})
    other = Runbooks(one.account_id.replace("rg-dr", "rg-other"), one.name, new)
    facts.runbooks = (other, one)
    word, why = verdict(facts, "PRE-020")
    assert (word, "rg-other" in why) == ("failed", True)


def test_what_has_a_name_of_its_own_is_told_by_it_and_one_told_twice_is_one():
    found = by_name([("/g/a/locks/keep", 1), ("/G/A/locks/Keep/", 2), ("/g/b/locks/other", 3)])
    assert found == {"Keep": 2, "other": 3}
