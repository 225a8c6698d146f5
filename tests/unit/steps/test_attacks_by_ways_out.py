"""Routes, walls, lists, name zones and addresses that lead out: each got through once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.gateway.values import Resource
from muster.journal.events import Observed
from muster.steps.copies import Copy, card_from
from muster.steps.isolation.egress import ways_out
from muster.steps.isolation.reach import Rules
from muster.steps.placement import differences, is_elsewhere
from tests.builders import a_plan, group_data
from tests.fakes.world import SUBSCRIPTION, Placement, a_resource
from tests.unit.steps.attacked_networks import (
    GIVEN,
    GROUP,
    SOURCE_GROUP,
    drill_with,
    isolated,
    part,
    walked,
)
from tests.unit.steps.drilling import Drill

DENY = {
    "name": "deny",
    "properties": {
        "direction": "Outbound", "access": "Deny", "priority": 100, "protocol": "*",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*",
    },
}  # fmt: skip


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
