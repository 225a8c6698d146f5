"""Attacks on the isolation of a drill: each got through once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from muster.compile.outcome import Outcome
from muster.gateway.ids import key_of
from muster.gateway.values import Resource
from muster.journal.events import EventKind, Observed, instant_text
from muster.steps.copies import Copy, card_from
from muster.steps.isolation.egress import ways_out
from muster.steps.isolation.hops import Own
from muster.steps.isolation.mirror import TAG
from muster.steps.isolation.prove import own_things
from muster.steps.isolation.reach import Rules, Walk, walk
from muster.steps.perform import perform
from muster.steps.placement import differences, is_elsewhere
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION, Placement, a_network, a_resource
from tests.unit.steps.drilling import Drill, minutes

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small-asr"
SOURCE_GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-small"
NETWORKS = "providers/Microsoft.Network/virtualNetworks"
GIVEN = f"{GROUP}/{NETWORKS}/vnet-given"
DRILL = f"{GROUP}/{NETWORKS}/vnet-small-drill"
SOURCE = f"{SOURCE_GROUP}/{NETWORKS}/vnet-small"
TARGET = f"{GROUP}/{NETWORKS}/vnet-small-asr"
DENY = {
    "name": "deny",
    "properties": {
        "direction": "Outbound", "access": "Deny", "priority": 100, "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*",
    },
}  # fmt: skip


def walked(subnet: dict[str, Any], *others: Resource, rules: Rules | None = None) -> Walk:
    network = a_resource(
        GIVEN,
        "Microsoft.Network/virtualNetworks",
        addressSpace={"addressPrefixes": ["10.5.0.0/16"]},
        subnets=[{"name": "data", "properties": {"addressPrefix": "10.5.0.0/24", **subnet}}],
    )
    known = {key_of(one.id): one for one in (network, *others)}
    return walk(GIVEN, known, rules or Rules({}))


def part(kind: str, name: str, **properties: object) -> Resource:
    arm_type = f"Microsoft.Network/{kind}"
    return a_resource(f"{GROUP}/providers/{arm_type}/{name}", arm_type, **properties)


def change(drill: Drill, arm_id: str, **properties: object) -> None:
    found = drill.world.resources[key_of(arm_id)]
    changed = {**found.properties, **properties}
    drill.world.resources[key_of(arm_id)] = replace(found, properties=changed)


def peering(to: str) -> list[dict[str, Any]]:
    return [{"name": "late", "properties": {"remoteVirtualNetwork": {"id": to}}}]


def verdicts(drill: Drill) -> list[str]:
    return [data["verdict"] for data in drill.observed(Observed.REACHABILITY)]


def given_network(drill: Drill, **properties: object) -> None:
    found = a_network(GIVEN, "10.1.0.0/16", {"default": "10.1.255.0/24"}, "westus2")
    found.properties["subnets"][0]["properties"]["defaultOutboundAccess"] = False
    drill.world.add(replace(found, properties={**found.properties, **properties}))


def put_cards_into(drill: Drill, *card_ids: str) -> None:
    """Let the given network's subnet show its members, as ARM does."""
    closed = {"addressPrefix": "10.1.255.0/24", "defaultOutboundAccess": False}
    members = [{"id": f"{one}/ipConfigurations/a"} for one in card_ids]
    subnet = {"name": "default", "properties": {**closed, "ipConfigurations": members}}
    change(drill, GIVEN, subnets=[subnet])


async def drill_with(**rest: Any) -> Drill:
    """A drill in a network that is given and there."""
    drill = await Drill.begin(a_plan(drill={"network": {"use": "vnet-given"}}, **rest))
    given_network(drill)
    return drill


async def isolated(drill: Drill) -> Outcome:
    return await drill.do("preflight", "recovery-points", "isolate")


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


# --- routes and walls ----------------------------------------------------------------------------
def route_table(*ways: tuple[str, str]) -> Resource:
    routes = [
        {"name": to, "properties": {"addressPrefix": to, "nextHopType": hop}} for to, hop in ways
    ]
    return part("routeTables", "routes", routes=routes)


NOWHERE = ("0.0.0.0/0", "None")
HALVES = (("0.0.0.0/1", "Internet"), ("128.0.0.0/1", "Internet"))


