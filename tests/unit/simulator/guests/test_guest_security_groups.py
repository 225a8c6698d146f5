"""What a network security group lets through."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.simulator.guests.nsg import Flow, refusing_rule
from muster.simulator.guests.topology import Endpoint
from tests.unit.simulator.guests.small_world import rule

TAG = [IPv4Network("10.1.0.0/16")]
DEFAULT_IN, DEFAULT_OUT = "DenyAllInBound", "DenyAllOutBound"


def end(address: str, *groups: str) -> Endpoint:
    return Endpoint("vm", "net", "net/subnets/a", IPv4Address(address), asg_ids=frozenset(groups))


FLOW = Flow(end("10.1.0.4", "/asg/web"), end("10.1.2.4", "/asg/db"), 443)
ABROAD = Flow(end("10.9.0.4"), end("10.1.2.4"), 443)


def named(*rules: dict) -> list[dict]:
    return [{"name": f"r{r['priority']}", "properties": r} for r in rules]


def refused(flow: Flow, *rules: dict, direction="Inbound") -> str | None:
    return refusing_rule(named(*rules), direction, flow, TAG)


def test_the_defaults_let_the_virtual_network_in_and_nobody_else():
    assert refused(FLOW) is None
    assert refused(ABROAD) == DEFAULT_IN


def test_the_defaults_let_out_to_the_virtual_network_and_the_internet():
    assert refused(FLOW, direction="Outbound") is None
    to_internet = Flow(end("10.1.0.4"), end("8.8.8.8"), 443)
    assert refused(to_internet, direction="Outbound") is None
    to_private = Flow(end("10.1.0.4"), end("10.9.0.4"), 443)
    assert refused(to_private, direction="Outbound") == DEFAULT_OUT


def test_the_lowest_priority_number_decides():
    deny, allow = rule("Deny", "Inbound", 200), rule("Allow", "Inbound", 100)
    assert refused(FLOW, deny, allow) is None
    assert refused(FLOW, deny, rule("Allow", "Inbound", 300)) == "r200"


def test_rules_of_the_other_direction_do_not_count():
    assert refused(FLOW, rule("Deny", "Outbound", 100)) is None
    assert refused(FLOW, rule("Deny", "Outbound", 100), direction="Outbound") == "r100"


@pytest.mark.parametrize(
    ("changes", "hits"),
    [
        ({"destinationPortRange": "443"}, True),
        ({"destinationPortRange": "400-500"}, True),
        ({"destinationPortRange": "80"}, False),
        ({"destinationPortRange": None, "destinationPortRanges": ["80", "440-443"]}, True),
        ({"protocol": "TCP"}, True),
        ({"protocol": "Udp"}, False),
        ({"sourceAddressPrefix": "10.1.0.0/24"}, True),
        ({"sourceAddressPrefix": "10.1.0.4"}, True),
        ({"sourceAddressPrefix": "10.1.1.0/24"}, False),
        (
            {"sourceAddressPrefix": None, "sourceAddressPrefixes": ["10.3.0.0/16", "10.1.0.4"]},
            True,
        ),
        ({"sourceAddressPrefix": "VirtualNetwork"}, True),
        ({"sourceAddressPrefix": "Internet"}, False),
        ({"sourceAddressPrefix": "AzureCloud.WestUS2"}, False),
        ({"destinationAddressPrefix": "Storage"}, False),
        ({"sourcePortRange": "1-1024"}, False),
        ({"sourceApplicationSecurityGroups": [{"id": "/ASG/web"}]}, True),
        ({"destinationApplicationSecurityGroups": [{"id": "/asg/web"}]}, False),
    ],
)
def test_a_rule_counts_where_all_of_it_matches(changes, hits):
    assert refused(FLOW, rule("Deny", "Inbound", 100) | changes) == ("r100" if hits else None)


def test_public_addresses_are_the_internet_and_azure():
    out = Flow(end("10.1.0.4"), end("20.1.2.3"), 443)
    for tag in ("Internet", "AzureCloud", "AzureCloud.eastus"):
        deny = rule("Deny", "Outbound", 100, destinationAddressPrefix=tag)
        assert refused(out, deny, direction="Outbound") == "r100"


rules = st.lists(
    st.builds(
        rule,
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["Inbound", "Outbound"]),
        st.integers(100, 4096),
        destinationPortRange=st.sampled_from(["*", "443", "80", "1-1000"]),
        sourceAddressPrefix=st.sampled_from(["*", "VirtualNetwork", "10.1.0.0/24", "10.9.0.0/16"]),
    ),
    unique_by=lambda r: r["priority"],
)


@given(rules=rules, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_rules_are_written_does_not_matter(rules, seed: random.Random):
    shuffled = seed.sample(rules, len(rules))
    for direction in ("Inbound", "Outbound"):
        one = refused(FLOW, *rules, direction=direction)
        assert one == refused(FLOW, *shuffled, direction=direction)


@given(rules=rules)
def test_a_first_rule_that_denies_all_denies(rules):
    assert refused(FLOW, *rules, rule("Deny", "Inbound", 50)) == "r50"
