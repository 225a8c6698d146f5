"""A second test failover of one item is a violation, but for another point after a refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.in_process.drills import Drilled
from tests.in_process.road import Exchange
from tests.soak.accounts import nothing_was_sent_twice
from tests.soak.judge import drill_and_judge
from tests.soak.safety import writes
from tests.soak.test_soak_judging import scenario, world

UNUSABLE = {"code": "BookmarkNotFound", "message": "The recovery point is not there any more."}
SICK = {"code": "150172", "message": "The agent does not answer."}


@pytest.fixture(scope="module")
def good() -> Drilled:
    return drill_and_judge(scenario())


def first_send(drilled: Drilled) -> Exchange:
    """The first test failover that Azure took, as it went over the road."""
    return next(one for one in writes(drilled) if one.path.lower().endswith("/testfailover"))


def refused(drilled: Drilled, why: dict[str, str]) -> Drilled:
    """The drill as if Azure's job of that send had failed."""
    request = first_send(drilled).headers["x-ms-request-id"]
    name = str(request).rpartition("/")[2].lower()
    assert drilled.world["jobs"][name]["scenario"] == "TestFailover"
    return world(drilled, "jobs", name, "fails", value=why)


def for_point(sent: Exchange, name: str) -> Exchange:
    """The same call for another recovery point, a minute later."""
    body: dict[str, Any] = json.loads(sent.body)
    details = body["properties"]["providerSpecificDetails"]
    assert details["recoveryPointId"]
    details["recoveryPointId"] = f"{details['recoveryPointId'].rpartition('/')[0]}/{name}"
    return replace(sent, body=json.dumps(body).encode(), heard=sent.heard + 60)


def with_sends(drilled: Drilled, *sends: Exchange) -> list[str]:
    later = [replace(one, heard=one.heard + n) for n, one in enumerate(sends)]
    return list(nothing_was_sent_twice(replace(drilled, wire=[*drilled.wire, *later])))


def test_a_good_drill_sends_each_once(good):
    assert with_sends(good) == []


def test_the_same_point_again_is_a_violation_even_after_its_refusal(good):
    sent = first_send(good)
    again = replace(sent, heard=sent.heard + 60)
    assert with_sends(refused(good, UNUSABLE), again) == [f"a second POST {sent.path}"]


def test_another_point_without_a_refusal_is_a_violation(good):
    sent = first_send(good)
    assert with_sends(good, for_point(sent, "other")) == [f"a second POST {sent.path}"]


def test_another_point_after_a_failure_that_is_not_the_points_is_a_violation(good):
    sent = first_send(good)
    assert with_sends(refused(good, SICK), for_point(sent, "other")) == [
        f"a second POST {sent.path}"
    ]


def test_another_point_after_its_points_refusal_is_allowed(good):
    assert with_sends(refused(good, UNUSABLE), for_point(first_send(good), "other")) == []


def test_no_third_one_after_a_second_that_nobody_refused(good):
    sent = first_send(good)
    other = replace(for_point(sent, "other"), headers={})  # its own job failed for no point
    found = with_sends(refused(good, UNUSABLE), other, for_point(sent, "third"))
    assert found == [f"a second POST {sent.path}"]


def test_the_first_point_once_more_is_a_violation_though_both_were_refused(good):
    sent = first_send(good)
    back = replace(sent, heard=sent.heard + 120)
    found = with_sends(refused(good, UNUSABLE), for_point(sent, "other"), back)
    assert found == [f"a second POST {sent.path}"]
