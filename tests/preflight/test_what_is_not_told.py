"""Unknown is never a pass: each value that a check read is taken away, and it passes no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from muster.checks.verdict import Verdict
from muster.gateway.ids import last_of
from muster.plan.actions import Operation
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Area, PreflightCheck, Severity, passed
from muster.steps.preflight_checks.facts import Facts
from tests.preflight.bending import TARGET
from tests.preflight.everything_to_replicate import FREED, rich_to_replicate
from tests.preflight.looking import Case, look_at
from tests.preflight.one_of_everything import rich
from tests.preflight.watching import GONE, Path, at, raw_paths, spoilt, watching

AWAY, NULL, GARBLED = "away", "null", "garbled"
ONE_VM = "sql1"
REPLICATE = Operation.REPLICATE
OPERATIONS = (Operation.DRILL, Operation.FAILOVER, REPLICATE)

NULL_IS_NONE = frozenset(
    {
        *("selectedTfoAzureNetworkId", "tfoVMNetworkId", "tfoPublicIPAddressId", "tfoSubnetName"),
        *("multiVmGroupName", "recoveryAvailabilityZone", "recoveryDiskEncryptionSetId"),
        *("recoveryAvailabilitySet", "recoveryProximityPlacementGroupId"),
        *("recoveryVirtualMachineScaleSetId", "recoveryBootDiagStorageAccountId"),
        *("recoveryCapacityReservationGroupId", "recoveryNetworkSecurityGroupId"),
        *("recoveryPublicIPAddressId", "recoveryLBBackendAddressPoolIds", "tfoStaticIPAddress"),
        *("tfoNetworkSecurityGroupId", "tfoLBBackendAddressPoolIds", "tfoRecoveryNicName"),
        "tfoRecoveryNicResourceGroupName",
    }
)
"""Site Recovery writes these keys with null where there is nothing."""
ABSENT_IS_NONE = frozenset(
    {
        *("networkSecurityGroup", "routeTable", "serviceEndpoints", "delegations"),
        *("ipConfigurations", "virtualNetworkPeerings", "dhcpOptions", "addressPrefixes"),
        "virtualMachinesAssociated",
    }
)
"""Azure leaves these out where there is nothing: what is away is known not to be."""
SAID_ONLY = (
    *(
        "vault id",
        "target_group id",
        "target_network id",
        "target_network name",
        "source_network id",
        "locks name",
    ),
    *("assignments displayName", "assignments_at displayName", "runbooks name", "sizes name"),
)
"""Field and key of what only names a thing to people."""
WITHOUT_HARM = {
    "compute_usages name": "of the quotas that are not asked for; that asked for is then missing",
    "compute_usages value": "as its name",
    "network_usages name": "as above",
    "network_usages value": "as above",
    "in_target_group id": "of what is no replica; a replica is then missing",
    "items healthErrors": "they tell the item's number, its name is enough where a job tells one",
    "items entityId": "as above",
    "source_network addressPrefix": "no rule of this world names ranges",
    "target_network addressPrefix": "as above",
    "source_cards ipConfigurations": "as above",
    "source_cards properties": "as above, of an address",
    "source_cards privateIPAddress": "as above",
    "assignments enforcementMode": "what is not told is enforced",
    "assignments notScopes": "what is not told is left out nowhere",
    "assignments parameters": "the rule of this world asks for none",
    "assignments_at enforcementMode": "as at one place",
    "assignments_at notScopes": "as at one place",
    "assignments_at parameters": "as at one place",
    "definitions parameters": "as above",
    "definitions then": "a rule that holds for nothing that is made denies nothing",
    "definitions effect": "as above",
    "ours key_is_yet_to_be_made": "then the key's mode tells",
    "ours is_rehearsal": "then the key is judged",
    "ours broken_runs": "our own look at the journal fills it, or tells why it could not",
}
"""Field and key of what may be away, and why the check is right to pass all the same."""
TOGETHER = {
    "PRE-143": ("PRE-093", "PRE-094", "PRE-140"),
    **dict.fromkeys(("PRE-093", "PRE-094", "PRE-140"), ("PRE-143",)),
}
"""What is in every VM's way is told by its own check, what is in some VMs' by PRE-143: either."""


@cache
def facts_for(operation: Operation, *, is_network_there: bool = False) -> Facts:
    kept: list[Facts] = []
    look_at(_rich(operation, kept.append, is_network_there=is_network_there))
    return kept[0]


def _rich(
    operation: Operation, seen: Callable[[Facts], object], *, is_network_there: bool = False
) -> Case:
    if operation is not REPLICATE:
        return rich(operation, seen)
    return rich_to_replicate(seen, is_network_there=is_network_there)


def ways_to_spoil(check: str, facts: Facts, path: Path) -> Iterator[tuple[str, Any]]:
    """What may become of a value of Azure's, but for what still says enough."""
    value = _raw_at(facts, path)
    key = next(one for one in reversed(path) if isinstance(one, str))
    if path == ("vault", "location") and check == "PRE-001":
        return  # that it is there is all that is asked
    if (
        value is GONE
        or f"{path[0]} {key}" in (*SAID_ONLY, *WITHOUT_HARM)
        or {"if", "tags"} & {*path}
    ):
        return  # a policy's condition may be decided by its other parts; it asks for one tag
    if path[0] == "definitions" and key == "policyRule" and last_of(path[1]) == FREED:
        return  # all that it could deny is exempt from it, whatever its rule says
    if isinstance(path[-1], str) and key not in ABSENT_IS_NONE:
        yield AWAY, GONE
    if key not in NULL_IS_NONE | ABSENT_IS_NONE:
        yield NULL, None
    if path[0] not in {"points", "ours"} and "permissions" not in path[0]:
        yield GARBLED, "garbled" if isinstance(value, Mapping) else {"garbled": True}


