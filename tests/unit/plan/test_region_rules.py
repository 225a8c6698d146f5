"""What a plan's regions are refused for, in words that say what would do."""

from __future__ import annotations

import pytest

from muster.plan.loader import read_plan
from tests.unit.plan.broken_plans import VALID, WritePlan

WEST = "{region: westus2}"


def problems(write_plan: WritePlan, *changes: tuple[str, str]) -> list[str]:
    text = VALID
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return [f"{one.line} {one.code} {one.message}" for one in read_plan(write_plan(text)).problems]


def test_a_slip_in_a_region_gets_a_suggestion(write_plan: WritePlan) -> None:
    (said,) = problems(write_plan, (WEST, "{region: ukwesst}"))
    assert said.startswith("6 PLAN-080")
    assert said.endswith("(did you mean 'ukwest'?)")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("westeruope", "westeurope"),
        ("norteurope", "northeurope"),
        ("eastus22", "eastus2"),
        ("europewest", "westeurope"),
        ("uswest3", "westus3"),
        ("nowhere", None),
        ("xxx", None),
        ("europe", None),
    ],
)
def test_only_a_region_that_is_close_is_suggested(
    said: str, meant: str | None, write_plan: WritePlan
) -> None:
    (found,) = problems(write_plan, (WEST, f"{{region: {said}}}"))
    assert found.startswith("6 PLAN-080")
    asked = f"(did you mean '{meant}'?)" if meant else f"`target.region: {said}` is no region that"
    assert found.endswith(asked if meant else " that Muster knows")
    assert asked in found


@pytest.mark.parametrize(
    ("said", "write"),
    [
        ("West Europe", ": write westeurope"),
        ("east us2", ": write eastus2"),
        ("North Europe", ": write northeurope"),
        ("Nrth Europe", ": write northeurope"),
        ("xx", ", such as westus2"),
        ("Nowhere Land", ", such as westus2"),
    ],
)
def test_a_region_by_its_name_for_people_is_answered_with_the_short_one(
    said: str, write: str, write_plan: WritePlan
) -> None:
    (found,) = problems(write_plan, (WEST, f"{{region: {said}}}"))
    assert found.startswith("6 PLAN-063")
    assert found.endswith(write)


def test_a_reason_of_two_sentences_goes_on_without_its_full_stop(write_plan: WritePlan) -> None:
    (said,) = problems(write_plan, (WEST, "{region: brazilsouth}"))
    assert "A failback to it after a failover from it is possible; eastus replicates to" in said


def test_an_impossible_pair_names_the_possible_targets(write_plan: WritePlan) -> None:
    (said,) = problems(write_plan, (WEST, "{region: switzerlandwest}"))
    assert "reserved for disaster recovery of Switzerland North" in said
    assert "eastus replicates to westus, " in said
    assert said.endswith(" more")


def test_the_possible_targets_are_those_that_the_residency_permits(write_plan: WritePlan) -> None:
    residency = "replication: {data_residency: [eastus, switzerlandwest, centralus]}\nabout: A"
    said = problems(write_plan, ("about: A", residency), (WEST, "{region: switzerlandwest}"))
    assert [one for one in said if one.endswith("eastus replicates to centralus, eastus")]


def test_a_vm_has_no_zone_where_the_target_has_none(write_plan: WritePlan) -> None:
    zoned = ("vms: [web1]", "vms: [{name: web1, zone: 2}]")
    (said,) = problems(write_plan, (WEST, "{region: ukwest}"), zoned)
    assert said == "23 PLAN-082 `zone: 2`: UK West has no availability zones"


@pytest.mark.parametrize("region", ["westus2", "israelnorthwest"])
def test_a_zone_is_taken_where_there_are_or_may_be_some(
    region: str, write_plan: WritePlan
) -> None:
    zoned = ("vms: [web1]", "vms: [{name: web1, zone: 2}]")
    assert problems(write_plan, (WEST, f"{{region: {region}}}"), zoned) == []
