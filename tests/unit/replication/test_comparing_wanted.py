"""What is there is compared with what is wanted: from nothing, and on its own result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Kind
from muster.replication.changes import compare
from muster.replication.found import Found, FoundVm
from muster.replication.wanted import Wanted
from muster.replication.working_out import work_out
from tests.unit.replication.comparing import a_settled, changed
from tests.unit.replication.fleets import fleets
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, small_plan


def test_in_an_empty_subscription_everything_is_created_in_the_order_of_making() -> None:
    changes = compare(work_out(small_plan(), a_found()), a_found())
    assert {one.act for one in changes} == {Act.CREATE}
    kinds = [list(Kind).index(one.kind) for one in changes]
    assert kinds == sorted(kinds)
    assert {one.kind for one in changes} == set(Kind) - {Kind.DISKS}
    assert all(one.wanted is not None for one in changes)
    assert all(one.id for one in changes)


def test_what_is_made_once_is_left_alone_the_second_time() -> None:
    assert changed(small_plan(), a_settled()) == []


@settings(max_examples=120, deadline=None)
@given(fleet=fleets())
def test_running_on_its_own_result_changes_nothing(fleet: tuple[RecoveryPlan, Found]) -> None:
    plan, found = fleet
    wanted = work_out(plan, found)
    first = compare(wanted, found)
    assert not [one for one in first if one.act is Act.REFUSE]
    assert [one for one in first if one.act is Act.CREATE and one.kind is Kind.VM]
    later = settled(wanted, found)
    again = work_out(plan, later)
    assert names_in(again) == names_in(wanted)
    assert [(one.act, one.kind, one.name, one.fields) for one in compare(again, later)
            if one.act is not Act.LEAVE] == []  # fmt: skip


def names_in(wanted: Wanted) -> dict[str, Any]:
    return {
        "resources": sorted(one.id for one in wanted.resources),
        "mappings": [one.name for one in (*wanted.mappings, *wanted.network_mappings)],
        "items": [(vm.name, vm.item, vm.disks) for vm in wanted.vms],
        "vault": (wanted.vault, wanted.policy, wanted.source, wanted.target),
    }


def test_ids_compare_without_case() -> None:
    found = a_settled()
    loud: tuple[FoundVm, ...] = tuple(
        replace(vm, id=vm.id.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
        for vm in found.vms
    )
    vms = tuple(replace(vm, name=old.name) for vm, old in zip(loud, found.vms, strict=True))
    assert changed(small_plan(), replace(found, vms=vms)) == []
