"""Whose a test failover is that a lost answer may have started: its copy's network shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.ids import key_of
from muster.journal.events import EventKind, Observed, instant_text
from muster.journal.journal import Journal
from tests.builders import a_plan
from tests.fakes.world import a_network
from tests.unit.steps.drilling import Drill, minutes
from tests.unit.steps.lost import lose_answers

STEP = "test-failover:db1"


class Killed(BaseException):
    """The process is gone: no handler of ours may catch it."""


def target_network(drill: Drill) -> str:
    return str(drill.world.items["db1"].recovery_network_id)


def adopted(drill: Drill) -> list[str]:
    return [data["how"] for data in drill.of(EventKind.ACCEPTED) if data.get("adopted")]


async def foreign() -> Drill:
    """Ours was lost on its way, while somebody else started one that names no network."""
    drill = await Drill.begin()
    await drill.up_to()
    lose_answers(drill, network=lambda _: target_network(drill))
    return drill


async def test_a_foreign_job_that_names_no_network_is_neither_adopted_nor_cleaned():
    drill = await foreign()
    outcome = await drill.do(STEP)
    assert outcome.error["code"] == "STEP-010"
    assert "stands in" in outcome.error["message"]
    assert (await drill.do("cleanup:db1")).error["code"] == "STEP-010"
    assert "start_cleanup" not in drill.kinds()
    assert adopted(drill) == []
    assert drill.copies() == ["db1-test"]
    await drill.do("remove-network")
    assert (await drill.do("prove-clean")).error["code"] == "CLEAN-002"


async def test_a_job_that_names_no_network_is_ours_once_its_copy_stands_in_the_drill_network():
    drill = await Drill.begin()
    await drill.up_to()
    taken = lose_answers(drill)
    assert (await drill.do(STEP)).is_ok
    assert len(taken) == 1
    assert adopted(drill)[0].endswith("its copy stands in the drill network")
    assert (await drill.do("cleanup:db1")).is_ok
    assert drill.copies() == []


async def test_a_process_that_died_before_the_answer_is_cleaned_up_after():
    drill = await Drill.begin()
    await drill.up_to()
    lose_answers(drill)
    with pytest.raises(Killed):
        await dying_before_the_answer(drill)
    again = await drill.crashed()
    assert (await again.do("cleanup:db1")).is_ok
    assert again.copies() == []
    assert again.kinds().count("start_cleanup") == 1


async def dying_before_the_answer(drill: Drill) -> None:
    append = drill.run.journal.append

    async def dying(kind: EventKind, data: object, **more: object) -> object:
        if kind is EventKind.NOTED:
            raise Killed
        return await append(kind, data, **more)  # type: ignore[arg-type]

    drill.run.journal.append = dying  # type: ignore[method-assign, assignment]
    await drill.do(STEP)


async def test_a_job_still_under_way_is_waited_for_and_not_for_ever():
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.jobs_that_hang.add("db1")
    lose_answers(drill)
    began = drill.clock.now()
    assert (await drill.do(STEP)).error["code"] == "AZ-WAIT"
    assert drill.clock.now() - began <= drill.step(STEP).timeout + minutes(1)
    assert adopted(drill) == []


async def test_a_copy_with_one_card_elsewhere_is_asked_about():
    drill = await Drill.begin()
    await drill.up_to()
    lose_answers(drill)
    make = drill.gateway.vm

    async def with_two_cards(vm_id: str, **view: bool) -> object:
        vm = await make(vm_id, **view)
        if vm is None or not vm.name.endswith("-test"):
            return vm
        return replace(vm, nic_ids=(*vm.nic_ids, f"{vm.nic_ids[0]}-2"))

    drill.gateway.vm = with_two_cards  # type: ignore[method-assign, assignment]
    outcome = await drill.do(STEP)
    assert outcome.error["code"] == "STEP-010"
    assert "could be read" in outcome.error["message"]


async def test_a_copy_whose_age_azure_does_not_tell_is_not_taken_for_ours():
    drill = await Drill.begin()
    await drill.up_to()
    lose_answers(drill)
    make = drill.gateway.vm

    async def ageless(vm_id: str, **view: bool) -> object:
        vm = await make(vm_id, **view)
        return vm and replace(vm, created_at=None)

    drill.gateway.vm = ageless  # type: ignore[method-assign, assignment]
    assert (await drill.do(STEP)).error["code"] == "STEP-010"
    assert drill.observed(Observed.OWNED) == []


async def test_a_job_that_failed_and_left_nothing_needs_no_owner():
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.failing_failovers["db1"] = "Allocation failed."
    lose_answers(drill)
    assert (await drill.do(STEP)).error["code"] == "STEP-017"
    assert (await drill.do("cleanup:db1")).is_ok
    assert "start_cleanup" not in drill.kinds()
    await drill.do("remove-network")
    assert (await drill.do("prove-clean")).is_ok


async def in_a_shared_network() -> Drill:
    """The plan names a network that stands already, so others may use it as well."""
    drill = await Drill.begin(a_plan(drill={"network": {"use": "vnet-shared"}}))
    network = (
        f"{drill.run.target_group_id}/providers/Microsoft.Network/virtualNetworks/vnet-shared"
    )
    drill.world.add(a_network(network, "10.1.0.0/16", {"default": "10.1.255.0/24"}, "westus2"))
    await drill.do("preflight", "recovery-points")
    # Proving a given network is told elsewhere: here it counts as proven.
    data = {"network_id": network, "made": False, "owned": []}
    proof = {"network_id": network, "verdict": "isolated", "why": "", "hops": []}
    for what, seen in ((Observed.NETWORK, data), (Observed.REACHABILITY, proof)):
        await drill.run.journal.append(EventKind.OBSERVED, {"what": what.value, **seen})
    lose_answers(drill)
    return drill


async def test_in_a_shared_network_a_job_of_the_right_minute_is_ours():
    drill = await in_a_shared_network()
    await drill.do(STEP)
    assert len(adopted(drill)) == 1


async def test_in_a_shared_network_a_job_that_began_later_is_asked_about():
    drill = await in_a_shared_network()
    began = drill.clock.now()
    start = drill.gateway.start_test_failover

    async def later(item_id: str, network_id: str, point_id: str | None) -> object:
        try:
            return await start(item_id, network_id, point_id)
        finally:
            for running in drill.gateway.all_jobs.values():
                at = began + minutes(10)
                running.job = replace(running.job, started_at=at)

    drill.gateway.start_test_failover = later  # type: ignore[method-assign, assignment]
    outcome = await drill.do(STEP)
    assert outcome.error["code"] == "STEP-010"
    assert "did not start when" in outcome.error["message"]


@pytest.mark.parametrize(
    ("ago", "is_ours"), [(timedelta(0), False), (timedelta(hours=5), True)], ids=["now", "before"]
)
async def test_in_a_shared_network_what_another_run_may_have_sent_is_asked_about(ago, is_ours):
    drill = await in_a_shared_network()
    drill.clock.start -= ago
    other = await Journal.open_run(
        drill.store, drill.clock, run="other-1", plan="other", operation="drill", opened={}
    )
    item_id = drill.world.items["db1"].id.upper()
    not_after = instant_text(drill.clock.now())
    data = {"act": "test-failover", "subject": "db-one", "attempt": 1, "not_after": not_after}
    await other.append(EventKind.INTENDED, {**data, "request": {"item_id": item_id}})
    drill.clock.start += ago
    outcome = await drill.do(STEP)
    assert (len(adopted(drill)) == 1) is is_ours
    if not is_ours:
        assert "other-1" in outcome.error["message"]


async def test_an_intent_dated_in_the_future_is_looked_for_in_the_past():
    drill = await Drill.begin()
    await drill.up_to()
    drill.clock.start += timedelta(days=365)
    lose_answers(drill)
    with pytest.raises(Killed):
        await dying_before_the_answer(drill)
    drill.clock.start -= timedelta(days=365)
    for running in drill.gateway.all_jobs.values():  # Azure's own clock was right
        running.job = replace(running.job, started_at=drill.clock.now())
        running.due = drill.clock.now() + minutes(3)
    again = await drill.crashed()
    assert (await again.do("cleanup:db1")).is_ok
    assert again.copies() == []
    assert key_of(adopted_job(again)) in drill.gateway.all_jobs


def adopted_job(drill: Drill) -> str:
    return next(str(d["job_id"]) for d in drill.of(EventKind.ACCEPTED) if d.get("adopted"))
