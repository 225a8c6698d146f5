"""A VM of which a run has pinned no item: nothing is removed, and what to do can be done."""

from __future__ import annotations

import pytest

from muster.errors import StepFailed
from muster.steps.replicating.disable import CONFIRMED, ITEMS, confirmation_for, disable
from tests.unit.steps.drilling import Drill


async def test_a_run_that_pinned_nothing_of_a_vm_names_the_command_that_pins_it() -> None:
    drill = await Drill.begin()
    run, plan = drill.run, drill.run.plan.plan
    run.parameters = {CONFIRMED: confirmation_for(plan), ITEMS: {}}
    step = drill.step("test-failover:db1")
    with pytest.raises(StepFailed) as caught:
        await disable(step, run)
    assert caught.value.shown_code == "STEP-056"
    assert f"`muster replicate {plan} --disable`" in caught.value.shown_hint
    assert "muster cleanup" not in caught.value.shown_hint  # the run closes itself
