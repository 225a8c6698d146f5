"""Which VMs are replicated, and which are left: by name, group and tag, each with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.values import JobError
from muster.plan.model import RecoveryPlan
from muster.replication.decided import decide_on
from muster.replication.decision import Decision
from muster.replication.found import Found, FoundVm, Unread
from muster.replication.selection import select_vms
from muster.replication.wanted import Left
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import a_found, a_vm, arm_id, group_id, small_plan

OTHER = "7c0e0000-0000-0000-0000-000000000002"


def names(chosen: tuple[FoundVm, ...]) -> list[str]:
    return [vm.name for vm in chosen]


def only_left(found: Found, *vms: Any, **keys: Any) -> Left:
    _, left = select_vms(small_plan(*vms, **keys), found)
    assert len(left) == 1, left
    return left[0]


def test_vms_of_groups_and_support_belong_and_nothing_else_does() -> None:
    found = a_found(a_vm("dc1"), a_vm("db1"), a_vm("web1"), a_vm("other"))
    chosen, left = select_vms(small_plan(support={"vms": ["dc1"]}), found)
    assert names(chosen) == ["dc1", "db1", "web1"]
    assert left == ()


def test_a_vm_may_be_in_a_group_or_subscription_of_its_own() -> None:
    other = group_id("rg-b", OTHER)
    plan = small_plan("db1", {"name": "web1", "resource_group": other})
    chosen, left = select_vms(plan, a_found(a_vm("db1"), a_vm("web1", other), a_vm("web1")))
    assert [vm.id for vm in chosen][1].startswith(other)
    assert (len(chosen), left) == (2, ())


@pytest.mark.parametrize(("select", "expected"), [
    ({"resource_groups": ["rg-batch"]}, ["batch1", "batch2"]),
    ({"tags": {"DR": "erp"}}, ["batch1"]),
    ({"resource_groups": ["rg-batch"], "tags": {"dr": "erp"}}, ["batch1"]),
    ({"resource_groups": [group_id("rg-far", OTHER)]}, ["far"]),
    ({"tags": {"dr": "erp", "more": "no"}}, []),
    ({}, []),
])  # fmt: skip
def test_more_are_selected_by_group_and_tag(select: dict[str, Any], expected: list[str]) -> None:
    found = a_found(
        a_vm("db1"),
        a_vm("batch1", "rg-batch", tags={"dr": "erp"}),
        a_vm("batch2", "rg-batch"),
        a_vm("far", group_id("rg-far", OTHER), tags={"dr": "erp"}),
        a_vm("away", "rg-batch", region="westus", tags={"dr": "erp"}),
    )
    chosen, left = select_vms(small_plan("db1", replication={"select": select}), found)
    assert names(chosen) == ["db1", *expected]
    assert left == ()


def test_a_vm_that_is_not_there_is_named() -> None:
    left = only_left(a_found(a_vm("db1")), "db1", "web1")
    assert (left.name, left.kind) == ("web1", "not found")
    assert "rg-small" in left.why
    assert "resource_group" in left.remedy


def test_a_vm_that_could_not_be_read_is_pending() -> None:
    unread = Unread(arm_id("Microsoft.Compute/virtualMachines", "web1"), "403 Forbidden")
    left = only_left(a_found(a_vm("db1"), unread=(unread,)), "db1", "web1")
    assert (left.kind, "403" in left.why) == ("pending", True)


def test_an_unsupported_vm_is_left_with_every_reason_at_once() -> None:
    vm = a_vm("db1", disk_controller="NVMe", dedicated_host_id="/host", power="stopped")
    left = only_left(a_found(vm), "db1")
    assert left.kind == "unsupported"
    assert all(word in left.why for word in ("NVMe", "dedicated host", "stopped"))
    assert "SCSI" in left.remedy


def test_a_vm_that_does_not_run_is_pending() -> None:
    assert only_left(a_found(a_vm("db1", power="deallocated")), "db1").kind == "pending"


def test_azures_own_refusal_is_told_in_its_words() -> None:
    error = JobError("Oops", "No way for this VM.", "", "Try harder.")
    left = only_left(a_found(a_vm("db1", eligibility=(error,))), "db1")
    assert left.kind == "unsupported"
    assert "No way for this VM. [Oops]" in left.why
    assert left.remedy == "Try harder."


def test_a_vm_of_another_vault_is_protected_and_named_with_it() -> None:
    vm = a_vm("db1")
    vault = f"{group_id('rg-x')}/providers/Microsoft.RecoveryServices/vaults/other"
    left = only_left(a_found(vm, elsewhere={vm.id.casefold(): vault}), "db1")
    assert (left.kind, "other" in left.why) == ("protected", True)


def test_a_vm_that_azure_calls_protected_without_our_vault_knowing_is_protected() -> None:
    error = JobError("AzureVmAlreadyProtected", "It is protected.", "", "")
    assert only_left(a_found(a_vm("db1", eligibility=(error,))), "db1").kind == "protected"


def test_a_vm_of_the_plans_vault_stays_among_those_whatever_holds_of_it_now() -> None:
    found = a_found(a_vm("db1"))
    later = settled(work_out(small_plan("db1"), found), found)
    error = JobError("AzureVmAlreadyProtected", "It is protected.", "", "")
    stopped = replace(later.vms[0], power="deallocated", eligibility=(error,))
    chosen, left = select_vms(small_plan("db1"), replace(later, vms=(stopped,)))
    assert (names(chosen), left) == (["db1"], ())


@pytest.mark.parametrize("details", [
    {"primaryFabricLocation": "westus2", "recoveryFabricLocation": "eastus"}, {},
])  # fmt: skip
def test_a_vm_that_is_failed_over_is_pending(details: dict[str, Any]) -> None:
    plan, found = small_plan("db1"), a_found(a_vm("db1"))
    wanted = work_out(plan, found)
    later = settled(wanted, found)
    item = item_of(wanted, wanted.vms[0], **details)
    if not details:
        item = replace(item, active_location="Recovery")
    moved = replace(later, setup=replace(later.setup, items=(item,)))
    assert only_left(moved, "db1").kind == "pending"


def test_a_vm_without_a_readable_card_is_pending() -> None:
    left = only_left(a_found(a_vm("db1", cards=())), "db1")
    assert (left.kind, "network card" in left.why) == ("pending", True)


def test_two_vms_of_one_name_do_not_recover_into_one_group() -> None:
    plan = small_plan("db1", replication={"select": {"resource_groups": ["rg-b"]}})
    chosen, (left,) = select_vms(plan, a_found(a_vm("db1"), a_vm("DB1", "rg-b")))
    assert names(chosen) == ["db1"]
    assert (left.name, left.kind) == ("DB1", "unsupported")


def test_a_selected_vm_does_not_stand_in_for_the_one_of_its_name_that_is_missing() -> None:
    plan = small_plan("db1", "web9", replication={"select": {"resource_groups": ["rg-b"]}})
    found = a_found(a_vm("db1"), a_vm("web9", "rg-b"))
    chosen, left = select_vms(plan, found)
    assert names(chosen) == ["db1"]
    assert [(one.kind, one.is_named) for one in left] == [
        ("not found", True), ("unsupported", False)
    ]  # fmt: skip
    decided = decide_on(plan, found)
    decision = Decision(decided.wanted, decided.changes, decided.left[::-1])
    assert [one.kind for one in decision.left_of(plan)] == ["not found"]
    assert not decision.is_possible(plan)
    assert [vm.becomes for vm in decided.listed] == [
        "to be replicated", "left out: unsupported", "left out: not found"
    ]  # fmt: skip


@pytest.mark.parametrize("state", [
    "UnplannedFailoverFailed", "ReverseReplicationFailed", "DisablingProtection",
    "PlannedFailoverStarted", "CommitFailoverFailedOnPrimary", "",
])  # fmt: skip
def test_an_item_that_is_neither_protected_nor_on_its_way_is_left(state: str) -> None:
    plan, later = settled_with("db1", protection_state=state)
    chosen, (left,) = select_vms(plan, later)
    assert (chosen, left.kind, left.is_named) == ((), "pending", True)
    assert f"neither protected nor on its way to be: {state or 'no state'}" in left.why


@pytest.mark.parametrize("state", [
    "Protected", "EnablingFailed", "InitialReplicationFailed", "UnprotectedStatesBegin",
    "EnablingProtection", "InitialReplicationRecoveryCompletionPending",
])  # fmt: skip
def test_an_item_that_replicates_or_is_on_its_way_to_stays(state: str) -> None:
    plan, later = settled_with("db1", protection_state=state)
    assert (names(select_vms(plan, later)[0]), select_vms(plan, later)[1]) == (["db1"], ())


@pytest.mark.parametrize(("job", "is_left"), [
    ("PlannedFailover", True), ("TestFailover", False), ("None", False),
])  # fmt: skip
def test_a_vm_that_a_job_takes_to_its_other_side_is_left(job: str, is_left: bool) -> None:
    plan, later = settled_with("db1")
    (item,) = later.setup.items
    told = {**item.raw["properties"], "currentScenario": {"scenarioName": job}}
    busy = replace(item, raw={**item.raw, "properties": told})
    later = replace(later, setup=replace(later.setup, items=(busy,)))
    assert (select_vms(plan, later)[0] == ()) is is_left


def settled_with(name: str, **told: Any) -> tuple[RecoveryPlan, Found]:
    """A plan of one VM that is replicated, its item as is told."""
    plan, found = small_plan(name), a_found(a_vm(name))
    wanted = work_out(plan, found)
    later = settled(wanted, found)
    item = replace(item_of(wanted, wanted.vms[0]), **told)
    return plan, replace(later, setup=replace(later.setup, items=(item,)))
