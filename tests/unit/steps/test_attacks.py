"""Attacks that got through; each mark goes with its fix, for it is strict."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.gateway.kinds import Unreachable
from muster.gateway.port import Accepted, Job, Resource
from muster.journal.events import EventKind, Observed, instant_text
from muster.journal.inbox import drop
from muster.steps.copies import Copy, card_from
from muster.steps.isolation.egress import ways_out
from muster.steps.isolation.reach import Rules, walk
from muster.steps.perform import perform
from muster.steps.placement import differences
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION, a_resource
from tests.unit.steps.drilling import Drill, minutes

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small-asr"
GIVEN = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-given"
DENY = {
    "name": "deny",
    "properties": {
        "direction": "Outbound", "access": "Deny", "priority": 100, "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*",
    },
}  # fmt: skip


def open_hole(name: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=name, strict=True)


def verdict_of(subnet: dict[str, Any], *others: Resource) -> str:
    network = a_resource(
        GIVEN,
        "Microsoft.Network/virtualNetworks",
        addressSpace={"addressPrefixes": ["10.5.0.0/16"]},
        subnets=[{"name": "data", "properties": {"addressPrefix": "10.5.0.0/24", **subnet}}],
    )
    known = {key_of(one.id): one for one in (network, *others)}
    return walk(GIVEN, known, Rules({}, frozenset(), "none")).verdict


def part(kind: str, name: str, **properties: object) -> Resource:
    arm_type = f"Microsoft.Network/{kind}"
    return a_resource(f"{GROUP}/providers/{arm_type}/{name}", arm_type, **properties)


@open_hole("the proof of isolation is not renewed before a send")
async def test_a_peering_added_after_the_proof_stops_the_next_copy():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    key = next(one for one in drill.world.resources if one.endswith("/vnet-small-drill"))
    group = drill.world.group_id("rg-small")
    source = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-small"
    peering = {"name": "late", "properties": {"remoteVirtualNetwork": {"id": source}}}
    found = drill.world.resources[key]
    changed = {**found.properties, "virtualNetworkPeerings": [peering]}
    drill.world.resources[key] = replace(found, properties=changed)
    assert not (await drill.do("test-failover:web1")).is_ok


@open_hole("machines that stand in a given network are not foreign to it")
def test_a_given_network_in_which_somebody_elses_machines_stand_is_not_isolated():
    nic = part("networkInterfaces", "payroll", ipConfigurations=[])
    nsg = part("networkSecurityGroups", "nsg", securityRules=[DENY])
    subnet = {
        "networkSecurityGroup": {"id": nsg.id},
        "ipConfigurations": [{"id": f"{nic.id}/ipConfigurations/a"}],
    }
    assert verdict_of(subnet, nic, nsg) != "isolated"


@open_hole("a closer route to the internet beats the one to nowhere")
def test_routes_to_the_internet_beside_the_one_to_nowhere_are_a_way_out():
    ways = (("0.0.0.0/0", "None"), ("0.0.0.0/1", "Internet"), ("128.0.0.0/1", "Internet"))
    routes = [
        {"name": to, "properties": {"addressPrefix": to, "nextHopType": hop}} for to, hop in ways
    ]
    table = part("routeTables", "routes", routes=routes)
    subnet = {"routeTable": {"id": table.id}, "natGateway": {"id": f"{GROUP}/nat"}}
    assert verdict_of(subnet, table) != "isolated"


@open_hole("the source port of a deny rule is not looked at")
def test_a_deny_rule_for_one_source_port_is_no_wall():
    narrow = {"name": "deny", "properties": {**DENY["properties"], "sourcePortRange": "9"}}
    assert ways_out([narrow], ["10.5.0.0/16"]).everywhere


@open_hole("`drill.network` takes the id of anything")
async def test_a_subnet_of_the_target_is_not_taken_for_a_drill_network():
    target = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-small-asr"
    drill = await Drill.begin(a_plan(drill={"network": {"use": f"{target}/subnets/default"}}))
    drill.world.add(
        a_resource(f"{target}/subnets/default", "Microsoft.Network/virtualNetworks/subnets")
    )
    await drill.do("preflight", "recovery-points")
    assert not (await drill.do("isolate")).is_ok


@open_hole("`drill.network` takes the id of anything")
async def test_a_resource_group_is_not_made_and_deleted_as_a_drill_network():
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-precious"
    drill = await Drill.begin(a_plan(drill={"network": {"create": group}}))
    await drill.do("preflight", "recovery-points", "isolate", "remove-network")
    deleted = [act.subject for act in drill.gateway.acts if act.kind == "delete_resource"]
    assert group not in deleted


@open_hole("a card that could not be read is left out of the comparison")
async def test_a_card_that_cannot_be_read_is_a_severe_difference():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    vm = next(one for one in drill.world.vms.values() if one.name == "db1-test")
    seen = card_from(drill.world.resources[key_of(vm.nic_ids[0])])
    two = replace(vm, nic_ids=(*vm.nic_ids, f"{vm.nic_ids[0]}-2"))
    network_id = str(drill.observed(Observed.NETWORK)[-1]["network_id"])
    found = differences(
        drill.plan.vm("db1"), drill.world.items["db1"], network_id, Copy(two, (seen,))
    )
    assert any(one.severe for one in found)


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
