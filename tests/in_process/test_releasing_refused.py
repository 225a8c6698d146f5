"""A removal that Azure refuses leaves everything as it is, and the record says so."""

from __future__ import annotations

from muster.report.record import build_record
from muster.report.text import summary_text
from tests.in_process.replicating import Bench, fault, replicated
from tests.in_process.test_releasing import disabled
from tests.in_process.test_replicating import VMS, empty, states

NO = {"status": 403, "code": "AuthorizationFailed", "message": "No."}


def test_a_removal_that_azure_refused_leaves_nothing_half_made():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        await disabled(bench)

    came = replicated(empty(), script, [fault("post *remove*", "1-", answer=NO)])
    result = came.results[-1]
    assert {one["code"] for one in result.causes} == {"AZ-403"}
    assert states(came) == dict.fromkeys(VMS, "Protected")
    record = build_record(came.events(result.run))
    told = record["replication"]
    assert (told["half_made"], told["made"], told["taken"]) == ([], [], 0)
    assert {one["state"] for one in told["vms"]} == {"Protected"}
    text = "\n".join(summary_text(record))
    assert text.count("stays Protected, seen ") == len(VMS)
    assert "half made" not in text.casefold()
    assert "not replicated" not in text
