"""Sizes that the short soak does not come to: worlds that are generated, groups that are full."""

from __future__ import annotations

from hypothesis import given

from tests.soak.generated import scenario_of
from tests.soak.judge import drill_and_judge
from tests.soak.strategies import MOST_IN_A_GROUP, layouts


def test_a_generated_world_is_drilled_by_its_plan_and_every_rule_holds():
    drilled = drill_and_judge(scenario_of("vms=8,groups=3"))
    assert (drilled.result.outcome, len(drilled.result.record["vms"])) == ("passed", 8)


@given(layouts(1, 1000))
def test_every_vm_of_a_big_layout_has_an_address_in_the_subnet_of_its_group(layout):
    addresses = [machine.address.split(".") for machine in layout.machines()]
    assert max(layout.sizes) <= MOST_IN_A_GROUP
    assert all(4 <= int(last) <= 254 for *_, last in addresses)


@given(layouts(300, 300))
def test_a_big_layout_has_as_many_vms_as_are_asked_for(layout):
    assert sum(layout.sizes) == 300
