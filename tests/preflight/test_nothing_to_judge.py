"""A check that has nothing to look at does not pass: it does not apply, or nobody knows."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.report.preflight_groups import areas_of, in_causes
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.judging import Judgement, judge_all, require_all
from tests.preflight.looking import seen_facts

JUDGE = {one.id: one for one in CHECKS}
OF_STARTED = ("PRE-020", "PRE-021", "PRE-088", "PRE-089", "PRE-090", "PRE-091")


def bare_facts(**plan: object) -> Facts:
    """Of a plan that starts nothing, selects nothing and is given no network."""
    facts = seen_facts()
    facts.runbooks, facts.accounts, facts.workers = (), {}, {}
    facts.plan = with_(facts.plan, **plan)
    return facts


def with_(plan: RecoveryPlan, **changes: object) -> RecoveryPlan:
    return plan.model_copy(update=changes)


def word(check: str, facts: Facts) -> str:
    return JUDGE[check].verdict(facts).word


@pytest.mark.parametrize("check", [*OF_STARTED, "PRE-086", "PRE-107", "PRE-108"])
def test_what_the_plan_has_nothing_of_does_not_apply(check):
    assert word(check, bare_facts()) == "does not apply"


@pytest.mark.parametrize("check", OF_STARTED)
def test_what_could_not_be_read_is_not_said_to_be_missing(check):
    facts = bare_facts()
    facts.unread |= dict.fromkeys(("runbooks", "accounts", "workers"), "no right")
    assert word(check, facts) == "not evidenced"


@pytest.mark.parametrize("check", ["PRE-107", "PRE-108"])
def test_a_selection_that_selects_nothing_is_not_evidenced(check):
    facts = bare_facts()
    chosen = facts.plan.replication.select.model_copy(update={"resource_groups": ("rg-typo",)})
    facts.plan = with_(
        facts.plan, replication=facts.plan.replication.model_copy(update={"select": chosen})
    )
    assert word(check, facts) == "not evidenced"


@pytest.mark.parametrize("mode", ["native", "orchestrated"])
@pytest.mark.parametrize("check", ["PRE-015", "PRE-060"])
def test_without_items_nobody_knows_what_can_be_taken(check, mode):
    facts = bare_facts(mode=mode)
    assert word(check, facts) == "passed"
    facts.items, facts.points = {}, {}
    assert word(check, facts) == "not evidenced"


@pytest.mark.parametrize("check", ["PRE-022", "PRE-023", "PRE-040", "PRE-041", "PRE-093"])
def test_rights_and_locks_at_a_vault_that_is_not_there_prove_nothing(check):
    operation = Operation.FAILOVER if check == "PRE-040" else Operation.DRILL
    facts = seen_facts(operation)
    assert word(check, facts) == "passed"
    facts.vault = None
    assert word(check, facts) == "not evidenced"


@pytest.mark.parametrize("check", ["PRE-022", "PRE-041", "PRE-092", "PRE-093"])
def test_rights_and_locks_at_a_group_that_is_not_there_prove_nothing(check):
    facts = seen_facts()
    facts.target_group = None
    assert word(check, facts) == "not evidenced"


def test_nobody_vouches_for_a_key_in_a_rehearsal():
    facts = seen_facts()
    facts.ours = replace(facts.ours, is_rehearsal=True, key_is_attested=False)
    assert word("PRE-102", facts) == "does not apply"


def test_what_does_not_apply_stops_nothing_and_is_no_pass_of_its_area():
    check = JUDGE["PRE-020"]
    judged = Judgement(check, Severity.STOPS, check.verdict(bare_facts()))
    assert require_all([judged], Operation.DRILL) == ()
    row = {"id": check.id, "area": "runbooks", "severity": "stops", "why": judged.verdict.why}
    rows = [row | {"verdict": judged.verdict.word}, row | {"verdict": "passed"}]
    assert in_causes(copy.deepcopy(rows)) == ([], [])
    assert areas_of(rows) == [("runbooks", 1, 1)]


def test_a_remedy_names_the_plan_as_its_commands_are_typed():
    judged = {one.check.id: one for one in judge_all(seen_facts())}
    assert "`muster replicate PLAN`" in JUDGE["PRE-001"].remedy
    assert "`muster replicate contoso-erp`" in judged["PRE-001"].remedy
    assert not [one.check.id for one in judged.values() if " PLAN`" in one.remedy]
