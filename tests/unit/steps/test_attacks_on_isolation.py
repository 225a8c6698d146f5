"""Attacks on the proof of isolation, and on what is taken for a network: each got through once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.journal.events import EventKind, instant_text
from muster.steps.isolation.mirror import TAG
from muster.steps.perform import perform
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION, a_resource
from tests.unit.steps.attacked_networks import (
    GIVEN,
    GROUP,
    NETWORKS,
    SOURCE,
    change,
    drill_with,
    given_network,
    isolated,
    peering,
    verdicts,
)
from tests.unit.steps.drilling import Drill, minutes

DRILL = f"{GROUP}/{NETWORKS}/vnet-small-drill"


TARGET = f"{GROUP}/{NETWORKS}/vnet-small-asr"


# --- the proof does not keep ---------------------------------------------------------------------
async def test_a_peering_added_after_the_proof_stops_the_next_copy():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    change(drill, DRILL, virtualNetworkPeerings=peering(SOURCE))
    outcome = await drill.do("test-failover:web1")
    assert outcome.error["code"] == "ISO-001"
    assert "late" in outcome.error["message"]
    assert drill.kinds().count("start_test_failover") == 1
    assert verdicts(drill) == ["isolated", "reaches"]


async def test_a_network_that_was_seen_to_reach_production_is_not_used_again():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    change(drill, DRILL, virtualNetworkPeerings=peering(SOURCE))
    await drill.do("test-failover:web1")
    change(drill, DRILL, virtualNetworkPeerings=[])
    await drill.clock.sleep(minutes(5))
    assert (await drill.do("test-failover:web1")).error["code"] == "ISO-001"
    assert drill.kinds().count("start_test_failover") == 1


async def test_a_proof_that_could_not_be_renewed_is_tried_again_later():
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    drill.world.forbidden.add(key_of(SOURCE))
    assert (await drill.do("test-failover:web1")).error["code"] == "ISO-003"
    drill.world.forbidden.clear()
    assert (await drill.do("test-failover:web1")).error["code"] == "ISO-003"
    await drill.clock.sleep(minutes(2))
    assert (await drill.do("test-failover:web1")).is_ok
    assert verdicts(drill) == ["isolated", "unknown", "isolated"]


async def test_sends_at_the_same_time_share_one_walk():
    vms = [f"db{number}" for number in range(8)]
    drill = await Drill.begin(a_plan(groups=[group_data("database", vms)]))
    await drill.up_to()
    await drill.clock.sleep(minutes(3))
    steps = [drill.step(f"test-failover:{vm}") for vm in vms]
    outcomes = await asyncio.gather(*(perform(step, {}, drill.run) for step in steps))
    assert all(one.is_ok for one in outcomes)
    assert verdicts(drill) == ["isolated", "isolated"]
    kinds = [(e.kind, e.data.get("what"), e.data.get("act")) for e in drill.events]
    proof = len(kinds) - kinds[::-1].index((EventKind.OBSERVED, "reachability", None))
    assert proof < kinds.index((EventKind.INTENDED, None, "test-failover"))


async def test_who_waited_long_for_their_turn_look_again():
    drill = await Drill.begin(a_plan(groups=[group_data("database", ["db1", "db2"])]))
    await drill.up_to()
    start = drill.gateway.start_test_failover

    async def slow(item_id: str, network_id: str, point_id: str | None) -> Any:
        taken = await start(item_id, network_id, point_id)
        change(drill, DRILL, virtualNetworkPeerings=peering(SOURCE))
        await drill.clock.sleep(minutes(2))
        return taken

    drill.gateway.start_test_failover = slow  # type: ignore[method-assign]
    steps = [drill.step(f"test-failover:{vm}") for vm in ("db1", "db2")]
    await asyncio.gather(*(perform(step, {}, drill.run) for step in steps))
    assert drill.kinds().count("start_test_failover") == 1


# --- the drill network is a network --------------------------------------------------------------
async def test_a_subnet_of_the_target_is_not_taken_for_a_drill_network():
    drill = await Drill.begin(a_plan(drill={"network": {"use": f"{TARGET}/subnets/default"}}))
    drill.world.add(
        a_resource(f"{TARGET}/subnets/default", "Microsoft.Network/virtualNetworks/subnets")
    )
    await drill.do("preflight", "recovery-points")
    outcome = await drill.do("isolate")
    assert outcome.error["code"] == "ISO-007"


async def test_a_resource_group_is_not_made_and_deleted_as_a_drill_network():
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-precious"
    drill = await Drill.begin(a_plan(drill={"network": {"create": group}}))
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-007"
    await drill.do("remove-network")
    deleted = [act.subject for act in drill.gateway.acts if act.kind == "delete_resource"]
    assert group not in deleted
    assert drill.kinds() == []


@pytest.mark.parametrize(
    "named",
    [
        {"use": "/subscriptions/a/b"},
        {"use": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web1"},
        {"use": f"{GIVEN}/"},
        {"use": "vnet-given", "may_reach": [f"{SOURCE}//"]},
        {"use": "vnet-given", "may_reach": [f"{SOURCE}/subnets/default"]},
        {"create": DRILL},
        {"create": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web1"},
    ],
)
async def test_nothing_but_a_network_is_a_network(named):
    drill = await Drill.begin(a_plan(drill={"network": named}))
    given_network(drill)
    assert (await isolated(drill)).error["code"] == "ISO-007"
    assert drill.kinds() == []


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (a_resource(GIVEN, "Microsoft.Compute/virtualMachines", subnets=[{}]), "ISO-007"),
        (a_resource(GIVEN, "Microsoft.Network/virtualNetworks"), "ISO-008"),
    ],
)
async def test_what_azure_shows_under_the_id_has_to_be_a_network_with_subnets(found, code):
    drill = await drill_with()
    drill.world.add(found)
    assert (await isolated(drill)).error["code"] == code


@pytest.mark.parametrize(
    "arm_id",
    [
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-precious",
        f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web1",
        f"{TARGET}/subnets/default",
    ],
)
async def test_only_what_a_drill_network_consists_of_is_ever_deleted(arm_id):
    drill = await Drill.begin()
    await drill.up_to()
    drill.world.add(replace(a_resource(arm_id, "x"), tags={TAG: drill.run.id}))
    meant = {"act": "make-network", "subject": arm_id, "attempt": 1, "request": {"id": arm_id}}
    not_after = instant_text(drill.clock.now())
    await drill.run.journal.append(EventKind.INTENDED, {**meant, "not_after": not_after})
    outcome = await drill.do("remove-network")
    assert outcome.error["code"] == "CLEAN-001"
    assert "never makes" in outcome.error["message"]
    assert arm_id not in [act.subject for act in drill.gateway.acts]
