"""The recovery point of each VM: what a choice means, how far they differ, one that is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from muster.gateway.values import RecoveryPoint
from muster.journal.events import EventKind, Observed
from muster.steps.points import choose, points_data
from tests.builders import a_plan
from tests.fakes.clock import START
from tests.unit.steps.drilling import Drill

APP, CRASH = "AppConsistent", "CrashConsistent"


def point(minutes_old: float, kind: str, vm: str = "db1") -> RecoveryPoint:
    name = f"/items/{vm}/recoveryPoints/{kind}-{minutes_old}"
    return RecoveryPoint(name, START - timedelta(minutes=minutes_old), kind, multi_vm=False)


# Azure promises no order. The newest of all is of one type in the first table, of the other in
# the second, so that no rule passes for another.
CRASH_IS_NEWER = [point(60, APP), point(5, CRASH), point(120, APP), point(10, CRASH)]
APP_IS_NEWER = [point(9, CRASH), point(4, APP), point(64, APP), point(14, CRASH)]


@pytest.mark.parametrize(
    ("choice", "points", "chosen", "newest"),
    [
        ("latest", CRASH_IS_NEWER, None, (5, CRASH)),
        ("latest", APP_IS_NEWER, None, (4, APP)),
        ("latest-processed", CRASH_IS_NEWER, (5, CRASH), (5, CRASH)),
        ("latest-processed", APP_IS_NEWER, (4, APP), (4, APP)),
        ("app-consistent", CRASH_IS_NEWER, (60, APP), (5, CRASH)),
        ("app-consistent", APP_IS_NEWER, (4, APP), (4, APP)),
        ("crash-consistent", CRASH_IS_NEWER, (5, CRASH), (5, CRASH)),
        ("crash-consistent", APP_IS_NEWER, (9, CRASH), (4, APP)),
        ("app-consistent", [point(5, CRASH)], None, (5, CRASH)),
        ("crash-consistent", [point(5, APP)], None, (5, APP)),
        ("latest-processed", [], None, None),
        # The spelling of types in lists of A2A items is not known for certain.
        (
            "app-consistent",
            [point(7, "appConsistent")],
            (7, "appConsistent"),
            (7, "appConsistent"),
        ),
    ],
)
def test_a_choice_means_the_newest_point_of_its_kind(choice, points, chosen, newest):
    pinned = choose("db1", choice, points)
    assert pinned.choice == choice
    assert pinned.point == (point(*chosen) if chosen else None)
    assert pinned.newest == (point(*newest) if newest else None)


@pytest.mark.parametrize(
    ("choice", "age"),
    [("latest", None), ("latest-processed", 4), ("app-consistent", 4), ("crash-consistent", 9)],
)
async def test_the_point_that_is_sent_is_the_one_that_was_chosen(choice, age):
    drill = await Drill.begin(
        a_plan(drill={"network": {"create": "vnet-small-drill"}, "recovery_point": choice})
    )
    await drill.up_to("test-failover:db1")
    (sent,) = [act for act in drill.gateway.acts if act.kind == "start_test_failover"]
    wanted = f"{drill.world.items['db1'].id}/recoveryPoints/p{age}" if age else None
    assert sent.details["point"] == wanted
    (pinned, _) = drill.observed(Observed.POINTS)[0]["points"]
    assert (pinned["vm"], pinned["point_id"]) == ("db1", wanted)


async def test_what_whoever_started_the_run_chose_counts_before_the_plan():
    drill = await Drill.begin()
    drill.run.parameters = {"recovery_point": "crash-consistent"}
    await drill.up_to()
    points = drill.observed(Observed.POINTS)[0]["points"]
    assert {one["point_type"] for one in points} == {CRASH}


async def test_without_a_point_of_the_type_wanted_the_drill_does_not_begin():
    plan = {"network": {"create": "vnet-small-drill"}, "recovery_point": "app-consistent"}
    drill = await Drill.begin(a_plan(drill=plan))
    points = drill.world.points[drill.world.items["db1"].id.casefold()]
    points[:] = [one for one in points if one.type != APP]
    await drill.do("preflight")
    outcome = await drill.do("recovery-points")
    assert outcome.error["code"] == "STEP-026"
    assert "db1 has no app-consistent point" in outcome.error["message"]
    assert "web1" not in outcome.error["message"]


async def test_a_point_that_is_made_while_others_are_read_is_no_point_of_the_future():
    drill = await Drill.begin()
    drill.world.points_take = timedelta(minutes=3)
    for item in drill.world.items.values():
        drill.world.points[item.id.casefold()].append(point(-2, CRASH, "db1"))
    await drill.do("preflight")
    outcome = await drill.do("recovery-points")
    assert outcome.status == "ok", outcome.error
    found = drill.observed(Observed.POINTS)[0]
    assert all(one["age_seconds"] >= 0 for one in found["points"])


# --- skew ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ages", "skew"),
    [([4, 9, 6.5], 300), ([4], 0), ([4, None, 6], 120), ([None, None], None)],
)
def test_the_skew_is_the_span_between_the_oldest_and_the_newest_point(ages, skew):
    pinned = [
        choose("db1", "latest" if age is None else "latest-processed", [point(age or 1, CRASH)])
        for age in ages
    ]
    assert points_data(pinned, START)["skew_seconds"] == skew


async def test_the_skew_between_vms_is_measured_in_a_drill():
    drill = await Drill.begin()
    points = drill.world.points[drill.world.items["web1"].id.casefold()]
    points[:] = [one for one in points if START - one.time > timedelta(minutes=10)]
    await drill.up_to()
    assert drill.observed(Observed.POINTS)[0]["skew_seconds"] == 600  # 4 and 14 minutes old
    assert drill.outcomes["recovery-points"].facts["skew_seconds"] == 600


# --- pruned --------------------------------------------------------------------------------------
async def test_a_pruned_point_without_an_older_one_fails_its_vm_and_nothing_is_sent():
    drill = await Drill.begin()
    await drill.up_to()
    points = drill.world.points[drill.world.items["db1"].id.casefold()]
    points[:] = [point(-1, CRASH)]  # the only one left was made after the pinned one
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "STEP-024"
    assert "there is no older one" in outcome.error["message"]
    assert "start_test_failover" not in drill.kinds()


async def test_a_substitute_is_noted_with_its_own_type():
    drill = await Drill.begin()
    await drill.up_to()
    points = drill.world.points[drill.world.items["db1"].id.casefold()]
    newest = max(points, key=lambda one: one.time)
    assert newest.type == APP  # the next older one is not
    points.remove(newest)
    await drill.do("test-failover:db1")
    (note,) = [data for data in drill.of(EventKind.NOTED) if data["what"] == "deviation"]
    assert note["point_type"] == CRASH
