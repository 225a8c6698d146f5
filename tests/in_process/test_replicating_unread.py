"""What may not be read is not known: told before anything is made, never taken for missing."""

from __future__ import annotations

from typing import Any

import pytest

from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, fault, replicated
from tests.in_process.test_replicating import VMS, states
from tests.in_process.test_replicating_plans import from_nothing

DISKS, CARDS = "Microsoft.Compute/disks", "Microsoft.Network/networkInterfaces"
NO = {"answer": {"status": 403, "code": "AuthorizationFailed", "message": "You may not."}}


def told(*faults: Any) -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    return replicated(from_nothing(), script, faults)


@pytest.mark.parametrize("kind", [DISKS, CARDS])
def test_a_vm_with_a_part_that_cannot_be_read_is_left_as_not_known(kind):
    came = told(fault(f"get {kind}", "1", **NO))
    (result,) = came.results
    (cause,) = result.causes
    vm = cause["step"].removeprefix("protect:")
    assert (result.outcome, cause["code"]) == ("failed", "STEP-041")
    assert "could not be read: " in cause["message"]
    assert set(states(came)) == set(VMS) - {vm}


@pytest.mark.parametrize("kind", [DISKS, "Microsoft.Network/virtualNetworks"])
def test_what_no_vm_can_do_without_is_refused_before_anything_is_made(kind):
    came = told(fault(f"get {kind}", "1-", **NO))
    assert came.sent() == []
    said = [str(one) for one in came.refused]
    said += [cause["message"] for result in came.results for cause in result.causes]
    assert len(said) == 1
    assert "read" in said[0]
    assert "You may not." in said[0]
