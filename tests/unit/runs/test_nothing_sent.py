"""A run that died before it sent anything never stands in the way of the next one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from muster.journal.events import EventKind
from muster.journal.stores import DirectoryStore
from muster.journal.verify import verify_run
from muster.runs.cleanup import run_cleanup
from muster.runs.rivals import refuse_second_run
from tests.unit.runs.opening import opened, settings_in, the_plan

PLAN = the_plan()
RUN = "contoso-erp-drill-0123456789ab"


async def test_it_is_closed_from_wherever_one_stands(tmp_path: Path) -> None:
    await opened(tmp_path, RUN, PLAN)
    elsewhere = replace(settings_in(tmp_path), private_ca="of-another-simulator")

    result = await run_cleanup(RUN, elsewhere, why="its settings were wrong")

    assert result.outcome == "failed"
    assert result.record["cleanup"] == {
        **result.record["cleanup"],
        "proven": False,
        "acted": False,
        "leftovers": [],
    }
    notes = [event.data["text"] for event in result.events if event.kind is EventKind.NOTED]
    assert notes[-1] == "nothing was sent to Azure in this run: there is nothing to clean"
    assert verify_run((DirectoryStore(tmp_path), RUN)).ok
    refuse_second_run(DirectoryStore(tmp_path), PLAN.plan.plan, "the-next-one")
