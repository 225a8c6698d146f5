"""Strangers in a drill network, and production where nobody looked: each got through once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.gateway.ids import key_of
from muster.journal.events import Observed
from muster.steps.isolation.hops import Own
from muster.steps.isolation.prove import own_things
from muster.steps.isolation.reach import Rules
from tests.builders import a_plan
from tests.fakes.world import a_network
from tests.unit.steps.attacked_networks import (
    GIVEN,
    GROUP,
    NETWORKS,
    SOURCE,
    SOURCE_GROUP,
    change,
    drill_with,
    part,
    peering,
    verdicts,
    walked,
)
from tests.unit.steps.drilling import Drill


def put_cards_into(drill: Drill, *card_ids: str) -> None:
    """Let the given network's subnet show its members, as ARM does."""
    closed = {"addressPrefix": "10.1.255.0/24", "defaultOutboundAccess": False}
    members = [{"id": f"{one}/ipConfigurations/a"} for one in card_ids]
    subnet = {"name": "default", "properties": {**closed, "ipConfigurations": members}}
    change(drill, GIVEN, subnets=[subnet])


# --- machines of others --------------------------------------------------------------------------
MEMBER = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/payroll"


IN_IT = {
    "ipConfigurations": [{"id": f"{MEMBER}/ipConfigurations/a"}], "defaultOutboundAccess": False,
}  # fmt: skip


PAYROLL = {"id": f"{SOURCE_GROUP}/providers/Microsoft.Compute/virtualMachines/payroll"}


@pytest.mark.parametrize(("machine", "verdict"), [(None, "unknown"), (PAYROLL, "reaches")])
def test_a_given_network_in_which_somebody_elses_machines_stand_is_not_isolated(machine, verdict):
    nic = part("networkInterfaces", "payroll", ipConfigurations=[], virtualMachine=machine)
    assert walked(IN_IT, nic).verdict == verdict


def test_of_what_stands_in_a_network_only_the_drills_own_is_fine():
    nic = part("networkInterfaces", "payroll", ipConfigurations=[], virtualMachine=PAYROLL)
    group, before = key_of(GROUP), frozenset({key_of(MEMBER)})
    owns = {
        "a network that the run made": Own(network=True),
        "a card that was recorded": Own(cards=frozenset({key_of(MEMBER)})),
        "a copy that is being made": Own(machines=frozenset({key_of(PAYROLL["id"])})),
    }
    for what, own in owns.items():
        assert walked(IN_IT, nic, rules=Rules({}, own=own)).verdict == "isolated", what
    bare = part("networkInterfaces", "payroll", ipConfigurations=[])
    new, old = Own(group=group, before=frozenset()), Own(group=group, before=before)
    assert walked(IN_IT, bare, rules=Rules({}, own=new)).verdict == "isolated"
    assert walked(IN_IT, bare, rules=Rules({}, own=old)).verdict == "unknown"
    assert walked(IN_IT, nic, rules=Rules({}, own=new)).verdict == "reaches"


@pytest.mark.parametrize("way", [{"enableIPForwarding": True}, {"ipConfigurations": [
    {"properties": {"publicIPAddress": {"id": f"{GROUP}/ip"}}}]}])  # fmt: skip
def test_even_in_a_network_of_the_drill_a_way_out_through_a_machine_counts(way):
    nic = part("networkInterfaces", "payroll", **way)
    assert walked(IN_IT, nic, rules=Rules({}, own=Own(network=True))).verdict != "isolated"


async def test_copies_of_this_drill_do_not_keep_its_next_ones_out_of_a_given_network():
    drill = await drill_with()
    await drill.up_to("test-failover:db1")
    card = next(iter(drill.observed(Observed.OWNED)[-1]["nic_ids"]))
    put_cards_into(drill, card)
    assert (await drill.do("test-failover:web1")).is_ok
    assert verdicts(drill) == ["isolated", "isolated"]


