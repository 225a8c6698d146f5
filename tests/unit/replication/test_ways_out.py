"""What a VM has to reach, judged on security groups and routes, with the exact rule to add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.replication.found import (
    Found,
    FoundRoute,
    FoundRouteTable,
    FoundRule,
    FoundSecurityGroup,
)
from muster.replication.outbound import OutboundFinding, judge_outbound
from muster.replication.outbound_rules import Answer, Wish, judge_rules
from muster.replication.reading_places import read_security_group
from muster.replication.tables import table
from tests.unit.replication.source_world import a_found, a_vm, arm_id, small_plan

NSG = arm_id("Microsoft.Network/networkSecurityGroups", "nsg")
ROUTES = arm_id("Microsoft.Network/routeTables", "rt")
TAGS = {
    "storage": "Storage.EastUS",
    "entra": "AzureActiveDirectory",
    "site-recovery": "AzureSiteRecovery",
    "event-hub": "EventHub.WestUS2",
}


def rule(priority: int, destination: str = "*", *, allows: bool = False, **more: Any) -> FoundRule:
    given = {
        "name": f"r{priority}",
        "priority": priority,
        "is_outbound": True,
        "allows": allows,
        "protocol": "*",
        "sources": ("*",),
        "destinations": (destination,),
        "ports": ("*",),
    }
    return FoundRule(**{**given, **more})


def world(
    rules: Sequence[FoundRule] = (), routes: Sequence[FoundRoute] = (), **subnet: Any
) -> Found:
    """db1 in a subnet with this group and these routes."""
    found = a_found(a_vm("db1"))
    network = found.networks[0]
    changed = {
        "security_group_id": NSG if rules else None,
        "route_table_id": ROUTES if routes else None,
        **subnet,
    }
    first = replace(network.subnets[0], **changed)
    return replace(
        found,
        networks=(replace(network, subnets=(first, *network.subnets[1:])),),
        security_groups=(FoundSecurityGroup(NSG, "nsg", tuple(rules)),),
        route_tables=(FoundRouteTable(ROUTES, "rt", tuple(routes)),),
    )


def judge(found: Found, **keys: Any) -> tuple[OutboundFinding, ...]:
    return judge_outbound(small_plan("db1", **keys), found, found.vms)


def test_without_groups_and_routes_everything_is_reached() -> None:
    assert judge(world()) == ()


def test_a_group_that_denies_everything_blocks_every_need_each_with_its_rule() -> None:
    findings = judge(world([rule(4000)]))
    assert {one.need: one.rule and one.rule["properties"]["destinationAddressPrefix"]
            for one in findings} == TAGS  # fmt: skip
    assert {one.severity for one in findings} == {"blocked"}
    assert all("r4000" in one.why for one in findings)
    assert all(one.rests.startswith("https://") for one in findings)


@pytest.mark.parametrize("behind", [4000, 121, 102])
def test_the_rules_to_add_let_it_out_all_at_once(behind: int) -> None:
    rules = [rule(behind), rule(behind - 1, "10.0.0.0/8", allows=True)]
    findings = judge(world(rules))
    raw = [one.rule for one in findings]
    group = read_security_group({"id": NSG, "name": "nsg", "properties": {"securityRules": raw}})
    for one, finding in zip(group.rules, findings, strict=True):
        assert f"--priority {one.priority} " in finding.command
        assert "--nsg-name nsg " in finding.command
    if behind == 102:
        return  # only two priorities are in front of it: a person has to move the rule
    every = [*rules, *group.rules]
    assert len({one.priority for one in every}) == len(every)
    assert judge(world(every)) == ()


def test_a_rule_that_denies_a_part_perhaps_is_told_as_unknown_with_the_rule_in_front() -> None:
    findings = judge(world([rule(300, "20.0.0.0/8")]))
    assert {one.need for one in findings} == set(TAGS)
    assert {one.severity for one in findings} == {"unknown"}
    for one in findings:
        assert "perhaps denied by rule r300" in one.why
        assert one.rule is not None
        assert one.rule["properties"]["priority"] < 300


def test_vms_of_one_group_get_the_same_rule() -> None:
    found = world([rule(4000)])
    found = replace(found, vms=(a_vm("db1"), a_vm("web1")))
    findings = judge_outbound(small_plan(), found, found.vms)
    assert len(findings) == 2 * len(TAGS)
    assert len({str(one.rule) for one in findings}) == len(TAGS)


def test_the_group_of_the_card_and_that_of_the_subnet_both_have_to_let_it_out() -> None:
    found = world([rule(100, allows=True)])
    other = NSG.replace("nsg", "own")
    group = FoundSecurityGroup(other, "own", (rule(200),))
    vm = found.vms[0]
    vm = replace(vm, cards=(replace(vm.cards[0], security_group_id=other),))
    findings = judge(replace(found, vms=(vm,), security_groups=(*found.security_groups, group)))
    assert {one.where_id for one in findings} == {other}


@pytest.mark.parametrize(("rules", "expected"), [
    ([], True),
    ([rule(100), rule(200, allows=True)], False),
    ([rule(200), rule(100, allows=True)], True),
    ([rule(100, is_outbound=False)], True),
    ([rule(100, protocol="Udp")], True),
    ([rule(100, ports=("80", "1000-2000"))], True),
    ([rule(100, ports=("400-500",))], False),
    ([rule(100, "Internet")], False),
    ([rule(100, "Storage")], False),
    ([rule(100, "Storage.EastUS")], False),
    ([rule(100, "Storage.WestUS")], True),
    ([rule(100, "AzureCloud")], False),
    ([rule(100, "AzureCloud.EastUS")], False),
    ([rule(100, "AzureCloud.WestUS")], None),
    ([rule(100, "20.0.0.0/8")], None),
    ([rule(100, "10.0.0.0/8")], True),
    ([rule(100, "VirtualNetwork")], True),
    ([rule(100, "20.0.0.0/8", allows=True), rule(200)], False),  # a part is not the whole
    ([rule(100, "20.0.0.0/8"), rule(50, allows=True)], True),
    ([rule(100, "20.0.0.0/8"), rule(200, allows=True)], None),
    ([rule(100, sources=("10.1.0.4",))], False),
    ([rule(100, sources=("10.1.0.0/24",))], False),
    ([rule(100, sources=("10.2.0.0/24",))], True),
    ([rule(100, sources=("VirtualNetwork",))], False),
    ([rule(100, sources=("/subscriptions/x/applicationSecurityGroups/a",))], None),
])  # fmt: skip
def test_rules_are_judged_as_azure_judges_them(
    rules: list[FoundRule], expected: bool | None
) -> None:
    wish = Wish(("10.1.0.4",), "Storage.EastUS", 443)
    assert judge_rules(rules, wish).allowed is expected


RULES = st.builds(
    rule,
    st.integers(100, 4096),
    st.sampled_from(["*", "Storage", "20.0.0.0/8"]),
    allows=st.booleans(),
)


@given(st.lists(RULES, max_size=6))
def test_a_rule_in_front_decides_whatever_is_behind(rules: list[FoundRule]) -> None:
    wish = Wish(("10.1.0.4",), "Storage.EastUS", 443)
    assert judge_rules([rule(99, allows=True), *rules], wish).allowed is True
    assert judge_rules([rule(99), *rules], wish) == Answer(False, "r99", 99)


def test_disk_encryption_needs_the_key_vault_too() -> None:
    found = world([rule(4000)])
    vm = found.vms[0]
    disks = (replace(vm.disks[0], is_guest_encrypted=True), *vm.disks[1:])
    findings = judge(replace(found, vms=(replace(vm, disks=disks),)))
    assert {one.need for one in findings} == {*TAGS, "key-vault"}


@pytest.mark.parametrize(("hop", "severity"), [
    ("None", "blocked"), ("VirtualAppliance", "unknown"), ("VirtualNetworkGateway", "unknown"),
])  # fmt: skip
def test_a_route_that_leads_elsewhere_is_told(hop: str, severity: str) -> None:
    findings = judge(world(routes=[FoundRoute("all", "0.0.0.0/0", hop, "10.9.0.4")]))
    assert {one.need for one in findings} == set(TAGS)
    assert {one.severity for one in findings} == {severity}
    assert all(one.rule is None for one in findings)
    storage = next(one for one in findings if one.need == "storage")
    assert "service endpoint" in storage.remedy
    entra = next(one for one in findings if one.need == "entra")
    assert "login.microsoftonline.com" in entra.remedy
    assert "--address-prefix AzureActiveDirectory --next-hop-type Internet" in entra.command
    assert entra.command.startswith("az network route-table route create ")
    assert "subnet update" in storage.command


def test_the_endpoint_that_is_added_takes_none_away() -> None:
    routes = [FoundRoute("all", "0.0.0.0/0", "None")]
    findings = judge(world(routes=routes, service_endpoints=("Microsoft.Sql",)))
    storage = next(one for one in findings if one.need == "storage")
    assert storage.command.endswith("--service-endpoints Microsoft.Sql Microsoft.Storage")


def test_a_route_of_its_own_and_a_service_endpoint_go_before_the_default_route() -> None:
    routes = [
        FoundRoute("all", "0.0.0.0/0", "None"),
        FoundRoute("entra", "AzureActiveDirectory", "Internet"),
        FoundRoute("hub", "EventHub", "Internet"),
    ]
    found = world(routes=routes, service_endpoints=("Microsoft.Storage",))
    assert [one.need for one in judge(found)] == ["site-recovery"]


def test_what_was_not_read_is_unknown() -> None:
    found = world([rule(100, allows=True)], [FoundRoute("all", "0.0.0.0/0", "Internet")])
    for lacking in ({"security_groups": ()}, {"route_tables": ()}, {"networks": ()}):
        findings = judge(replace(found, **lacking))
        assert {one.severity for one in findings} == {"unknown"}, lacking
        assert all("not read" in one.why for one in findings)


def test_a_subnet_without_any_way_out_is_told() -> None:
    shut = {"raw": {"properties": {"defaultOutboundAccess": False}}}
    (finding,) = judge(world(**shut))
    assert (finding.severity, finding.need) == ("blocked", "all")
    assert "NAT gateway" in finding.remedy
    nat = {"raw": {"properties": {"defaultOutboundAccess": False, "natGateway": {"id": "/nat"}}}}
    assert judge(world(**nat)) == ()


def test_every_row_names_its_source_and_a_port() -> None:
    for row in table("outbound")["rows"].values():
        assert row["rests"] in table("outbound")["sources"]
        assert row["port"] == 443
        assert row["fqdns"]
