"""Preflight names what is broken in a world, and nothing else; nothing in a whole one."""

from __future__ import annotations

import pytest

from muster.checks.verdict import Verdict
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.judging import Judgement
from tests.preflight.corpus import CASES, HEALTHY, Told, of_operation, precision, recall
from tests.preflight.looking import Case, Found, look_at

NO_VAULT = next(one for one in CHECKS if one.id == "PRE-001")
BROKEN = Found([Judgement(NO_VAULT, Severity.STOPS, Verdict("failed", "there is no vault"))], 0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check} {case.why}")
def test_what_is_broken_is_named_and_nothing_else(case):
    told = Told(case, look_at(case))
    assert told.is_named, told.found.words.get(case.check)
    assert {check: told.found.why(check) for check in told.false_alarms} == {}
    assert case.also <= told.found.not_passed


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.why)
def test_a_healthy_world_gives_no_alarm(case):
    found = look_at(case)
    assert {check: found.why(check) for check in found.not_passed} == {}
    applying = [one for one in CHECKS if one.severity(case.operation) is not Severity.NONE]
    assert [one.check.id for one in found.judged] == [one.id for one in applying]


def test_every_check_has_a_broken_world():
    assert {case.check for case in CASES} == {check.id for check in CHECKS}
    assert len(CHECKS) >= 60


def test_every_check_of_a_replication_has_a_world_that_is_broken_for_one():
    applying = {one.id for one in CHECKS if one.replicate is not Severity.NONE}
    assert {one.check for one in of_operation(CASES, Operation.REPLICATE)} == applying


def test_recall_and_precision_count_what_was_missed_and_what_was_wrong():
    judged = look_at(HEALTHY[0]).judged
    named = Case(judged[0].check.id, "", result="passed")
    missed = Case(judged[1].check.id, "", operation=Operation.DRILL)
    told = [Told(one, Found(judged, 0)) for one in (named, missed)]
    assert recall(told) == 0.5
    assert precision([Told(missed, BROKEN)]) == 0.0
    assert precision([Told(Case("PRE-001", ""), BROKEN)]) == 1.0


@pytest.mark.parametrize(("check", "tag"), [("PRE-067", "EastUS"), ("PRE-069", "WestUS2")])
def test_a_group_that_keeps_replication_in_is_told_with_the_exact_rule(check, tag):
    """The rule of `--plan-only`; for the target, that of the way back."""
    case = next(case for case in CASES if case.check == check)
    why = look_at(case).why(check)
    assert f"Outbound, Allow, TCP, from * to Storage.{tag}, port 443)" in why


def test_routes_that_drop_are_told_with_the_service_tags_they_drop():
    case = next(case for case in CASES if case.check == "PRE-068" and "drops" in case.why)
    assert look_at(case).why("PRE-068") == "web: routes of rt drop EventHub.WestUS2"
