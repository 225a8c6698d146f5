"""Who reaches whom, as facts and as properties over random small worlds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.simulator.guests.reach import Dropped, Reached, Refused, Unresolved, Verdict, decide
from muster.simulator.guests.topology import Worker
from tests.unit.simulator.guests.small_world import SmallWorld, network_id, rule, vm_id

PORTS = (443,)


def ask(world: SmallWorld, who, host: str, port: int = 443, off: tuple[str, ...] = ()) -> Verdict:
    on = {vm.lower(): PORTS for vm in world.guests if vm.lower() not in [o.lower() for o in off]}
    return decide(world, vm_id(who) if isinstance(who, str) else who, host, port, on)


@pytest.fixture
def twins() -> SmallWorld:
    """Source and drill network with the same ranges and addresses, and one more network."""
    world = SmallWorld()
    for name in ("prod", "drill"):
        world.network(name, "10.1.0.0/16", data="10.1.0.0/24", web="10.1.2.0/24")
        world.vm(f"sql-{name}", name, "data", "10.1.0.4")
        world.vm(f"web-{name}", name, "web", "10.1.2.4")
    world.network("hub", "10.9.0.0/24", hub="10.9.0.0/26")
    world.vm("jump", "hub", "hub", "10.9.0.10")
    return world


@pytest.mark.parametrize("side", ["prod", "drill"])
def test_an_address_means_the_vm_of_the_own_network(twins, side):
    assert ask(twins, f"web-{side}", "10.1.0.4") == Reached(vm_id(f"sql-{side}"))


def test_a_network_without_a_peering_is_out_of_reach(twins):
    assert isinstance(ask(twins, "web-drill", "10.9.0.10"), Dropped)


def test_a_peering_counts_when_both_sides_are_connected(twins):
    twins.peer("drill", "hub", both=False)
    assert isinstance(ask(twins, "web-drill", "10.9.0.10"), Dropped)
    twins.peer("hub", "drill", both=False)
    assert ask(twins, "web-drill", "10.9.0.10") == Reached(vm_id("jump"))


def test_a_disconnected_peering_is_no_way(twins):
    twins.peer("drill", "hub", state="Disconnected")
    assert isinstance(ask(twins, "web-drill", "10.9.0.10"), Dropped)


def test_peerings_do_not_lead_on(twins):
    twins.network("far", "10.20.0.0/16", a="10.20.0.0/24")
    twins.vm("db", "far", "a", "10.20.0.4")
    twins.peer("drill", "hub")
    twins.peer("hub", "far")
    assert isinstance(ask(twins, "web-drill", "10.20.0.4"), Dropped)
    assert ask(twins, "jump", "10.20.0.4") == Reached(vm_id("db"))


def test_overlapping_peers_are_never_reached_at_shared_addresses(twins):
    twins.peer("drill", "prod")
    assert ask(twins, "web-drill", "10.1.0.4") == Reached(vm_id("sql-drill"))
    twins.vm("only-prod", "prod", "data", "10.1.0.77")
    assert isinstance(ask(twins, "web-drill", "10.1.0.77"), Dropped)


def test_a_closed_port_is_refused_and_a_vm_that_is_off_says_nothing(twins):
    assert isinstance(ask(twins, "web-drill", "10.1.0.4", port=1), Refused)
    off = (vm_id("sql-drill"),)
    assert isinstance(ask(twins, "web-drill", "10.1.0.4", off=off), Dropped)


def test_names_mean_the_own_network_first_then_peers(twins):
    twins.change(vm_id("sql-drill"), name="sql1")
    twins.change(vm_id("sql-prod"), name="sql1")
    assert ask(twins, "web-drill", "sql1") == Reached(vm_id("sql-drill"))
    assert ask(twins, "web-prod", "SQL1") == Reached(vm_id("sql-prod"))
    assert isinstance(ask(twins, "web-drill", "jump"), Unresolved)
    twins.peer("drill", "hub")
    assert ask(twins, "web-drill", "jump") == Reached(vm_id("jump"))


def test_a_vm_reaches_itself_whatever_its_groups_say(twins):
    deny = rule("Deny", "Inbound", 100)
    twins.subnet("drill", "web")["networkSecurityGroup"] = twins.nsg("n", deny)
    for host in ("localhost", "127.0.0.1", "10.1.2.4", "web-drill"):
        assert ask(twins, "web-drill", host) == Reached(vm_id("web-drill"))


@pytest.mark.parametrize("hop", ["None", "VirtualAppliance", "VirtualNetworkGateway", "Internet"])
def test_a_route_of_the_user_can_lead_away(twins, hop):
    table = twins.routes("t", ("10.1.0.0/24", hop))
    twins.subnet("drill", "web")["routeTable"] = table
    assert isinstance(ask(twins, "web-drill", "10.1.0.4"), Dropped)


def test_a_default_route_leaves_the_own_network_alone(twins):
    twins.subnet("drill", "web")["routeTable"] = twins.routes("t", ("0.0.0.0/0", "None"))
    assert ask(twins, "web-drill", "10.1.0.4") == Reached(vm_id("sql-drill"))


def test_answers_need_a_way_back(twins):
    table = twins.routes("t", ("10.1.2.0/24", "None"))
    twins.subnet("drill", "data")["routeTable"] = table
    verdict = ask(twins, "web-drill", "10.1.0.4")
    assert isinstance(verdict, Dropped)
    assert "answers" in verdict.why


def test_a_group_that_cannot_be_read_lets_nothing_through(twins):
    twins.subnet("drill", "data")["networkSecurityGroup"] = {"id": "/gone"}
    assert isinstance(ask(twins, "web-drill", "10.1.0.4"), Dropped)


def test_the_worker_asks_from_its_own_place(twins):
    assert isinstance(ask(twins, None, "10.9.0.10"), Dropped)
    place = Worker(network_id("hub"), "10.9.0.50")
    assert ask(twins, place, "10.9.0.10") == Reached(vm_id("jump"))
    assert isinstance(ask(twins, place, "10.1.0.4"), Dropped)


def test_child_resources_that_stand_on_their_own_count_too(twins):
    for near, far in (("drill", "hub"), ("hub", "drill")):
        arm_id = f"{network_id(near)}/virtualNetworkPeerings/p"
        remote = {"peeringState": "Connected", "remoteVirtualNetwork": {"id": network_id(far)}}
        twins.put(arm_id, "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", remote)
    assert ask(twins, "web-drill", "10.9.0.10") == Reached(vm_id("jump"))


def test_ids_compare_without_case(twins):
    configuration = twins.nic("sql-drill")["ipConfigurations"][0]["properties"]
    configuration["subnet"]["id"] = configuration["subnet"]["id"].upper()
    assert ask(twins, "web-drill", "10.1.0.4") == Reached(vm_id("sql-drill"))
    on = {vm_id("sql-drill").lower(): PORTS}
    assert isinstance(decide(twins, vm_id("web-drill").upper(), "10.1.0.4", 443, on), Reached)


# Random worlds: up to four networks over three ranges, so that equal addresses are common.
_RANGES = ("10.1.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.9.0.0/16")
_HOSTS = st.integers(4, 6)


@st.composite
def worlds(draw) -> SmallWorld:
    world = SmallWorld()
    names = [f"n{i}" for i in range(draw(st.integers(1, 4)))]
    for name, space in zip(names, _RANGES, strict=False):
        world.network(name, space, a=space.replace("/16", "/24"))
        for host in draw(st.sets(_HOSTS, min_size=1)):
            address = space.replace("0.0/16", f"0.{host}")
            data = datetime(2026, 1, 1, tzinfo=UTC)
            world.vm(f"{name}-{host}", name, "a", address, data_as_of=data)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    for one, other in draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else ():
        state = draw(st.sampled_from(["Connected", "Initiated", "Disconnected"]))
        world.peer(one, other, state=state, both=draw(st.booleans()))
    return world


def network_of_vm(vm: str) -> str:
    return vm.rpartition("/")[2].partition("-")[0].lower()


def connected(world: SmallWorld, name: str) -> set[str]:
    """A second statement of what a peering is, straight from the bodies."""
    sides = set()
    for body in world.resources("Microsoft.Network/virtualNetworks"):
        for peering in body["properties"]["virtualNetworkPeerings"]:
            far = peering["properties"]["remoteVirtualNetwork"]["id"].rpartition("/")[2]
            if peering["properties"]["peeringState"] == "Connected":
                sides.add((body["name"], far))
    return {far for near, far in sides if near == name and (far, name) in sides}


targets = st.builds("10.{}.0.{}".format, st.sampled_from([1, 2, 9]), _HOSTS)


@given(world=worlds(), host=targets, data=st.data())
def test_who_is_reached_is_in_the_own_network_or_a_connected_one(world, host, data):
    who = data.draw(st.sampled_from(sorted(world.guests)))
    verdict = decide(world, who, host, 443, dict.fromkeys(world.guests, PORTS))
    own = network_of_vm(who)
    here = [v for v in world.guests if network_of_vm(v) == own and _address(world, v) == host]
    if here:
        assert isinstance(verdict, Reached)
        assert verdict.vm_id.lower() == here[0]
    elif isinstance(verdict, Reached):
        assert network_of_vm(verdict.vm_id) in connected(world, own)
        assert _address(world, verdict.vm_id) == host


@given(world=worlds(), host=targets, data=st.data())
def test_nothing_that_is_off_is_reached(world, host, data):
    who = data.draw(st.sampled_from(sorted(world.guests)))
    on = data.draw(st.sets(st.sampled_from(sorted(world.guests))))
    verdict = decide(world, who, host, 443, dict.fromkeys(on, PORTS))
    assert not isinstance(verdict, Reached) or verdict.vm_id.lower() in on


@given(world=worlds(), host=st.ip_addresses(v=4), data=st.data())
def test_nobody_reaches_a_public_address(world, host, data):
    if host.is_private:
        return
    who = data.draw(st.sampled_from(sorted(world.guests)))
    verdict = decide(world, who, str(host), 443, dict.fromkeys(world.guests, PORTS))
    assert isinstance(verdict, Dropped)


@given(world=worlds(), host=targets, data=st.data())
def test_a_subnet_that_denies_all_comers_is_reached_by_nobody_else(world, host, data):
    deny = world.nsg("deny", rule("Deny", "Inbound", 100))
    for body in world.resources("Microsoft.Network/virtualNetworks"):
        for subnet in body["properties"]["subnets"]:
            subnet["properties"]["networkSecurityGroup"] = deny
    who = data.draw(st.sampled_from(sorted(world.guests)))
    verdict = decide(world, who, host, 443, dict.fromkeys(world.guests, PORTS))
    assert not isinstance(verdict, Reached) or verdict.vm_id.lower() == who


def _address(world: SmallWorld, vm: str) -> str:
    nic = world.nic(vm.rpartition("/")[2])
    return nic["ipConfigurations"][0]["properties"]["privateIPAddress"]
