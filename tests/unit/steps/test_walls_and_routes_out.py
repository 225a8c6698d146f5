"""Which rule of a security group keeps replication in, weighed as Azure weighs them."""

from __future__ import annotations

import pytest

from muster.steps.preflight_checks.facts import NotRead
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
        ((DENY_ALL, rule(100, "Allow", "Storage.EastUS")), "Storage.EastUS", None),
        ((DENY_ALL, rule(100, "Allow", "AzureCloud.EastUS")), "Storage.EastUS", None),
        ((rule(100, "Deny", "Storage.WestEurope"),), "Storage.EastUS", None),
        # A part of what is needed is not all of it.
        ((DENY_ALL, rule(100, "Allow", "Storage.EastUS")), "Storage", DENY_ALL["name"]),
        ((DENY_ALL, rule(100, "Allow", "EventHub.EastUS")), "EventHub.WestUS2",
         DENY_ALL["name"]),
        ((DENY_ALL, rule(100, "Allow", "AzureCloud.EastUS")), "AzureActiveDirectory",
         DENY_ALL["name"]),
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
    assert refuses(wall(*rules), service, at=["10.1.1.0/24"]) == refused


def denied(**more):
    first = rule(100, "Deny", "*")
    first["properties"] |= more
    return wall(first, rule(200, "Allow", "*"))


@pytest.mark.parametrize(
    "rules",
    [
        [rule(100, "Deny", "*", sourceAddressPrefix="10.1.0.0/16")],
        [rule(100, "Deny", "*", sourceAddressPrefix=None,
              sourceAddressPrefixes=["10.1.1.0/25", "10.1.0.0/16"])],
        [rule(100, "Deny", None, destinationAddressPrefixes=["0.0.0.0/1", "128.0.0.0/1"])],
        [rule(100, "Allow", "Storage.NorthEurope"), rule(200, "Deny", "*")],
    ],
)  # fmt: skip
def test_a_rule_for_all_that_is_needed_is_weighed_however_it_is_written(rules):
    found = refuses(wall(*rules), "Storage.EastUS", at=["10.1.1.0/24"])
    assert found == rules[-1]["name"]


@pytest.mark.parametrize(
    "more",
    [
        {"sourceAddressPrefix": "10.1.1.0/25"},
        {"destinationAddressPrefix": "20.0.0.0/8"},
        {"destinationAddressPrefix": "52.224.0.0/11"},
        {"destinationAddressPrefix": "20.60.0.0/16"},
        {
            "destinationAddressPrefix": None,
            "destinationAddressPrefixes": ["20.60.0.0/25", "20.60.0.128/25", "20.60.1.0/25"],
        },
        {"destinationAddressPrefix": "Storage.EastUS"},
        {"destinationAddressPrefix": "AzureCloud.EastUS"},
        {"priority": "x"},
        {"destinationPortRange": "1-x"},
        {"access": "Perhaps"},
        {"direction": "Sideways"},
        {"protocol": None},
        {"sourceAddressPrefix": None},
        {"destinationAddressPrefix": None},
    ],
)
def test_what_a_rule_leaves_open_is_not_known(more):
    with pytest.raises(NotRead):
        refuses(denied(**more), "Storage", at=["10.1.1.0/24"])


def test_a_rule_for_application_groups_of_the_source_leaves_it_open():
    group = [{"id": "/a"}]
    with pytest.raises(NotRead):
        refuses(denied(sourceApplicationSecurityGroups=group), "Storage", at=["10.1.1.0/24"])
    assert refuses(denied(destinationApplicationSecurityGroups=group), "Storage") is None


def test_ports_are_one_a_range_or_all():
    assert has_port(["80", "400-500"], 443)
    assert has_port(["*"], 443)
    assert not has_port(["80", "444-500"], 443)
