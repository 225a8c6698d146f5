"""Preflight names the rules that `--plan-only` names, for the same group."""

from __future__ import annotations

from muster.gateway.ids import key_of
from muster.replication.outbound import judge_outbound
from muster.replication.outbound_of_group import rules_to_add, shown_rule
from muster.replication.reading_places import read_network, read_security_group
from tests.unit.replication.source_world import a_found, a_vm, arm_id, network_raw, small_plan

GROUP = arm_id("Microsoft.Network/networkSecurityGroups", "nsg")
DENY = {
    "name": "deny-all",
    "properties": {
        "priority": 200, "direction": "Outbound", "access": "Deny", "protocol": "*",
        "sourceAddressPrefix": "*", "destinationAddressPrefix": "*", "destinationPortRange": "*",
    },
}  # fmt: skip
ALLOW_ENTRA = {
    "name": "allow-entra",
    "properties": {**DENY["properties"], "priority": 100, "access": "Allow",
                   "destinationAddressPrefix": "AzureActiveDirectory"},
}  # fmt: skip


def wall(*rules):
    return {"id": GROUP, "name": "nsg", "properties": {"securityRules": list(rules)}}


def test_the_rules_are_those_of_plan_only():
    raw = network_raw()
    raw["properties"]["subnets"][0]["properties"]["networkSecurityGroup"] = {"id": GROUP}
    body = wall(DENY, ALLOW_ENTRA)
    found = a_found(
        a_vm("db1"), networks=(read_network(raw),), security_groups=(read_security_group(body),)
    )
    told = [one.rule for one in judge_outbound(small_plan("db1"), found, found.vms)]
    assert list(rules_to_add(body, "eastus", "westus2")) == told
    assert [rule["properties"]["destinationAddressPrefix"] for rule in told] == [
        "Storage.EastUS", "AzureSiteRecovery", "EventHub.WestUS2",
    ]  # fmt: skip
    assert key_of(found.security_groups[0].id) == key_of(GROUP)


def test_a_rule_is_shown_as_it_is_typed_and_none_where_all_is_let_out():
    (first, *_) = rules_to_add(wall(DENY), "eastus", "westus2")
    assert shown_rule(first) == (
        "AllowSiteRecovery-storage (priority 190, Outbound, Allow, TCP, from * to "
        "Storage.EastUS, port 443)"
    )
    assert list(rules_to_add(wall(), "eastus", "westus2")) == []
