"""A schedule never drills on a day that its plan excludes; whoever starts one by hand may."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.drilling import not_today
from muster.plan.loader import load_plan

PLAN = Path(__file__).parents[3] / "recovery_plans" / "contoso-erp.yaml"  # in New York
ONE = UUID("0123456789abcdef0123456789abcdef")
BEFORE, HOLIDAY = datetime(2026, 12, 23, 8, tzinfo=UTC), datetime(2026, 12, 24, 8, tzinfo=UTC)
BEHIND = datetime(2027, 1, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scheduled", "due", "starts", "drills"),
    [
        (True, BEFORE, BEFORE, True),
        (True, HOLIDAY, HOLIDAY, False),
        (True, BEFORE, HOLIDAY, False),  # its worker was away until then
        (True, HOLIDAY, BEHIND, False),  # nobody waits for it any more
        (False, HOLIDAY, HOLIDAY, True),
    ],
)
def test_a_day_without_drills_counts_when_a_run_is_due_and_when_it_starts(
    scheduled: bool, due: datetime, starts: datetime, drills: bool
) -> None:
    flow_run = FlowRun(id=ONE, flow_id=ONE, auto_scheduled=scheduled, expected_start_time=due)
    state = not_today(load_plan(PLAN), flow_run, starts)
    assert (state is None) is drills
    assert drills or (state is not None and state.name == "Skipped: not_on")
