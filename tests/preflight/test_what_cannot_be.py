"""Answers that make no sense, or leave out what is asked for, pass no check that rests on them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.gateway.parse_item import parse_item
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.facts import Facts
from tests.preflight.bending import GROUPS, TARGET, TARGET_NET
from tests.preflight.faults import answering, faults
from tests.preflight.looking import Case, look_at, seen_facts

DRILL, FAILOVER = Operation.DRILL, Operation.FAILOVER
UNKNOWN, FAILED = "not evidenced", "failed"
FUTURE = "2099-01-01T00:00:00Z"
Bend = Callable[[Facts], object]


def words(bend: Bend, *checks: int, operation: Operation = FAILOVER) -> set[str]:
    """How checks come out after a bend of what was read of the healthy world."""
    facts = seen_facts(operation)
    bend(facts)
    wanted = {f"PRE-{number:03d}" for number in checks}
    return {one.verdict(facts).word for one in CHECKS if one.id in wanted}


def items(change: Callable[[Any, Any], object]) -> Bend:
    """Every item's properties and details changed, and parsed anew."""

    def bend(facts: Facts) -> None:
        told = {}
        for vm, item in facts.items.items():
            raw = copy.deepcopy(dict(item.raw))
            change(raw["properties"], raw["properties"]["providerSpecificDetails"])
            told[vm] = parse_item(raw)
        facts.items = told

    return bend


def details(**keys: Any) -> Bend:
    return items(lambda _, told: told.update(keys))


def points(kept: Callable[[timedelta], bool], later: timedelta = timedelta()) -> Bend:
    """Only those points whose age is kept, each moved by so much."""

    def bend(facts: Facts) -> None:
        facts.points = {
            vm: tuple(
                replace(one, time=one.time + later) for one in of_vm if kept(facts.now - one.time)
            )
            for vm, of_vm in facts.points.items()
        }

    return bend


def sizes(**keys: Any) -> Bend:
    return lambda facts: setattr(
        facts, "sizes", {name: {**row, **keys} for name, row in facts.sizes.items()}
    )


def restriction(kind: str, **info: Any) -> list[dict[str, Any]]:
    return [{"type": kind, "reasonCode": "NotAvailable", **info}]


def usage(**keys: Any) -> Bend:
    def bend(facts: Facts) -> None:
        facts.compute_usages = tuple({**row, **keys} for row in facts.compute_usages)

    return bend


def policy_elsewhere(properties: Any, _: Any) -> None:
    properties["policyId"] = properties["policyId"].rpartition("/")[0] + "/of-others"


def replica_elsewhere(_: Any, told: Any) -> None:
    for disk in told["protectedManagedDisks"]:
        disk["recoveryReplicaDiskId"] = disk["recoveryReplicaDiskId"].replace("asr/", "far/")


