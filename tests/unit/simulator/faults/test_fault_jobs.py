"""Jobs that fail, hang, take their time or are cancelled, by a rule."""

from __future__ import annotations

from typing import Any

import pytest

from muster.simulator.faults.job_courses import bend, place
from muster.simulator.world import World
from tests.unit.simulator.faults.fault_writing import COMPUTE, began, item_path, still_with
from tests.unit.simulator.still_world import StillWorld

ON = {"job": "TestFailover"}
WORK = (0.5, 1)
YEAR = 365 * 86400
FAILS = {"code": "28031", "message": "No cores are left.", "causes": "A quota.", "action": "Ask."}


def in_job(**course: Any) -> StillWorld:
    return still_with({"on": ON, "do": {"job": course}})


def plain(vm: str = "web1") -> Any:
    return began(StillWorld(), vm)


@pytest.mark.parametrize(
    ("where", "share", "task"), [("prerequisites", 0.01, 0), ("work", 0.5, 1), ("end", 1.0, 2)]
)
def test_the_places_of_a_job(where: Any, share: float, task: int) -> None:
    assert place({"tasks": [{}, {}, {}]}, where, WORK) == (share, task)


def test_it_takes_so_many_times_as_long_and_so_do_its_tasks() -> None:
    before, after = plain(), began(in_job(takes=3), "web1")
    assert after["ends"] - after["starts"] == pytest.approx(
        3 * (before["ends"] - before["starts"])
    )
    for one, other in zip(before["tasks"], after["tasks"], strict=True):
        for at in ("start", "end"):
            early, late = one[at] - before["starts"], other[at] - after["starts"]
            assert late == pytest.approx(3 * early)


@pytest.mark.parametrize("where", ["prerequisites", "work", "end"])
def test_it_is_stuck_and_what_came_before_is_as_it_was(where: Any) -> None:
    still = in_job(stuck=where)
    before, job = plain(), began(still, "web1")
    _, number = place(job, where, (0.6, 1))
    assert job["tasks"][number]["end"] > job["starts"] + YEAR
    assert job["tasks"][number]["start"] == before["tasks"][number]["start"]
    for one, other in zip(before["tasks"][:number], job["tasks"][:number], strict=True):
        assert (one["start"], one["end"]) == (other["start"], other["end"])
    assert all(task["start"] > job["starts"] + YEAR for task in job["tasks"][number + 1 :])
    still.pass_by(86400)
    body = still.get(f"{_vault()}/replicationJobs/{job['id']}")
    assert body["properties"]["state"] == "InProgress"
    stands = still.ask("GET", f"{COMPUTE}/web1-test").status == 200
    assert stands == (where == "end")


@pytest.mark.parametrize(("where", "stands"), [("prerequisites", False), ("end", True)])
def test_it_fails_in_the_words_of_the_rule(where: str, stands: bool) -> None:
    still = in_job(fails=FAILS | {"at": where})
    job = began(still, "web1")
    still.settle()
    body = still.get(f"{_vault()}/replicationJobs/{job['id']}")["properties"]
    assert body["state"] == "Failed"
    told = body["errors"][0]["serviceErrorDetails"]
    assert (told["code"], told["message"]) == ("28031", "No cores are left.")
    assert (told["possibleCauses"], told["recommendedAction"]) == ("A quota.", "Ask.")
    assert (still.ask("GET", f"{COMPUTE}/web1-test").status == 200) == stands


def test_somebody_cancels_it_while_it_runs_and_not_when_it_is_over() -> None:
    still = in_job(cancelled="30s")
    job = began(still, "web1")
    still.settle()
    path = f"{_vault()}/replicationJobs/{job['id']}"
    assert still.get(path)["properties"]["state"] == "Cancelled"
    still = in_job(cancelled="10d")
    job = began(still, "web1")
    still.settle()
    path = f"{_vault()}/replicationJobs/{job['id']}"
    assert still.get(path)["properties"]["state"] == "Succeeded"
    assert still.get(item_path("web1"))["properties"]["testFailoverState"] != "None"


def test_what_bends_it_without_ending_it_says_so() -> None:
    still = StillWorld()
    course = still_with({"on": ON, "do": {"job": {"takes": 2}}}).world.faults
    (do,) = course.meet("job", "TestFailover", vm="web1")
    assert bend(_world(still), began(still, "web1"), do.job, WORK) is None
    fails = in_job(fails=FAILS | {"at": "work"}).world.faults
    (do,) = fails.meet("job", "TestFailover", vm="web1")
    assert bend(_world(still), began(still, "dead1"), do.job, WORK) == "work"
    stuck = in_job(stuck="end").world.faults
    (do,) = stuck.meet("job", "TestFailover", vm="web1")
    assert bend(_world(still), began(still, "Sql1"), do.job, WORK) == "end"


def _world(still: StillWorld) -> World:
    return still.world


def _vault() -> str:
    return item_path("web1").partition("/replicationFabrics/")[0]
