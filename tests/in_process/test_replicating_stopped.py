"""What a run says of VMs that it could not touch, or never came to."""

from __future__ import annotations

from typing import Any

from muster.report.markdown import report_markdown
from muster.report.record import build_record
from muster.report.render_html import render_html
from muster.report.text import summary_text
from muster.simulator.faults.file import Fault
from tests.in_process.replicating import Bench, Replicated, fault, replicated
from tests.in_process.test_replicating import VMS, empty
from tests.in_process.test_replicating_refused import (
    elsewhere,
    since,
    sql1_into_a_set_and_web2_larger,
)


def record_of(came: Replicated) -> dict[str, Any]:
    return build_record(came.events(came.results[-1].run))


def words_of(record: dict[str, Any]) -> tuple[str, str, str]:
    return "\n".join(summary_text(record)), report_markdown(record), render_html(record)


def test_protected_vms_are_called_so_though_every_one_is_refused():
    record = record_of(since(elsewhere))
    assert record["outcome"] == "failed"
    assert {vm["vm"]: vm["state"] for vm in record["replication"]["vms"]} == dict.fromkeys(
        VMS, "Protected"
    )
    for text in words_of(record):
        assert "not replicated" not in text


def test_one_vm_that_is_refused_is_called_protected_all_the_same():
    record = record_of(since(sql1_into_a_set_and_web2_larger))
    (sql1,) = (vm for vm in record["replication"]["vms"] if vm["vm"] == "sql1")
    assert (sql1["state"], sql1["error"]["code"]) == ("Protected", "STEP-051")
    assert (sql1["asked_at"], sql1["protected_at"]) == (None, None)


def test_what_no_step_came_to_is_not_called_unreplicated():
    no = {"status": 403, "code": "AuthorizationFailed", "message": "No."}
    record = record_of(once(fault("put *replicationFabrics", "1-", answer=no)))
    for text in words_of(record):
        assert "not begun" in text
        assert "not replicated" not in text


def once(*faults: Fault) -> Replicated:
    async def script(bench: Bench) -> None:
        await bench.replicate()

    return replicated(empty(), script, faults)
