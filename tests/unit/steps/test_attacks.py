"""Attacks that got through; each mark goes with its fix, for it is strict."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.ids import key_of
from muster.gateway.kinds import Unreachable
from muster.gateway.port import Accepted, Job, Resource
from muster.journal.events import EventKind, Observed, instant_text
from muster.journal.inbox import drop
from muster.steps.perform import perform
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION
from tests.unit.steps.drilling import Drill, minutes


def open_hole(name: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=name, strict=True)


@open_hole("a job that names no network is adopted")
async def test_a_foreign_job_that_names_no_network_is_neither_adopted_nor_cleaned():
    drill = await Drill.begin()
    await drill.up_to()
    item, start = drill.world.items["db1"], drill.gateway.start_test_failover
    foreign: list[Accepted] = []

    async def lost(item_id: str, network_id: str, point_id: str | None) -> Accepted:
        if not foreign:
            foreign.append(await start(item.id, str(item.recovery_network_id), None))
            running = drill.gateway.all_jobs[key_of(foreign[0].job_id)]
            running.job = replace(running.job, network_id=None)
        raise Unreachable("no answer", maybe_accepted=True)

    drill.gateway.start_test_failover = lost  # type: ignore[method-assign]
    await drill.do("test-failover:db1")
    assert "start_cleanup" not in drill.kinds()


@open_hole("an intent that was never settled does not count as ours")
async def test_a_test_failover_that_turns_up_after_its_lost_answer_is_not_called_clean():
    drill = await Drill.begin()
    await drill.up_to()

    async def lost(*_: object) -> Accepted:
        raise Unreachable("no answer", maybe_accepted=True)

    drill.gateway.start_test_failover = lost  # type: ignore[method-assign]
    await drill.do("test-failover:db1", "cleanup:db1")
    drill.world.items["db1"] = replace(
        drill.world.items["db1"], test_failover_state="InProgress", allowed_operations=()
    )
    await drill.do("remove-network", "prove-clean")
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is False


@open_hole("an empty list is believed")
async def test_a_group_whose_list_lacks_what_stood_there_before_is_not_called_clean():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")

    async def nothing(group_id: str) -> tuple[Resource, ...]:
        return ()

    drill.gateway.resources_of_group = nothing  # type: ignore[method-assign]
    assert not (await drill.do("prove-clean")).is_ok


@open_hole("the subscription is not pinned when a run opens")
async def test_a_cleanup_under_another_default_subscription_proves_nothing():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    other = await drill.crashed()
    other.run.settings = replace(other.run.settings, subscription=SUBSCRIPTION[:-1] + "9")
    other.graph = other.run.graph
    await other.finalise()
    assert not other.outcomes["prove-clean"].is_ok


@open_hole("the id that was accepted is not passed over when the job ended under another")
async def test_a_failed_cleanup_whose_job_changed_its_id_is_sent_again():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    ended, start = drill.gateway.job_ended, drill.gateway.start_cleanup
    sent: list[str] = []

    async def renamed(job_id: str, **spans: timedelta) -> Job:
        job = await ended(job_id, **spans)
        return replace(job, id=f"{job.id}-2", name=f"{job.name}-2")

    async def counted(item_id: str, comments: str) -> Accepted:
        sent.append(item_id)
        if len(sent) == 2:
            drill.world.failing_cleanups.clear()
        return await start(item_id, comments)

    drill.gateway.job_ended = renamed  # type: ignore[method-assign, assignment]
    drill.gateway.start_cleanup = counted  # type: ignore[method-assign]
    drill.world.failing_cleanups["db1"] = "Try again later."
    await drill.do("cleanup:db1")
    assert len(sent) == 2


@open_hole("the wait for an open intent does not know its step's deadline")
async def test_an_intent_from_a_clock_that_was_a_year_ahead_is_not_waited_out():
    drill = await Drill.begin()
    await drill.up_to()
    ahead = instant_text(drill.clock.now() + timedelta(days=365))
    data = {"act": "test-failover", "subject": "db1", "not_after": ahead, "attempt": 1}
    await drill.run.journal.append(EventKind.INTENDED, {**data, "request": {}})
    began = drill.clock.now()
    await drill.do("cleanup:db1")
    assert drill.clock.now() - began <= drill.step("cleanup:db1").timeout + minutes(1)


@open_hole("whether the run is stopping is asked before the queue, not after it")
async def test_nothing_is_sent_by_whoever_queued_when_the_run_was_stopped():
    drill = await Drill.begin(a_plan(groups=[group_data("database", ["db1", "db2", "db3"])]))
    await drill.up_to()
    start = drill.gateway.start_test_failover

    async def stopping(item_id: str, network_id: str, point_id: str | None) -> Accepted:
        drill.run.stop("SIGTERM")
        for _ in range(20):
            await asyncio.sleep(0)
        return await start(item_id, network_id, point_id)

    drill.gateway.start_test_failover = stopping  # type: ignore[method-assign]
    steps = [drill.step(f"test-failover:{vm}") for vm in ("db1", "db2", "db3")]
    await asyncio.gather(*(perform(step, {}, drill.run) for step in steps))
    assert drill.kinds().count("start_test_failover") == 1


@open_hole("an answer is not compared with its question's span")
@pytest.mark.parametrize("age", [timedelta(days=300), timedelta(days=-1)], ids=["before", "after"])
async def test_an_answer_from_outside_the_questions_span_does_not_count(age):
    manual = {"ask": "Sure?", "within": "30m", "otherwise": "abort"}
    before = [{"manual": manual, "touches": "nothing"}]
    drill = await Drill.begin(a_plan(groups=[group_data("database", ["db1"], before=before)]))
    question = "action:database.before.1"
    message = {"kind": "answer", "question": question, "answer": "continue", "by": "m", "via": "x"}
    drop(drill.store, drill.run.id, {**message, "at": drill.clock.now() - age})
    await drill.up_to()
    assert not (await drill.do(question)).is_ok


@open_hole("a point from the future has a negative age")
async def test_a_point_that_is_younger_than_the_reference_is_not_taken_as_fresh():
    drill = await Drill.begin()
    for key, points in drill.world.points.items():
        ahead = timedelta(days=3)
        drill.world.points[key] = [replace(one, time=one.time + ahead) for one in points]
    await drill.do("preflight")
    assert not (await drill.do("recovery-points")).is_ok
