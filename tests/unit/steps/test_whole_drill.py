"""A whole drill over the fake gateway passes and leaves nothing."""

from __future__ import annotations

from muster.journal.events import EventKind, Observed
from tests.unit.steps.drilling import Drill


async def test_a_healthy_drill_passes_and_leaves_nothing():
    drill = await Drill.begin()
    outcomes = await drill.walk()
    assert {step: o.error for step, o in outcomes.items() if not o.is_ok} == {}
    assert drill.copies() == []
    assert not drill.network_is_there()
    (inventory,) = drill.observed(Observed.INVENTORY)
    assert inventory["clean"] is True
    assert inventory["left"] == []
    assert drill.run.journal.is_closed
    assert drill.of(EventKind.CLOSED)[0]["outcome"] == "passed"
