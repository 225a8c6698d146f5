"""What an adversary got past the sends, the cleanup and its proof, and no longer does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.ids import key_of
from muster.gateway.values import Accepted, Job, Resource
from muster.journal.events import EventKind, Observed, instant_text
from muster.steps.perform import perform
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION
from tests.unit.steps.drilling import Drill, minutes
from tests.unit.steps.lost import lose_answers


async def test_a_test_failover_that_turns_up_after_its_lost_answer_is_not_called_clean():
    drill = await Drill.begin()
    await drill.up_to()
    lose_answers(drill, is_taken=False)
    await drill.do("test-failover:db1", "cleanup:db1")
    drill.world.items["db1"] = replace(
        drill.world.items["db1"], test_failover_state="InProgress", allowed_operations=()
    )
    await drill.do("remove-network")
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-002"
    assert "whether it is this run's cannot be told" in outcome.error["message"]
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is False


async def test_nothing_is_called_clean_while_a_job_of_the_item_is_under_way():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")
    item = drill.world.items["db1"]
    network = str(item.recovery_network_id)
    drill.world.jobs_that_hang.add("db1")
    drill.gateway._start(item, "TestFailover", minutes(3), network)
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-002"
    assert "a job under way" in outcome.error["message"]


async def test_a_group_whose_list_lacks_what_stood_there_before_is_not_called_clean():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")

    async def nothing(group_id: str) -> tuple[Resource, ...]:
        return ()

    drill.gateway.resources_of_group = nothing  # type: ignore[method-assign]
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-002"
    assert "replica disks" in outcome.error["message"]


async def test_a_list_that_leaves_out_what_is_there_when_asked_for_is_not_believed():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")
    whole = drill.gateway.resources_of_group

    async def without_networks(group_id: str) -> tuple[Resource, ...]:
        return tuple(r for r in await whole(group_id) if not r.type.endswith("virtualNetworks"))

    drill.gateway.resources_of_group = without_networks  # type: ignore[method-assign]
    outcome = await drill.do("prove-clean")
    assert outcome.error["code"] == "CLEAN-002"
    assert "vnet-small-asr" in outcome.error["message"]


async def test_what_its_owner_deleted_meanwhile_is_missed_by_nobody():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")
    gone = next(key for key in drill.world.resources if key.endswith("/vnet-small-asr"))
    del drill.world.resources[gone]
    assert (await drill.do("prove-clean")).is_ok


async def test_a_group_that_is_gone_is_not_called_clean():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    await drill.do("cleanup:db1", "remove-network")
    del drill.world.resources[key_of(drill.run.target_group_id)]
    assert (await drill.do("prove-clean")).error["code"] == "CLEAN-002"


ELSEWHERE = SUBSCRIPTION[:-1] + "9"


async def under_another_default(drill: Drill) -> Drill:
    other = await drill.crashed()
    other.run.settings = replace(other.run.settings, subscription=ELSEWHERE)
    other.graph = other.run.graph
    await other.finalise()
    return other


async def test_a_cleanup_under_another_default_subscription_proves_nothing():
    drill = await Drill.begin()  # opened by a Muster that pinned no subscription
    await drill.up_to("test-failover:db1")
    other = await under_another_default(drill)
    assert not other.outcomes["prove-clean"].is_ok


async def test_a_cleanup_works_in_the_subscriptions_that_its_run_was_opened_with():
    roles = dict.fromkeys(("source", "target", "vault"), SUBSCRIPTION)
    drill = await Drill.begin(opened={"graph": [], "place": {"subscriptions": roles}})
    await drill.up_to("test-failover:db1")
    other = await under_another_default(drill)
    assert other.outcomes["prove-clean"].is_ok
    assert other.copies() == []
    assert other.observed(Observed.INVENTORY)[-1]["looked_in"][-1] == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small-asr"
    )


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
    assert (await drill.do("cleanup:db1")).is_ok
    assert len(sent) == 2


async def test_an_intent_from_a_clock_that_was_a_year_ahead_is_not_waited_out():
    drill = await Drill.begin()
    await drill.up_to()
    ahead = instant_text(drill.clock.now() + timedelta(days=365))
    data = {"act": "test-failover", "subject": "db1", "not_after": ahead, "attempt": 1}
    await drill.run.journal.append(EventKind.INTENDED, {**data, "request": {}})
    began = drill.clock.now()
    assert (await drill.do("cleanup:db1")).is_ok
    assert drill.clock.now() - began <= minutes(3)


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


async def test_nothing_is_sent_by_whoever_was_stopped_while_it_wrote_its_intent():
    drill = await Drill.begin()
    await drill.up_to()
    owned = drill.run.journal.ensure_owned

    async def stopped_meanwhile() -> None:
        drill.run.stop("SIGTERM")
        await owned()

    drill.run.journal.ensure_owned = stopped_meanwhile  # type: ignore[method-assign]
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "RUN-005"
    assert "start_test_failover" not in drill.kinds()
    assert drill.of(EventKind.NOTED)[-1]["what"] == "not sent"
    began = drill.clock.now()
    assert (await drill.do("cleanup:db1")).is_ok
    assert drill.clock.now() == began  # nothing is open, so nothing had to be waited out


async def test_a_run_that_is_stopping_still_cleans_up():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    drill.run.stop("SIGTERM")
    assert (await drill.do("cleanup:db1")).is_ok
    assert drill.copies() == []


async def points_ahead(drill: Drill, ahead: timedelta) -> None:
    for key, points in drill.world.points.items():
        newest = max(points, key=lambda point: point.time)
        drill.world.points[key] = [replace(newest, time=drill.clock.now() + ahead)]
    await drill.do("preflight")


async def test_a_point_that_is_younger_than_the_reference_is_not_taken_as_fresh():
    drill = await Drill.begin()
    await points_ahead(drill, timedelta(days=3))
    outcome = await drill.do("recovery-points")
    assert outcome.error["code"] == "STEP-027"
    assert "db1 by 3d" in outcome.error["message"]


async def test_a_point_a_little_younger_than_the_reference_is_new_by_clocks_that_differ():
    drill = await Drill.begin()
    await points_ahead(drill, timedelta(seconds=20))
    assert (await drill.do("recovery-points")).is_ok
    assert {point["age_seconds"] for point in drill.observed(Observed.POINTS)[0]["points"]} == {0}


@pytest.mark.parametrize("choice", ["latest", "latest-processed"])
async def test_latest_is_judged_by_the_newest_point_and_that_may_not_be_of_the_future(choice):
    drill = await Drill.begin()
    drill.run.parameters = {"recovery_point": choice}
    await points_ahead(drill, minutes(2))
    assert (await drill.do("recovery-points")).error["code"] == "STEP-027"
