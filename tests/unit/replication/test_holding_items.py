"""Which items are a plan's to release, and what keeps one from being removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.gateway.parse_item import parse_item
from muster.gateway.values import ProtectedItem
from muster.replication.claiming import Claims, Enabled
from muster.replication.holding import Held, held_by
from muster.replication.primary_side import why_not_removed
from tests.builders import a_plan

SUB = "11111111-1111-1111-1111-111111111111"
GROUPS = f"/subscriptions/{SUB}/resourceGroups"
PLAN = a_plan()
HOME = f"{GROUPS}/{PLAN.source.resource_group}"
THERE = f"{GROUPS}/{PLAN.target_resource_group}"
VAULT = f"{GROUPS}/rg-vault/providers/Microsoft.RecoveryServices/vaults/rsv"
POLICY = f"{VAULT}/replicationPolicies"
OURS = "24-hour-retention-policy"


def vm(name: str, group: str = HOME) -> str:
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"


def item(
    name: str, *, of: str = "", into: str = THERE, policy: str = OURS, **properties: Any
) -> ProtectedItem:
    side = {"primaryFabricLocation": properties.pop("region", PLAN.source.region)}
    return parse_item(
        {
            "id": f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c"
            f"/replicationProtectedItems/{name}",
            "name": name,
            "properties": {
                "friendlyName": name,
                "protectionState": "Protected",
                "activeLocation": "Primary",
                "policyId": f"{POLICY}/{policy}",
                "providerSpecificDetails": {
                    "fabricObjectId": of or vm(name),
                    "recoveryAzureResourceGroupId": into,
                    "managementId": f"m-{name}",
                    **side,
                },
                **properties,
            },
        }
    )


def enabled(
    name: str, *, of: str = "", into: str = THERE, policy: str = OURS, plan: str = PLAN.plan,
    hour: int = 1,
) -> Enabled:  # fmt: skip
    this, under = item(name).id, f"{POLICY}/{policy}"
    return Enabled(this, of or vm(name), under, into, f"{plan}-1", plan, at(hour))


def at(hour: int) -> datetime:
    return datetime(2027, 1, 1, hour, tzinfo=UTC)


def held(*items: ProtectedItem, by: tuple[Enabled, ...] = (), **how: Any) -> list[Held]:
    claims = how.pop("claims", None) or Claims(own=by)
    return list(held_by(PLAN, SUB, items, claims, **how))


def codes(found: list[Held]) -> dict[str, str | None]:
    return {one.name: one.refusal.code if one.refusal else None for one in found}


def test_items_of_vms_that_the_plan_names_are_its_own_and_strangers_are_not_its_business():
    assert codes(held(item("db1"), item("stranger"))) == {"db1": None}


def test_ids_are_the_same_in_whatever_case():
    (found,) = held(item("DB1", of=vm("db1").upper(), into=THERE.lower()))
    assert (found.name, found.refusal) == ("db1", None)


@pytest.mark.parametrize("terms", [{"policy": "theirs"}, {"into": f"{GROUPS}/rg-theirs"}])
def test_a_named_vm_under_other_terms_is_released_only_if_a_run_of_the_plan_enabled_it(terms):
    one = item("db1", **terms)
    assert codes(held(one)) == {"db1": "STEP-055"}
    assert codes(held(one, by=(enabled("db1", **terms),))) == {"db1": None}


def test_a_vm_that_somebody_else_enabled_since_under_the_same_name_is_theirs():
    theirs = item("pay1", policy="theirs")
    ours_then = enabled("pay1")
    assert held(theirs, by=(ours_then,)) == []
    assert codes(held(theirs, by=(ours_then,), selected=[vm("pay1")])) == {"pay1": "STEP-055"}


def test_two_vms_of_one_name_are_told_apart():
    other = vm("db1", f"{GROUPS}/rg-other")
    found = held(item("db1"), item("db1-b", of=other, friendlyName="db1"), selected=[other])
    names = [one.name for one in found]
    assert len(set(names)) == 2
    assert all(name.startswith("db1-") for name in names)


def test_a_vm_that_runs_at_the_target_and_is_replicated_home_stays():
    turned = item("db1", of=vm("db1", THERE), into=HOME, region=PLAN.target.region)
    (found,) = held(turned)
    assert found.refusal
    assert (found.name, found.refusal.code) == ("db1", "STEP-054")


def test_items_that_are_of_no_azure_vm_are_passed_over():
    assert held(item("vmware", of="5f1c0a4e-guid")) == []


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({}, None),
        ({"testFailoverState": "None"}, None),
        ({"testFailoverState": "WaitingForCompletion"}, "STEP-049"),
        ({"activeLocation": "Recovery"}, "STEP-054"),
        ({"activeLocation": None}, "STEP-054"),
        ({"protectionState": "PlannedFailoverStatesBegin"}, "STEP-054"),
        ({"protectionState": "ReprotectStatesBegin"}, "STEP-054"),
        ({"protectionState": "ReverseReplicationFailed"}, "STEP-054"),
        ({"region": "westeurope"}, "STEP-054"),
        ({"currentScenario": {"scenarioName": "None"}}, None),
        ({"currentScenario": {"scenarioName": "UnplannedFailover"}}, "STEP-054"),
    ],
)
def test_an_item_is_removed_only_while_its_vm_runs_at_the_source(properties, code):
    found = why_not_removed(item("db1", **properties), PLAN.source.region)
    assert (found.code if found else None) == code
    assert found is None or found.remedy


def test_a_region_may_be_told_by_its_display_name():
    region = PLAN.source.region
    spoken = f"{region[:4].title()} {region[4:].upper()}"
    assert why_not_removed(item("db1", region=spoken), region) is None


@pytest.mark.parametrize(("hour", "is_theirs"), [(1, True), (3, False)])
def test_of_enablings_at_once_the_one_that_azure_took_counts_whichever_was_meant_later(
    hour: int, is_theirs: bool
) -> None:
    theirs = enabled("web1", plan="pay", hour=1)
    later = enabled("web1", hour=hour)
    mine = replace(later, at=later.at + timedelta(minutes=1), is_answered=False)
    claims = Claims(own=(mine,), others=(theirs,))
    assert (claims.of_another(item("web1")) is not None) == is_theirs
    proven = Claims(own=(replace(mine, is_answered=True),), others=(theirs,))
    assert proven.of_another(item("web1")) is None
