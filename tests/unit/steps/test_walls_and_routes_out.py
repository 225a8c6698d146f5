"""Which rule of a security group keeps replication in, weighed as Azure weighs them."""

from __future__ import annotations

import pytest

from muster.steps.preflight_checks.walls import has_port, refuses


def rule(priority: int, access: str, to: str, port: str = "443", **more):
    properties = {
        "priority": priority, "direction": "Outbound", "access": access, "protocol": "Tcp",
        "sourceAddressPrefix": "*", "destinationAddressPrefix": to, "destinationPortRange": port,
    }  # fmt: skip
    return {"name": f"{access}-{to}-{priority}", "properties": {**properties, **more}}


def wall(*rules):
    return {"name": "nsg", "properties": {"securityRules": list(rules)}}


DENY_ALL = rule(4000, "Deny", "*", "*", protocol="*")


@pytest.mark.parametrize(
    ("rules", "service", "refused"),
    [
        ((), "Storage", None),  # Azure's own last rule lets the internet through
        ((DENY_ALL,), "Storage", DENY_ALL["name"]),
        ((DENY_ALL, rule(100, "Allow", "Storage")), "Storage", None),
        ((DENY_ALL, rule(100, "Allow", "Storage.EastUS")), "Storage", None),
        ((DENY_ALL, rule(100, "Allow", "AzureCloud")), "EventHub", None),
        ((DENY_ALL, rule(100, "Allow", "Storage")), "EventHub", DENY_ALL["name"]),
        ((DENY_ALL, rule(100, "Allow", "Storage", "80")), "Storage", DENY_ALL["name"]),
        ((rule(200, "Deny", "Internet"), rule(300, "Allow", "Storage")), "Storage",
         "Deny-Internet-200"),
        ((rule(100, "Deny", "20.1.2.0/24"),), "Storage", None),  # some addresses decide nothing
        ((rule(100, "Deny", "*", direction="Inbound"),), "Storage", None),
        ((rule(100, "Deny", "*", protocol="Udp"),), "Storage", None),
        ((rule(100, "Deny", "*", sourceAddressPrefix="10.1.0.4"),), "Storage", None),
    ],
)  # fmt: skip
def test_the_weightiest_rule_that_concerns_a_service_decides(rules, service, refused):
    assert refuses(wall(*rules), service) == refused


def test_ports_are_one_a_range_or_all():
    assert has_port(["80", "400-500"], 443)
    assert has_port(["*"], 443)
    assert not has_port(["80", "444-500"], 443)
