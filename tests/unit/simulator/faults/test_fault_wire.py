"""Faults of one call, without a socket: what is told, and what the wire is to carry."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from muster.simulator.arm.ids import parse
from muster.simulator.azure_time import AzureTime
from muster.simulator.call import Answer
from muster.simulator.exchange import Response
from muster.simulator.faults.happening import Do
from muster.simulator.faults.wire import Course, course_of, vm_of
from tests.unit.simulator.conftest import TARGET, VAULT
from tests.unit.simulator.faults.fault_writing import (
    COMPUTE,
    began,
    copied,
    item_path,
    still_with,
)
from tests.unit.simulator.still_world import EPOCH, StillWorld

JOBS = f"{VAULT}/replicationJobs"
PLAIN = Response(200, {"Content-Type": "application/json", "X": "y"}, b"{}")


def course(*does: dict[str, Any], path: str = JOBS, still: StillWorld | None = None) -> Course:
    happens = tuple(Do.model_validate_json(json.dumps(do), strict=True) for do in does)
    return Course((still or StillWorld()).world, parse(path), happens)


def instead(**answer: Any) -> Answer:
    found = course({"answer": {"status": 429, **answer}}).instead()
    assert found is not None
    return found


def test_the_first_answer_counts_and_its_headers_are_sent() -> None:
    first = {"answer": {"status": 500, "code": "A", "message": "B", "headers": {"X-One": "1"}}}
    told = course({"slow": "1s"}, first, {"answer": {"status": 404}}).instead()
    assert told is not None
    assert (told.status, told.headers) == (500, {"X-One": "1"})
    assert told.body == {"error": {"code": "A", "message": "B"}}
    assert course({"slow": "1s"}).instead() is None


@pytest.mark.parametrize(
    ("speed", "wait", "told"), [(1.0, "30s", "30"), (60.0, "5m", "5"), (60.0, "10s", "1")]
)
def test_retry_after_is_for_the_clients_own_clock_and_never_0(
    speed: float, wait: str, told: str
) -> None:
    at = course({"answer": {"status": 429, "retry_after": wait}})
    at.world.clock = AzureTime(EPOCH, speed)
    found = at.instead()
    assert found is not None
    assert found.headers["Retry-After"] == told
    assert "Retry-After" not in instead().headers


@pytest.mark.parametrize("do", [{"lose": "request"}, {"hang": "1s"}])
def test_what_never_gets_there_is_not_done_and_not_answered(do: dict[str, Any]) -> None:
    one = course(do, {"body": "html"})
    assert one.is_lost_before
    assert one.instead() is not None
    assert one.delivered(PLAIN).delivery == "lost"


def test_a_lost_answer_is_that_of_something_done() -> None:
    one = course({"lose": "answer"})
    assert not one.is_lost_before
    assert one.instead() is None
    assert one.delivered(PLAIN).delivery == "lost"


def test_bodies_are_broken_each_in_its_way() -> None:
    html = course({"body": "html"}).delivered(PLAIN)
    assert b"502 Bad Gateway" in html.body
    assert dict(html.headers) == {"Content-Type": "text/html", "X": "y"}
    assert course({"body": "empty"}).delivered(PLAIN) == replace(PLAIN, body=b"")
    cut = course({"body": "truncated"}).delivered(PLAIN)
    assert (cut.delivery, cut.body) == ("truncated", b"{}")
    assert course({"slow": "1s"}).delivered(PLAIN) == PLAIN


async def test_a_hang_lasts_by_the_wall_and_a_slow_answer_by_azures_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[tuple[str, float]] = []

    async def wall(seconds: float) -> None:
        waited.append(("wall", seconds))

    async def azure(_: AzureTime, seconds: float) -> None:
        waited.append(("azure", seconds))

    monkeypatch.setattr(asyncio, "sleep", wall)
    monkeypatch.setattr(AzureTime, "sleep", azure)
    await course({"hang": "20s"}, {"slow": "40s"}, {"body": "html"}).held_up()
    assert waited == [("wall", 20.0), ("azure", 40.0)]


def test_an_answer_without_a_body_is_not_changed() -> None:
    change = {"change": {"set": {"+a": 1}}}
    assert course(change).told(Answer(204)).body is None
    assert course(change).told(Answer(200, {"b": 2})).body == {"a": 1, "b": 2}


def test_jobs_that_are_young_are_not_listed_and_not_found() -> None:
    still = StillWorld()
    old = began(still, "Sql1")
    still.pass_by(119)
    young = began(still, "web1")
    still.pass_by(1)  # a list tells what has started
    body = still.get(JOBS)
    rows = {row["name"] for row in body["value"]}
    assert rows == {old["id"], young["id"]}
    lag = course({"lag": "2m"}, still=still)
    assert still.world.now - old["accepted"] == 120.0
    assert [row["name"] for row in lag.told(Answer(200, body)).body["value"]] == [old["id"]]
    assert len(body["value"]) == 2
    for job, status in ((old, 200), (young, 404)):
        path = f"{JOBS}/{job['id']}"
        one = course({"lag": "2m"}, path=path, still=still)
        assert one.told(Answer(200, still.get(path))).status == status


def test_a_lag_goes_by_when_a_job_was_accepted() -> None:
    still = StillWorld()
    job = began(still, "web1")
    assert job["starts"] > job["accepted"]
    still.pass_by(job["starts"] - job["accepted"] + 0.5)
    body, lag = still.get(JOBS), f"{job['starts'] - job['accepted'] + 0.25:.3f}s"
    assert course({"lag": lag}, still=still).told(Answer(200, body)).body["value"]


@pytest.mark.parametrize(
    ("start", "is_told"), [("", False), ("2020-01-01T00:00:00.1Z", True), (None, False)]
)
def test_a_job_that_nobody_knows_goes_by_its_start(start: str | None, is_told: bool) -> None:
    row = {"name": "other", "properties": {"startTime": start}}
    told = course({"lag": "2m"}).told(Answer(200, {"value": [row]}))
    assert bool(told.body["value"]) == is_told


def test_a_refusal_of_the_list_is_told_as_it_is() -> None:
    refused = Answer(400, {"error": {"code": "BadFilter", "message": "No."}})
    lag = {"lag": "2m"}
    assert course(lag).told(refused) == refused
    assert course(lag, path=f"{JOBS}/x").told(refused) == refused
    rows = Answer(200, {"value": [{"name": "x"}]})
    assert course(lag, path=f"{VAULT}/replicationPolicies").told(rows) == rows


def test_whose_vm_a_path_is_about() -> None:
    still = StillWorld()
    _, config, _ = copied(still, "web1")
    job = began(still, "Sql1")
    world = still.world
    for path, vm in (
        (item_path("web1"), "web1"),
        (item_path("web1", "testFailoverCleanup").upper(), "web1"),
        (item_path("web1").replace("_2", "_9"), ""),
        (f"{JOBS}/{job['id']}", "Sql1"),
        (f"{JOBS}/none", ""),
        (f"{COMPUTE}/web1-TEST/runCommands/c", "web1"),
        (f"{COMPUTE}/other", "other"),
        (JOBS, ""),
        (f"{TARGET}/Microsoft.Network/virtualNetworks/drill", ""),
    ):
        assert vm_of(world, parse(path)) == vm, path
    assert config


def test_a_call_meets_the_rules_of_its_operation_vm_and_client() -> None:
    rule = {"on": {"call": "get *protecteditems"}, "vm": "web1", "client": "own"}
    still = still_with(rule | {"do": {"slow": "1s"}})
    get = "get Microsoft.RecoveryServices/vaults/x/replicationProtectedItems"
    for vm, client, met in (("web1", "drill", 1), ("Sql1", "drill", 0), ("web1", "operator", 0)):
        found = course_of(still.world, get, parse(item_path(vm)), client)
        assert len(found.happens) == met
