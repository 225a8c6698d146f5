"""What a network reaches or may reach, and whatever of it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.gateway.values import Resource
from muster.steps.isolation.mirror import mirror_of
from muster.steps.isolation.reach import Looked, Rules, Unreadable, walk

GROUP = "/subscriptions/s/resourceGroups/rg"
NET = f"{GROUP}/providers/Microsoft.Network"
DRILL, SOURCE, TARGET, LAB, HUB = (
    f"{NET}/virtualNetworks/{name}" for name in ("drill", "source", "target", "lab", "hub")
)
RULES = Rules(
    {key_of(SOURCE): "source", key_of(TARGET): "target"}, frozenset({key_of(LAB)}), "agent"
)
WALL = {
    "name": "deny",
    "properties": {
        "direction": "Outbound", "access": "Deny", "priority": 4096, "protocol": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "*",
    },
}  # fmt: skip


def resource(arm_id: str, **properties: Any) -> Resource:
    return Resource(arm_id, arm_id.rpartition("/")[2], "x", "westus2", {}, properties)


def peering(to: str, state: str = "Connected") -> dict[str, Any]:
    properties = {"remoteVirtualNetwork": {"id": to.upper()}, "peeringState": state}
    return {"name": "p", "properties": properties}


def network(arm_id: str, *, peerings: Any = (), name: str = "data", **subnet: Any) -> Resource:
    nsg = {"networkSecurityGroup": {"id": f"{NET}/networkSecurityGroups/wall"}}
    return resource(
        arm_id,
        addressSpace={"addressPrefixes": ["10.1.0.0/16"]},
        subnets=[{"name": name, "properties": {"addressPrefix": "10.1.0.0/24", **nsg, **subnet}}],
        virtualNetworkPeerings=list(peerings),
    )


def world(*resources: Resource, **unreadable: str) -> Mapping[str, Looked]:
    wall = resource(f"{NET}/networkSecurityGroups/wall", securityRules=[WALL])
    known: dict[str, Looked] = {key_of(one.id): one for one in (wall, *resources)}
    return known | {key_of(arm_id): Unreadable(why) for arm_id, why in unreadable.items()}


def table(*routes: dict[str, str]) -> Resource:
    named = [{"name": f"r{n}", "properties": route} for n, route in enumerate(routes)]
    return resource(f"{NET}/routeTables/t", routes=named)


ROUTED = {"routeTable": {"id": f"{NET}/routeTables/t"}}


def test_a_network_with_a_wall_and_no_way_out_is_isolated():
    found = walk(DRILL, world(network(DRILL)), RULES)
    assert found.verdict == "isolated"
    assert found.why == ""


@pytest.mark.parametrize("state", ["Connected", "Initiated", "Disconnected"])
@pytest.mark.parametrize("to", [SOURCE, TARGET, HUB])
def test_a_peering_in_any_state_reaches(to, state):
    found = walk(DRILL, world(network(DRILL, peerings=[peering(to, state)]), network(to)), RULES)
    assert found.verdict == "reaches"
    assert "peering" in found.why


def test_a_permitted_network_is_walked_on_and_its_peer_of_the_target_refuses():
    lab = network(LAB, peerings=[peering(TARGET)])
    found = walk(DRILL, world(network(DRILL, peerings=[peering(LAB)]), lab), RULES)
    assert found.verdict == "reaches"
    assert "target" in found.why


def test_a_peer_of_a_peer_of_a_peer_is_found():
    far, lab2 = f"{NET}/virtualNetworks/far", f"{NET}/virtualNetworks/lab2"
    rules = Rules(RULES.forbidden, frozenset({key_of(LAB), key_of(lab2)}), "none")
    chain = world(
        network(DRILL, peerings=[peering(LAB)]),
        network(LAB, peerings=[peering(lab2)]),
        network(lab2, peerings=[peering(far)]),
    )
    found = walk(DRILL, chain, rules)
    assert found.verdict == "reaches"
    assert "far" in found.why.casefold()


def test_a_permitted_network_alone_is_fine():
    found = walk(DRILL, world(network(DRILL, peerings=[peering(LAB)]), network(LAB)), RULES)
    assert found.verdict == "isolated"


def test_may_reach_never_lets_the_source_or_target_through():
    rules = Rules(RULES.forbidden, frozenset({key_of(SOURCE)}), "none")
    found = walk(DRILL, world(network(DRILL, peerings=[peering(SOURCE)]), network(SOURCE)), rules)
    assert found.verdict == "reaches"


def test_a_hop_that_cannot_be_read_is_unknown():
    known = world(network(DRILL, peerings=[peering(LAB)]), **{LAB: "AZ-403"})
    found = walk(DRILL, known, RULES)
    assert found.verdict == "unknown"
    assert "AZ-403" in found.why


def test_a_hop_that_is_named_and_not_there_is_unknown():
    known = {**world(network(DRILL, peerings=[peering(LAB)])), key_of(LAB): None}
    assert walk(DRILL, known, RULES).verdict == "unknown"


def test_what_was_not_read_yet_is_asked_for_and_never_isolated():
    found = walk(DRILL, world(network(DRILL, peerings=[peering(LAB)])), RULES)
    assert found.verdict == "unknown"
    assert [key_of(one) for one in found.missing] == [key_of(LAB)]


def test_the_source_peered_with_the_drill_network_is_seen_from_its_side():
    known = world(network(DRILL), network(SOURCE, peerings=[peering(DRILL)]))
    assert walk(DRILL, known, RULES).verdict == "reaches"


def test_a_source_network_that_cannot_be_read_is_unknown():
    known = world(network(DRILL), **{SOURCE: "not allowed"})
    assert walk(DRILL, known, RULES).verdict == "unknown"


@pytest.mark.parametrize("itself", [SOURCE, TARGET])
def test_the_source_and_target_are_no_drill_networks(itself):
    assert walk(itself, world(network(itself)), RULES).verdict == "reaches"


MEMBER = f"{NET}/networkInterfaces/n/ipConfigurations/c"
PUBLIC = {"properties": {"publicIPAddress": {"id": f"{NET}/publicIPAddresses/ip"}}}


CARD = MEMBER.partition("/ipC")[0]
IN_IT = {"ipConfigurations": [{"id": MEMBER}]}
GATEWAY = f"{NET}/virtualNetworkGateways/g/ipConfigurations/c"
NO_WALL = {"networkSecurityGroup": {}}
CLOSED = {**NO_WALL, "defaultOutboundAccess": False}


def routed(to: str, hop: str) -> list[Resource]:
    return [table({"addressPrefix": to, "nextHopType": hop})]


@pytest.mark.parametrize(
    ("subnet", "others", "verdict"),
    [
        ({"name": "GatewaySubnet"}, [], "reaches"),
        ({"name": "AzureFirewallSubnet"}, [], "reaches"),
        ({"privateEndpoints": [{"id": f"{NET}/privateEndpoints/sql"}]}, [], "reaches"),
        ({"serviceEndpoints": [{"service": "Microsoft.Sql"}]}, [], "reaches"),
        ({"delegations": [{"properties": {"serviceName": "Microsoft.Web"}}]}, [], "unknown"),
        (ROUTED, routed("10.0.0.0/8", "VirtualNetworkGateway"), "reaches"),
        (ROUTED, routed("0.0.0.0/0", "VirtualAppliance"), "unknown"),
        (ROUTED, routed("0.0.0.0/0", "Surprise"), "unknown"),
        (ROUTED, routed("0.0.0.0/0", "None"), "isolated"),
        (ROUTED, [], "unknown"),
        (IN_IT, [resource(CARD, ipConfigurations=[PUBLIC])], "reaches"),
        (IN_IT, [resource(CARD, enableIPForwarding=True)], "unknown"),
        ({"ipConfigurations": [{"id": GATEWAY}]}, [], "unknown"),
        (NO_WALL, [], "reaches"),
        ({**CLOSED, "natGateway": {"id": "n"}}, [], "reaches"),
        (CLOSED, [], "isolated"),
    ],
)  # fmt: skip
def test_every_way_out_of_a_subnet_is_judged(subnet, others, verdict):
    assert walk(DRILL, world(network(DRILL, **subnet), *others), RULES).verdict == verdict


def rule(to: str, port: str, priority: int = 100, **changes: Any) -> dict[str, Any]:
    properties = {
        "direction": "Outbound", "access": "Allow", "priority": priority, "protocol": "Tcp",
        "destinationAddressPrefix": to, "destinationPortRange": port, **changes,
    }  # fmt: skip
    return {"name": "r", "properties": properties}


HALF_A_WALL = {**WALL, "properties": {**WALL["properties"], "sourceAddressPrefix": "10.1.0.4"}}


@pytest.mark.parametrize(
    ("rules", "egress", "verdict"),
    [
        ([rule("AzureCloud.westus2", "443"), WALL], "agent", "isolated"),
        ([rule("AzureCloud.westus2", "443"), WALL], "none", "reaches"),
        ([rule("AzureCloud.westus2", "*"), WALL], "agent", "reaches"),
        ([rule("Sql", "1433"), WALL], "agent", "reaches"),
        ([rule("203.0.113.7", "443"), WALL], ("203.0.113.7",), "isolated"),
        ([rule("203.0.113.8", "443"), WALL], ("203.0.113.7",), "reaches"),
        ([rule("10.1.0.0/24", "*"), WALL], "none", "isolated"),
        ([rule("VirtualNetwork", "*"), WALL], "none", "isolated"),
        ([rule("Internet", "443"), WALL], "agent", "reaches"),
        ([rule("*", "*", 4096), rule("*", "25", 100, access="Deny")], "none", "reaches"),
        ([HALF_A_WALL], "none", "reaches"),
    ],
)  # fmt: skip
def test_a_hole_in_the_wall_counts_unless_the_plan_asks_for_it(rules, egress, verdict):
    nsg = resource(f"{NET}/networkSecurityGroups/wall", securityRules=rules)
    known = {**world(network(DRILL)), key_of(nsg.id): nsg}
    assert walk(DRILL, known, Rules(RULES.forbidden, egress=egress)).verdict == verdict


def test_the_hole_of_the_agent_is_shown():
    nsg = resource(
        f"{NET}/networkSecurityGroups/wall",
        securityRules=[rule("AzureCloud.westus2", "443"), WALL],
    )
    found = walk(DRILL, {**world(network(DRILL)), key_of(nsg.id): nsg}, RULES)
    assert [hop.to for hop in found.hops] == ["AzureCloud.westus2:443"]


# --- the mirror ----------------------------------------------------------------------------------
def target() -> Resource:
    return resource(
        TARGET,
        addressSpace={"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]},
        dhcpOptions={"dnsServers": ["10.9.0.4"]},
        subnets=[
            {
                "name": "Data",
                "properties": {
                    "addressPrefix": "10.1.0.0/24",
                    "serviceEndpoints": [{"service": "Microsoft.Sql"}],
                    "delegations": [{"name": "d"}],
                    "natGateway": {"id": "nat"},
                },
            },
            {"name": "web", "properties": {"addressPrefixes": ["10.2.0.0/24", "10.2.1.0/24"]}},
            {"name": "GatewaySubnet", "properties": {"addressPrefix": "10.1.255.0/27"}},
        ],
        virtualNetworkPeerings=[peering(SOURCE)],
    )


def test_a_mirror_copies_ranges_and_names_exactly_and_nothing_else():
    mirror = mirror_of(target(), DRILL, "run-1", "agent")
    body = mirror.parts[-1].body["properties"]
    assert body["addressSpace"] == {"addressPrefixes": ["10.1.0.0/16", "10.2.0.0/16"]}
    assert set(body) == {"addressSpace", "subnets"}
    data, web = body["subnets"]
    assert (data["name"], data["properties"]["addressPrefix"]) == ("Data", "10.1.0.0/24")
    assert web["properties"]["addressPrefixes"] == ["10.2.0.0/24", "10.2.1.0/24"]
    assert set(data["properties"]) == {
        "addressPrefix", "networkSecurityGroup", "routeTable", "defaultOutboundAccess",
    }  # fmt: skip
    assert data["properties"]["defaultOutboundAccess"] is False
    assert all(part.body["tags"] == {"muster-run": "run-1"} for part in mirror.parts)


@pytest.mark.parametrize("egress", ["none", "agent", ("203.0.113.7", "203.0.113.0/24")])
def test_what_a_mirror_makes_is_isolated_by_our_own_proof(egress):
    mirror = mirror_of(target(), DRILL, "run-1", egress)
    known: dict[str, Looked] = {
        key_of(part.id): resource(part.id, **part.body["properties"]) for part in mirror.parts
    }
    found = walk(DRILL, known, Rules(RULES.forbidden, egress=egress))
    assert found.verdict == "isolated", found.why
    holes = () if egress == "none" else ("AzureCloud.westus2",) if egress == "agent" else egress
    assert tuple(hole["to"] for hole in mirror.holes) == holes
