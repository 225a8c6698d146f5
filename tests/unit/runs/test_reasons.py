"""Whoever starts a run by hand says why, whatever its operation."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.requesting import Form, request_for
from muster.errors import InputError
from muster.plan.actions import Operation
from muster.plan.loader import load_plan

PLAN = load_plan(Path(__file__).parents[3] / "recovery_plans" / "contoso-erp.yaml")
FLOW_RUN = UUID("0123456789abcdef0123456789abcdef")
OPERATIONS = (Operation.DRILL, Operation.REPLICATE, Operation.DISABLE)


def started(*, by_schedule: bool) -> FlowRun:
    return FlowRun(id=FLOW_RUN, flow_id=FLOW_RUN, auto_scheduled=by_schedule)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("reason", ["", "   ", "no"])
def test_by_hand_a_reason_is_needed(
    reason: str, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MUSTER_VIA", raising=False)
    form = Form(reason, requested_by="ana@example.com")
    with pytest.raises(InputError) as caught:
        request_for(PLAN, operation, form, started(by_schedule=False))
    assert caught.value.shown_code == "INPUT-011"


def test_a_schedule_is_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSTER_VIA", raising=False)
    request = request_for(PLAN, Operation.DRILL, Form("  ", ""), started(by_schedule=True))
    assert request.reason == "scheduled drill"


def test_what_only_one_operation_has_reaches_its_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_VIA", "cli")
    form = Form("enough of it", "", {"confirmed": "disable contoso-erp"})
    request = request_for(PLAN, Operation.DISABLE, form, started(by_schedule=False))
    assert request.confirmed == "disable contoso-erp"
    assert request.run_id == "contoso-erp-disable-0123456789ab"