@pytest.mark.parametrize(
    ("ways", "egress", "walled", "verdict"),
    [
        ((NOWHERE, *HALVES), "none", False, "reaches"),
        ((NOWHERE, *HALVES), "agent", True, "reaches"),
        ((NOWHERE, ("203.0.113.0/24", "Internet")), ("203.0.113.0/24",), False, "isolated"),
        ((NOWHERE, ("203.0.113.7/32", "Internet")), ("203.0.113.0/24",), False, "isolated"),
        ((NOWHERE, ("203.0.113.0/24", "Internet")), ("203.0.113.7",), False, "reaches"),
        ((NOWHERE, ("203.0.113.0/24", "Internet")), "none", True, "reaches"),
        ((NOWHERE, ("AzureCloud.westus2", "Internet")), "agent", True, "isolated"),
        ((NOWHERE, ("AzureCloud.westus2", "Internet")), "agent", False, "reaches"),
        ((NOWHERE, ("AzureCloudy", "Internet")), "agent", True, "reaches"),
        ((NOWHERE,), "none", False, "isolated"),
    ],
)
def test_a_route_to_the_internet_is_a_way_out_unless_the_plan_asks_for_it(
    ways, egress, walled, verdict
):
    table, nsg = route_table(*ways), part("networkSecurityGroups", "nsg", securityRules=[DENY])
    subnet = {"routeTable": {"id": table.id}, "natGateway": {"id": f"{GROUP}/nat"}}
    subnet |= {"networkSecurityGroup": {"id": nsg.id}} if walled else {}
    assert walked(subnet, table, nsg, rules=Rules({}, egress=egress)).verdict == verdict


@pytest.mark.parametrize(
    "narrow",
    [
        {"sourcePortRange": "9"},
        {"sourcePortRange": None, "sourcePortRanges": ["1-1000"]},
        {"destinationPortRange": "443"},
        {"protocol": "Tcp"},
        {"sourceAddressPrefix": "10.5.0.4"},
        {"sourceAddressPrefix": "Internet"},
        {"sourceAddressPrefix": None, "sourceApplicationSecurityGroups": [{"id": "a"}]},
        {"destinationAddressPrefix": "10.9.0.0/16"},
        {"destinationAddressPrefix": None, "destinationApplicationSecurityGroups": [{"id": "a"}]},
    ],
)
def test_a_deny_rule_for_less_than_everything_is_no_wall(narrow):
    rule = {"name": "deny", "properties": {**DENY["properties"], **narrow}}
    assert ways_out([rule], ["10.5.0.0/16"]).everywhere


def test_a_wall_against_ipv4_is_none_where_there_is_ipv6():
    narrow = {**DENY["properties"], "destinationAddressPrefix": "0.0.0.0/0"}
    rule = {"name": "deny", "properties": narrow}
    assert not ways_out([rule], ["10.5.0.0/16"]).everywhere
    assert ways_out([rule], ["10.5.0.0/16", "fd00::/56"]).everywhere


def test_every_port_may_be_written_as_a_range():
    rule = {"name": "deny", "properties": {**DENY["properties"], "sourcePortRange": "0-65535"}}
    assert not ways_out([rule], ["10.5.0.0/16"]).everywhere


# --- the plan's own list of ways out -------------------------------------------------------------
def letting_out_to(*egress: str) -> Any:
    return a_plan(drill={"network": {"create": "vnet-small-drill"}, "egress": list(egress)})


@pytest.mark.parametrize("egress", ["10.1.0.0/16", "10.0.0.0/9", "10.1.255.4"])
async def test_the_list_may_not_cover_a_range_of_production(egress):
    drill = await Drill.begin(letting_out_to(egress))
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-001"
    assert "egress" in outcome.error["message"]


async def test_the_list_may_not_cover_a_public_address_of_production():
    kind = "Microsoft.Network/publicIPAddresses"
    address = a_resource(f"{SOURCE_GROUP}/providers/{kind}/web", kind, ipAddress="20.51.7.8")
    for egress, code in (("20.51.7.0/24", "ISO-001"), ("20.51.8.0/24", None)):
        drill = await Drill.begin(letting_out_to(egress))
        drill.world.add(address)
        outcome = await isolated(drill)
        assert (outcome.error or {}).get("code") == code


