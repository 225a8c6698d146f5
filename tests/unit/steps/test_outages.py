from __future__ import annotations

from datetime import timedelta

import pytest

from muster.errors import MusterError, StepFailed
from muster.gateway.kinds import Forbidden, ServerError, Unreachable
from muster.journal.events import EventKind
from muster.steps.context import Done, Run, Spent, StepEnded
from muster.steps.outages import AGAIN_AFTER, outliving_outages
from tests.unit.steps.drilling import Drill


class Act:
    """Ends with these errors, one after another, and then well."""

    def __init__(self, *errors: MusterError) -> None:
        self.errors = list(errors)
        self.done = 0

    async def __call__(self, step: object, run: Run) -> Done:
        self.done += 1
        if self.errors:
            raise StepEnded(self.errors.pop(0), Spent())
        return Done({"done": self.done})


async def test_a_finaliser_outlives_an_outage_and_says_what_it_cost():
    drill = await Drill.begin()
    act = Act(Unreachable("no route"), ServerError("gateway timeout", status=504))
    step = drill.run.graph.step("remove-network")
    done = await outliving_outages(act)(step, drill.run)
    assert done.facts == {"done": 3}
    assert done.spent.retry >= 2 * AGAIN_AFTER
    noted = [event for event in drill.run.journal.events if event.kind is EventKind.NOTED]
    assert ["no route" in event.data["text"] for event in noted] == [True, False]


@pytest.mark.parametrize("error", [Forbidden("no role"), StepFailed("job failed")])
async def test_what_does_not_get_better_by_waiting_is_told_at_once(error: MusterError):
    drill = await Drill.begin()
    act = Act(error)
    with pytest.raises(StepEnded):
        await outliving_outages(act)(drill.run.graph.step("prove-clean"), drill.run)
    assert act.done == 1


async def test_an_outage_without_an_end_ends_with_the_step():
    drill = await Drill.begin()
    step = drill.run.graph.step("remove-network")
    act = Act(*[Unreachable("no route")] * 1000)
    began = drill.run.clock.now()
    with pytest.raises(StepEnded):
        await outliving_outages(act)(step, drill.run)
    assert drill.run.clock.now() - began <= step.timeout
    assert drill.run.clock.now() - began > step.timeout - 2 * AGAIN_AFTER
    assert timedelta(minutes=1) < step.timeout