def values_of(check: PreflightCheck, facts: Facts) -> set[Path]:
    """Where in Azure's answers every value stands that a check read."""
    read: set[Path] = set()
    assert check.verdict(watching(facts, read)).word == check.verdict(facts).word
    return _places(facts, read)


def _places(facts: Facts, read: set[Path]) -> set[Path]:
    """Where in Azure's answers the values stand, and what these stand in.

    What only leads to a value that was read, too, was not read for its own sake.
    """
    leading = {path[:length] for path in read for length in range(1, len(path))}
    values = {path for path in read - leading if _is_sampled(path, facts)}
    told = {raw for one in values for raw in raw_paths(facts, one)}
    inside = {
        path[:length]
        for path in told
        for length in range(3, len(path))
        if isinstance(path[length - 1], str)
    }
    return told | inside


def _raw_at(facts: Facts, path: Path) -> Any:
    """What stands at a path into Azure's answers."""
    place: Any = facts
    for step in path:
        place = getattr(place, "raw", place)
        place = at(place, (step,))
    return place


def _is_sampled(path: Path, facts: Facts) -> bool:
    """One VM stands for all, the first and the last of its points for those between."""
    if len(path) > 1 and path[1] in facts.sources and path[1] != ONE_VM:
        return False
    return path[0] != "points" or path[2] in {0, len(facts.points[ONE_VM]) - 1}


def passing(check: PreflightCheck, facts: Facts) -> list[str]:
    """The spoilings after which a check still passes, and whichever may tell it in its stead."""
    judges = [check, *(one for one in CHECKS if one.id in TOGETHER.get(check.id, ()))]
    if facts.operation is not REPLICATE:
        judges = judges[:1]
    return [
        f"{'.'.join(map(str, path))} {how}"
        for path in sorted(values_of(check, facts), key=repr)
        for how, value in ways_to_spoil(check.id, facts, path)
        if _all_pass(judges, spoilt(facts, path, value))
    ]


def _all_pass(judges: Sequence[PreflightCheck], facts: Facts) -> bool:
    return all(one.verdict(facts).word == "passed" for one in judges)


JUDGED = [
    pytest.param(check, operation, id=f"{check.id}-{operation.value}")
    for check in CHECKS
    for operation in OPERATIONS
    if check.severity(operation) is not Severity.NONE
]


@pytest.mark.parametrize(("check", "operation"), JUDGED)
def test_a_check_passes_no_more_without_a_value_that_it_read(check, operation):
    assert passing(check, facts_for(operation)) == []


@pytest.mark.parametrize("check", TOGETHER)
def test_what_some_vms_need_is_told_where_nothing_is_in_all_their_way(check):
    facts = facts_for(REPLICATE, is_network_there=True)
    assert passing(_check(check), facts) == []


def test_what_of_a_policy_is_not_told_stops_only_the_vms_that_need_what_it_is_of():
    """Else only one of the two checks that share it would ever be put to the test."""
    place = ("assignments_at", TARGET, 1, "properties", "policyDefinitionId")
    for is_network_there in (False, True):
        facts = facts_for(REPLICATE, is_network_there=is_network_there)
        bad = spoilt(facts, place, GONE)
        words = [_check(one).verdict(bad).word for one in ("PRE-094", "PRE-143")]
        unknown = ["not evidenced", "passed"]
        assert words == (unknown[::-1] if is_network_there else unknown)


def _check(check_id: str) -> PreflightCheck:
    return next(one for one in CHECKS if one.id == check_id)


def test_the_rich_world_is_healthy_and_shows_what_the_small_one_lacks():
    for operation in OPERATIONS:
        found = look_at(_rich(operation, lambda facts: None))
        not_passed = found.not_passed - {"PRE-101"}  # the plan is another than the one drilled
        assert {check: found.why(check) for check in not_passed} == {}
        facts = facts_for(operation)
        shown = SHOWN_TO_REPLICATE if operation is REPLICATE else SHOWN
        assert [name for name in shown if not getattr(facts, name)] == []


SHOWN = (
    *("locks", "assignments", "definitions", "walls", "routes", "zones", "workers", "reserved"),
    *("target_walls", "peers", "accounts", "runbooks", "named", "planned"),
)
SHOWN_TO_REPLICATE = (
    *("locks", "assignments_at", "exemptions_at", "definitions", "selected", "vault", "decision"),
    "source_permissions",
)


def test_a_check_that_reads_and_does_not_heed_is_found_out():
    def heedless(facts: Facts) -> Verdict:
        facts.items[ONE_VM].raw["properties"].get("activeLocation")
        return passed("whatever it is")

    stops = Severity.STOPS
    check = PreflightCheck("PRE-000", "", Area.ITEMS, stops, stops, stops, "", heedless)
    where = f"items.{ONE_VM}.properties.activeLocation"
    found = passing(check, facts_for(Operation.DRILL))
    assert found == [f"{where} {how}" for how in (AWAY, NULL, GARBLED)]
