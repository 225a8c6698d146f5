"""A VM is in the consistency group that it is wanted in, and every member in the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.errors import StepFailed
from muster.gateway.values import ProtectedItem
from muster.replication.working_out import work_out
from muster.steps.replicating.standing_apart import require_one_group
from tests.unit.replication.settled_world import item_of
from tests.unit.replication.source_world import a_found, small_plan

FOUND = a_found()
PLAN = small_plan(mode="native", replication={"consistency_group": "erp"})
WANTED = work_out(PLAN, FOUND)
DB1, WEB1 = WANTED.vms


def items(*ids: str, **details: str) -> tuple[ProtectedItem, ...]:
    of_each = zip((DB1, WEB1), ids, strict=True)
    return tuple(item_of(WANTED, vm, multiVmGroupId=one, **details) for vm, one in of_each)


def test_members_of_one_group_pass() -> None:
    every = items("G1", "g1")
    require_one_group(DB1, every[0], every)


def test_a_vm_that_wants_no_group_passes_in_whatever_group_it_is() -> None:
    every = items("g1", "g2")
    require_one_group(replace(DB1, consistency_group=None), every[0], every)


def test_a_vm_in_a_group_of_its_own_does_not_pass() -> None:
    every = items("g1", "g1", multiVmGroupCreateOption="AutoCreated")
    with pytest.raises(StepFailed, match=r"and it is in no group \(id g1\)") as caught:
        require_one_group(DB1, every[0], every)
    assert caught.value.shown_code == "STEP-052"


def test_two_groups_of_one_name_do_not_pass() -> None:
    every = items("g1", "g2")
    with pytest.raises(StepFailed, match="2 groups of that name: db1 in g1; web1 in g2"):
        require_one_group(DB1, every[0], every)
