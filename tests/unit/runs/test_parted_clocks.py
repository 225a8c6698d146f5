"""A simulator whose time was moved under a run: the journal notes it, the report names it."""

from __future__ import annotations

import pytest

from muster.gateway.values import Usage
from muster.journal.chain import read_run
from muster.journal.events import EventKind
from muster.report.gaps import deviations
from muster.report.read import Reading
from muster.runs.session import note_usage
from tests.fakes.gateway import FakeGateway
from tests.unit.steps.drilling import Drill


class Parted(FakeGateway):
    """A gateway that saw the simulator's clock leave ours, or did not."""

    how = ""

    def usage(self) -> Usage:
        return Usage(1, 2, 3, 0, parted=self.how)


@pytest.mark.parametrize("how", ["", "the simulator's time was moved while this ran"])
async def test_clocks_that_parted_are_noted_and_are_a_deviation(how: str) -> None:
    drill = await Drill.begin()
    drill.run.gateway = Parted(drill.world, drill.clock)
    drill.run.gateway.how = how
    await note_usage(drill.run)
    events = read_run(drill.store, drill.run.id)
    noted = [event.data["what"] for event in events if event.kind is EventKind.NOTED]
    assert noted == ["usage", "clocks parted"] if how else ["usage"]
    told = [one["text"] for one in deviations(Reading(events), ())]
    assert (how in told) == bool(how)
