"""The line at which a plan names a VM: told once Azure does not have it."""

from __future__ import annotations

import pytest

from muster.plan.where import line_of_vm
from tests.unit.plan.broken_plans import VALID, WritePlan


@pytest.mark.parametrize("vm", ["dc1", "db1", "WEB1"])
def test_a_vm_is_found_by_its_line_in_support_and_groups(vm: str, write_plan: WritePlan) -> None:
    path = write_plan(VALID)
    line = line_of_vm(path, vm)
    assert line is not None
    assert vm.casefold() in path.read_text(encoding="utf-8").splitlines()[line - 1]
    assert "vms:" in VALID.splitlines()[line - 1] or "name: db1" in VALID.splitlines()[line - 1]


def test_a_vm_that_the_file_does_not_name_has_no_line(write_plan: WritePlan) -> None:
    assert line_of_vm(write_plan(VALID), "ghost1") is None