async def test_a_copy_that_is_not_recorded_yet_is_told_from_a_stranger():
    drill = await drill_with()
    await drill.up_to()
    assert own_things(drill.run, GIVEN).machines == frozenset()
    await drill.do("test-failover:db1")
    copy = drill.vm_id("db1-test")
    own = replace(own_things(drill.run, GIVEN), cards=frozenset())
    assert own.machines == {key_of(copy)}
    nic = part("networkInterfaces", "payroll", ipConfigurations=[], virtualMachine={"id": copy})
    assert walked(IN_IT, nic, rules=Rules({}, own=own)).verdict == "isolated"


async def test_a_machine_of_a_copys_name_that_stood_there_before_is_a_stranger():
    drill = await drill_with()
    source = drill.world.vms[key_of(drill.vm_id("db1"))]
    old = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/db1-test"
    drill.world.vms[key_of(old)] = replace(source, id=old, name="db1-test")
    await drill.do("preflight", "recovery-points", "isolate", "test-failover:db1")
    assert own_things(drill.run, GIVEN).machines == frozenset()


async def test_a_machine_that_came_into_a_given_network_later_stops_the_next_copy():
    drill = await drill_with()
    await drill.up_to("test-failover:db1")
    stranger = drill.world.add(part("networkInterfaces", "payroll", virtualMachine=PAYROLL))
    put_cards_into(drill, stranger.id)
    outcome = await drill.do("test-failover:web1")
    assert "payroll" in outcome.error["message"]
    assert drill.kinds().count("start_test_failover") == 1


# --- where production really stands --------------------------------------------------------------
async def test_the_real_network_of_the_source_is_none_for_drills_though_the_plan_misspells_it():
    drill = await Drill.begin(a_plan(drill={"network": {"use": SOURCE}}))
    misspelt = {"region": "eastus", "resource_group": "rg-small", "network": "vnet-smal"}
    drill.run.plan = a_plan(source=misspelt, drill={"network": {"use": SOURCE}})
    closed = {"addressPrefix": "10.1.255.0/24", "defaultOutboundAccess": False}
    change(drill, SOURCE, subnets=[{"name": "default", "properties": closed}])
    preflight = await drill.do("preflight")
    assert "PRE-030" in preflight.error["message"]
    assert "PRE-032" in preflight.error["message"]
    await drill.do("recovery-points")
    assert (await drill.do("isolate")).error["code"] == "ISO-001"
    assert not (await drill.do("test-failover:db1")).is_ok
    assert drill.kinds() == []


async def test_another_network_in_which_a_source_vm_stands_is_production_too():
    drill = await drill_with()
    other = f"{SOURCE_GROUP}/{NETWORKS}/vnet-of-db1"
    drill.world.add(a_network(other, "10.8.0.0/16", {"default": "10.8.0.0/24"}, "eastus"))
    card = f"{SOURCE_GROUP}/providers/Microsoft.Network/networkInterfaces/db1-nic"
    config = {"properties": {"subnet": {"id": f"{other}/subnets/default"}}}
    change(drill, card, ipConfigurations=[config])
    await drill.do("preflight", "recovery-points")
    change(drill, other, virtualNetworkPeerings=peering(GIVEN))
    outcome = await drill.do("isolate")
    assert outcome.error["code"] == "ISO-001"
    assert "source VMs' network" in outcome.error["message"]


async def test_without_preflights_reading_of_the_source_nothing_is_proven():
    drill = await Drill.begin()
    cards = f"{SOURCE_GROUP}/providers/Microsoft.Network/networkInterfaces"
    drill.world.forbidden.add(key_of(cards))
    outcome = await drill.do("preflight")
    assert "PRE-031" in outcome.error["message"]
    await drill.do("recovery-points")
    assert (await drill.do("isolate")).error["code"] == "ISO-003"


async def test_a_source_network_that_is_not_there_leaves_isolation_unknown():
    drill = await Drill.begin()
    await drill.do("preflight", "recovery-points")
    del drill.world.resources[key_of(SOURCE)]
    assert (await drill.do("isolate")).error["code"] == "ISO-003"
