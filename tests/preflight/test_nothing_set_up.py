"""Before anything is set up all that follows from it is told once, with what helps."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from muster.plan.actions import Operation
from muster.report.preflight_groups import in_causes
from muster.runs.preflight import check_data
from muster.steps.preflight_checks.check import unknown
from muster.steps.preflight_checks.not_set_up import CAUSES, lacks_of, no_vault
from tests.in_process.replicating import bare
from tests.preflight.looking import Case, Found, Ours, Raw, look_at, seen_facts


def _nothing(world: Raw) -> None:
    left = bare(copy.deepcopy(world))
    world.clear()
    world.update(left)


def _no_runs(ours: Ours) -> None:
    ours.store.contents.clear()


@cache
def looked() -> Found:
    return look_at(Case("", "nothing is set up", world=_nothing, ours=_no_runs))


def checks() -> list[dict[str, Any]]:
    return [dict(check_data(one)) for one in looked().judged]


def test_what_follows_from_it_is_one_group_with_the_remedy_that_helps() -> None:
    single, (group,) = in_causes(checks())
    assert {one["id"] for one in single} >= CAUSES
    for check in ("PRE-003", "PRE-022", "PRE-023", "PRE-079", "PRE-087", "PRE-092", "PRE-096"):
        assert check in group.ids, check
    assert group.what == "follow from what is not set up"
    assert group.remedy.startswith("`muster replicate contoso-erp` makes what is not there yet.")
    for kind in ("vault", "group", "network"):
        assert group.why.count(f"there is no {kind} ") == 1
    accounts = {"PRE-020", "PRE-088", "PRE-089", "PRE-090"}  # no run of ours makes these
    assert {one["id"] for one in single} == CAUSES | accounts


def test_what_was_seen_to_be_wrong_beside_it_keeps_its_own_remedy() -> None:
    (runbook,) = [one for one in checks() if one["id"] == "PRE-020"]
    assert runbook["lacks"] == []
    assert "muster replicate" not in runbook["remedy"]


def test_of_a_vault_that_is_missing_alone_nothing_is_said_of_group_and_network() -> None:
    found = look_at(Case("PRE-001", "another", plan=lambda p: p["vault"].update(name="rsv-none")))
    _, (group,) = in_causes([dict(check_data(one)) for one in found.judged])
    assert "there is no vault" in group.why
    assert "there is no group" not in group.why
    assert "PRE-092" not in group.ids


def test_a_replication_is_not_told_to_replicate() -> None:
    facts = seen_facts()
    facts.vault = None
    missing = unknown(f"sql1: {no_vault(facts)}; {no_vault(facts)}")
    assert lacks_of("PRE-092", missing, facts) == (no_vault(facts),)
    assert lacks_of("PRE-001", missing, facts) == ()
    facts.operation = Operation.REPLICATE
    assert lacks_of("PRE-092", missing, facts) == ()


def test_what_is_wrong_for_another_reason_too_keeps_its_own_remedy() -> None:
    facts = seen_facts()
    facts.vault = None
    assert lacks_of("PRE-092", unknown(f"{no_vault(facts)}; the caller lacks x"), facts) == ()
    facts.unread["vault"] = "403"  # then nobody knows whether it is there
    assert lacks_of("PRE-092", unknown(no_vault(facts)), facts) == ()