async def test_public_addresses_that_cannot_be_read_leave_isolation_unknown():
    drill = await Drill.begin(letting_out_to("20.51.7.0/24"))
    drill.world.forbidden.add(key_of(SOURCE_GROUP))
    assert (await isolated(drill)).error["code"] == "ISO-003"


async def test_no_prefix_stands_twice_in_the_route_table_that_is_made():
    drill = await Drill.begin(letting_out_to("203.0.113.7", "203.0.113.7/32", "198.51.100.9/24"))
    assert (await isolated(drill)).is_ok
    table = next(r for key, r in drill.world.resources.items() if "/routetables/" in key)
    prefixes = [route["properties"]["addressPrefix"] for route in table.properties["routes"]]
    assert prefixes == ["0.0.0.0/0", "203.0.113.7/32", "198.51.100.0/24"]


# --- private DNS zones ---------------------------------------------------------------------------
OTHER = "00000000-0000-0000-0000-00000000000f"


async def test_a_private_dns_zone_of_another_subscription_is_seen():
    drill = await drill_with()
    drill.world.subscriptions = (SUBSCRIPTION, OTHER)
    kind = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    zone = f"/subscriptions/{OTHER}/resourceGroups/dns/providers/Microsoft.Network/privateDnsZones"
    link = f"{zone}/corp.example/virtualNetworkLinks/l"
    drill.world.add(a_resource(link, kind, virtualNetwork={"id": GIVEN}))
    outcome = await isolated(drill)
    assert outcome.error["code"] == "ISO-001"
    assert OTHER in outcome.error["message"]


async def test_the_proof_says_where_it_looked_and_what_it_cannot_see():
    drill = await drill_with()
    drill.world.subscriptions = (OTHER, SUBSCRIPTION.upper())
    assert (await isolated(drill)).is_ok
    (proof,) = drill.observed(Observed.REACHABILITY)
    assert [one.casefold() for one in proof["looked_in"]] == [SUBSCRIPTION, OTHER]
    assert any("Virtual Network Manager" in one for one in proof["limits"])
    assert "Virtual Network Manager" in proof["why"]
    (hop,) = [hop for hop in proof["hops"] if hop["via"] == "private DNS zones"]
    assert OTHER in hop["to"]
    assert hop["verdict"] == "ok"


@pytest.mark.parametrize("method", ["subscriptions", "resources_of_type"])
async def test_zones_that_cannot_be_looked_for_leave_isolation_unknown(method):
    drill = await drill_with()
    drill.world.forbidden.add("/subscriptions")
    ask = drill.gateway.subscriptions

    async def refused(*_: object) -> Any:
        return await ask()

    setattr(drill.gateway, method, refused)
    assert (await isolated(drill)).error["code"] == "ISO-003"


# --- cards and public addresses of a copy --------------------------------------------------------
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
    assert is_elsewhere(network_id, Copy(two, (seen,)))
    assert not is_elsewhere(network_id, Copy(vm, (seen,)))


async def test_a_copy_with_a_card_that_may_not_be_read_is_recorded_and_cleaned_up_at_once():
    drill = await Drill.begin()
    await drill.up_to()
    card = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/db1-nic-test"
    drill.world.forbidden.add(key_of(card))
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "STEP-022"
    assert drill.observed(Observed.OWNED)[-1]["nic_ids"] == [card]
    assert "start_cleanup" in drill.kinds()
    assert drill.copies() == []


async def test_a_public_address_of_a_copy_is_severe_though_the_plan_wants_one():
    vms = [{"name": "db1", "nics": [{"public_ip": True}]}]
    drill = await Drill.begin(a_plan(groups=[group_data("database", vms)]))
    await drill.up_to()
    drill.world.placements["db1"] = Placement(public_ip=True)
    outcome = await drill.do("test-failover:db1")
    assert outcome.error["code"] == "STEP-023"
    (placed,) = drill.observed(Observed.PLACEMENT)
    assert [one["severe"] for one in placed["differences"]] == [True]


async def test_no_public_address_is_no_difference_though_the_plan_wants_one():
    vms = [{"name": "db1", "nics": [{"public_ip": True}]}]
    drill = await Drill.begin(a_plan(groups=[group_data("database", vms)]))
    await drill.up_to("test-failover:db1")
    assert drill.observed(Observed.PLACEMENT)[-1]["differences"] == []
