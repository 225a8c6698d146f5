"""Whoever starts a drill by hand says why."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.schemas.objects import FlowRun

from flows.drilling import Form, request_for
from muster.errors import InputError

FLOW_RUN = UUID("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize("reason", ["", "   ", "no"])
def test_by_hand_a_reason_is_needed(reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSTER_VIA", raising=False)
    form = Form(recovery_point=None, reason=reason, keep_for=None, requested_by="ana@example.com")
    flow_run = FlowRun(id=FLOW_RUN, flow_id=FLOW_RUN, auto_scheduled=False)
    with pytest.raises(InputError) as caught:
        request_for(Path("small.yaml"), "small", form, flow_run)
    assert caught.value.shown_code == "INPUT-011"
