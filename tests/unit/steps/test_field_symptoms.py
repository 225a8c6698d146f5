"""What the field has met, and what must happen then: points, agents, locks, opened networks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.kinds import Conflict, Forbidden
from muster.journal.events import EventKind, Observed
from muster.steps.commands import FREE_LOOK
from muster.steps.placement import differences
from muster.steps.recorded import drill_network
from tests.unit.steps.drilling import Drill

BUSY = Conflict("Run command extension execution is in progress.", status=409)


def points_of(drill: Drill):
    return sorted(drill.world.points[drill.world.items["db1"].id.casefold()], key=lambda p: p.time)


def pinned(drill: Drill) -> str:
    found = drill.observed(Observed.POINTS)[0]["points"]
    return str(next(point for point in found if point["vm"] == "db1")["point_id"])


async def test_a_point_that_cannot_be_used_is_replaced_by_the_nearest_younger_one():
    drill = await Drill.begin()
    await drill.up_to()
    first = pinned(drill)
    newest = points_of(drill)[-1]
    younger = replace(newest, id=f"{newest.id}-younger", time=newest.time + timedelta(minutes=5))
    youngest = replace(newest, id=f"{newest.id}-last", time=newest.time + timedelta(minutes=9))
    drill.world.points[drill.world.items["db1"].id.casefold()] += [youngest, younger]
    drill.world.unusable_points.add(first)

    assert (await drill.do("test-failover:db1")).is_ok
    sent = [act.details["point"] for act in drill.gateway.acts if "failover" in act.kind]
    assert sent == [first, younger.id]
    (note,) = [data for data in drill.of(EventKind.NOTED) if data["what"] == "deviation"]
    assert (note["point_id"], note["pinned"]) == (younger.id, first)
    assert "cannot be used" in note["text"]
    assert [data["attempt"] for data in drill.of(EventKind.INTENDED) if _is_failover(data)] == [
        1,
        2,
    ]


def _is_failover(data) -> bool:
    return data["act"] == "test-failover"


async def test_without_a_younger_point_the_nearest_older_one_is_taken():
    drill = await Drill.begin()
    await drill.up_to()
    first = pinned(drill)
    drill.world.unusable_points.add(first)
    older = [point.id for point in points_of(drill) if point.id != first]
    assert (await drill.do("test-failover:db1")).is_ok
    assert drill.gateway.acts[-1].details["point"] == older[-1]


async def test_a_vm_none_of_whose_points_can_be_used_fails_after_some():
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.unusable_points |= {point.id for point in points_of(drill)}
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "STEP-020"
    assert "BookmarkNotFound" in outcome.error["message"]
    assert drill.gateway.kinds().count("start_test_failover") == 3


async def test_another_failure_is_not_tried_with_another_point():
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.failing_failovers["db1"] = "Allocation failed."
    assert (await drill.do("test-failover:db1")).error["code"] == "STEP-020"
    assert drill.gateway.kinds().count("start_test_failover") == 1


def busy_for(drill: Drill, times: int) -> None:
    plain, left = drill.gateway.start_command, [BUSY] * times

    async def start(*args):
        if left:
            raise left.pop()
        await plain(*args)

    drill.gateway.start_command = start  # type: ignore[method-assign]


async def test_an_agent_that_runs_another_command_is_waited_for():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1", "boot:db1")
    busy_for(drill, 4)
    began = drill.clock.now()
    assert (await drill.do("checks:database.db1")).is_ok
    assert drill.clock.now() - began >= 4 * FREE_LOOK


async def test_an_agent_that_is_never_free_ends_with_the_step():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1", "boot:db1")
    busy_for(drill, 100_000)
    began = drill.clock.now()
    outcome = await drill.do("checks:database.db1")
    assert outcome.error["code"] == "CHECK-002"
    assert "in progress" in outcome.error["message"]
    assert drill.clock.now() - began <= drill.step("checks:database.db1").timeout


async def test_what_a_check_found_counts_though_its_command_cannot_be_removed():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1", "boot:db1")
    drill.world.forbidden_acts.add("delete_command")
    assert (await drill.do("checks:database.db1")).is_ok
    (warning,) = [data for data in drill.of(EventKind.NOTED) if data["what"] == "warning"]
    assert "could not be removed" in warning["text"]


async def test_a_network_that_was_opened_under_the_copies_fails_the_checks():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1", "boot:db1")
    network = str(drill_network(drill.run)["network_id"])
    found = drill.world.resources[network.casefold()]
    there = {"remoteVirtualNetwork": {"id": f"{network}-hub"}}
    bent = {**found.properties, "virtualNetworkPeerings": [{"name": "p", "properties": there}]}
    opened = replace(found, properties=bent)
    drill.world.resources[network.casefold()] = opened
    drill.clock.advance(timedelta(minutes=2))
    outcome = await drill.do("checks:database.db1")
    assert outcome.error["code"].startswith("ISO-")
    assert "start_command" not in drill.kinds()


@pytest.mark.parametrize(
    ("state", "told"), [("Failed", True), ("Updating", True), ("Succeeded", False)]
)
async def test_a_copy_that_azure_did_not_finish_is_a_deviation(state, told):
    from muster.steps.copies import find_copy

    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    item = drill.world.items["db1"]
    copy = await find_copy(drill.run, item, drill.clock.now() - timedelta(hours=1))
    assert copy is not None
    bent = replace(copy, vm=replace(copy.vm, provisioning_state=state))
    network = str(drill_network(drill.run)["network_id"])
    found = list(differences(drill.plan.vm("db1"), item, network, bent))
    assert [one.field for one in found if one.field == "provisioning"] == ["provisioning"] * told
    assert not any(one.severe for one in found)


async def test_a_refusal_that_is_not_about_a_busy_agent_is_not_repeated():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1", "boot:db1")
    sent = []

    async def start(*args):
        sent.append(args)
        raise Forbidden("no", action="x")

    drill.gateway.start_command = start  # type: ignore[method-assign]
    assert not (await drill.do("checks:database.db1")).is_ok
    assert len(sent) == 1