@pytest.mark.parametrize(
    ("bend", "checks"),
    [
        (details(rpoInSeconds=-5), (9, 29)),
        (details(rpoInSeconds=True), (9, 29)),
        (details(lastRpoCalculatedTime=FUTURE), (10,)),
        (details(lastHeartbeat=FUTURE), (11,)),
        (details(agentExpiryDate="soon", agentCertificateExpiryDate=None), (48, 49)),
        (details(vmNics=None), (12, 13, 17, 53, 73, 80, 83)),
        (details(vmNics=[]), (12, 13, 17, 53, 73, 80, 83)),
        (items(replica_elsewhere), (61,)),
        (items(policy_elsewhere), (47,)),
        (points(lambda age: True, later=timedelta(days=900)), (57, 58, 59)),
        (points(lambda age: False), (57, 58, 59)),
        (sizes(capabilities=[{"name": "vCPUs", "value": "2.5"}]), (70, 71)),
        (sizes(family=None), (70, 71)),
        (sizes(restrictions=restriction("Location", values=None)), (75,)),
        (usage(limit=-1), (70, 71, 72)),
        (usage(limit=None), (70, 71, 72)),
        (usage(limit="n/a"), (70, 71, 72)),
        (lambda facts: setattr(facts, "container_mappings", ()), (47,)),
        (lambda facts: setattr(facts, "policies", ()), (47,)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", [DRILL, FAILOVER])
def test_a_value_that_cannot_be_is_no_value(bend, checks, operation):
    assert words(bend, *checks, operation=operation) == {UNKNOWN}


@pytest.mark.parametrize(
    ("bend", "check"),
    [
        (points(lambda age: age > timedelta(minutes=50)), 58),
        (points(lambda age: age > timedelta(hours=2)), 58),
        (sizes(restrictions=restriction(
            "Location", restrictionInfo={"locations": ["West US 2"]})), 75),
        (lambda facts: (details(recoveryAvailabilityZone="1")(facts), sizes(
            restrictions=restriction("Zone", restrictionInfo={
                "locations": ["westus2"], "zones": ["1", "2"]}))(facts)), 75),
    ],
)  # fmt: skip
def test_what_is_told_another_way_counts_all_the_same(bend, check):
    assert words(bend, check) == {FAILED}


def test_a_restriction_of_zones_touches_nobody_outside_of_them():
    zones = {"locations": ["westus2"], "zones": ["2", "3"]}
    bend = sizes(restrictions=restriction("Zone", restrictionInfo=zones))
    assert words(bend, 75) == {"passed"}
    of_some = restriction("Zone", restrictionInfo={"locations": ["westus2"]})
    assert words(sizes(restrictions=of_some), 75) == {"passed"}
    in_one = lambda facts: (details(recoveryAvailabilityZone="1")(facts), bend(facts))  # noqa: E731
    assert words(in_one, 75) == {"passed"}


@pytest.mark.parametrize("operation", [DRILL, FAILOVER])
def test_where_nothing_was_found_nothing_passes_for_all_of_it(operation):
    def nothing(facts: Facts) -> None:
        facts.items, facts.points, facts.source_networks, facts.source_cards = {}, {}, {}, {}
        facts.sources = dict.fromkeys(facts.sources)

    items = (*range(4, 16), 17, 25, *range(27, 30), *range(47, 60), *range(70, 74), 75, 76, 77)
    places = (*range(31, 34), *range(61, 68), 80, 83, 94, 95)
    rests_on_it = {*items, *places}
    assert words(nothing, *rests_on_it, operation=operation) == {UNKNOWN}


@pytest.mark.parametrize(
    ("network", "operation", "word"),
    [(TARGET_NET, FAILOVER, FAILED), (f"{TARGET_NET}-other", FAILOVER, "passed")],
)
def test_a_lock_on_the_network_that_vms_come_up_in_keeps_them_out(network, operation, word):
    name = f"{network}/providers/Microsoft.Authorization/locks/keep"
    lock = {"id": name, "name": "keep", "properties": {"level": "ReadOnly"}}
    assert words(lambda facts: setattr(facts, "locks", (lock,)), 93, operation=operation) == {word}


def _table(*routes: dict[str, str]) -> Bend:
    """A route table at every subnet of the source."""
    name = f"{GROUPS}/rg-erp/providers/Microsoft.Network/routeTables/rt"

    def bend(facts: Facts) -> None:
        assert facts.source_network is not None
        for row in facts.source_network.properties["subnets"]:
            row["properties"]["routeTable"] = {"id": name}
        listed = [{"name": "r", "properties": route} for route in routes]
        facts.routes = {key_of(name): {"name": "rt", "properties": {"routes": listed}}}

    return bend


def route(prefix: str, hop: str) -> dict[str, str]:
    return {"addressPrefix": prefix, "nextHopType": hop, "nextHopIpAddress": "10.9.9.9"}


APPLIANCE = "VirtualAppliance"
HALVES = [route("0.0.0.0/1", APPLIANCE), route("128.0.0.0/1", APPLIANCE)]
TAGS = ("Storage", "AzureActiveDirectory", "AzureSiteRecovery", "EventHub.WestUS2")
WAYS_ROUND = [route(tag, "Internet") for tag in TAGS]


@pytest.mark.parametrize(
    ("routes", "word"),
    [
        (HALVES, UNKNOWN),
        ([HALVES[0], route("128.0.0.0/1", "None")], FAILED),
        ([route("Storage", "None")], FAILED),
        ([route("0.0.0.0/0", APPLIANCE), *WAYS_ROUND], "passed"),
        ([route("0.0.0.0/0", APPLIANCE), route("AzureCloud", "Internet")], "passed"),
        ([route("0.0.0.0/0", "Internet"), route("10.9.0.0/16", APPLIANCE)], "passed"),
        ([route("10.9.0.0/16", "None")], "passed"),
        ([route("0.0.0.0/0", "Nowhere")], UNKNOWN),
    ],
)
def test_routes_lead_by_tag_or_by_range_however_these_are_cut(routes, word):
    assert words(_table(*routes), 68, operation=FAILOVER) == {word}


def test_rules_and_routes_that_a_subnet_names_and_nobody_found_are_not_known():
    def gone(facts: Facts) -> None:
        _table()(facts)
        facts.routes = {}
        group = f"{TARGET}/providers/Microsoft.Network/networkSecurityGroups/nsg"
        for network in (facts.source_network, facts.target_network):
            assert network is not None
            network.properties["subnets"][0]["properties"]["networkSecurityGroup"] = {"id": group}

    assert words(gone, 67, 68, 69) == {UNKNOWN}


def test_a_dns_server_that_is_no_address_is_not_known():
    def named(facts: Facts) -> None:
        assert facts.target_network is not None
        facts.target_network.properties["dhcpOptions"] = {"dnsServers": ["AzureProvidedDNS"]}

    assert words(named, 84) == {UNKNOWN}


def test_a_drill_that_is_yet_to_come_is_no_drill():
    def bend(facts: Facts) -> None:
        facts.ours = replace(facts.ours, last_passed=facts.now + timedelta(days=400))

    assert words(bend, 99, 100) == {UNKNOWN}


PERMISSIONS = "list Microsoft.Authorization/permissions"
NOT_THERE = {"answer": {"status": 404, "code": "ResourceNotFound", "message": "gone"}}


@pytest.mark.parametrize(
    ("call", "do", "checks"),
    [
        ("list Microsoft.Compute/virtualMachines", NOT_THERE, (24, 31, 32, 33, 64)),
        ("list Microsoft.Authorization/locks", NOT_THERE, (92, 93)),
        ("list Microsoft.Authorization/policyAssignments", NOT_THERE, (94,)),
        (PERMISSIONS, {"change": {"drop": ["value"]}}, (22, 23, 41)),
        (PERMISSIONS, {"change": {"set": {"value": []}}}, (23, 41)),
    ],
)  # fmt: skip
def test_a_list_that_is_not_there_is_no_empty_list(call, do, checks):
    found = look_at(Case("", "", faults=faults(answering(call, do))))
    assert {found.words[f"PRE-{number:03d}"] for number in checks} == {UNKNOWN}
