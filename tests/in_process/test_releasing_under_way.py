"""An item that somebody removes already: shown as that, waited for, and nothing sent to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from muster.gateway.port import Gateway
from muster.replication.primary_side import being_removed
from muster.runs.release_shown import as_data, lines_of
from tests.in_process.replicating import Bench, replicated
from tests.in_process.test_releasing import causes, disabled, looked, removed
from tests.in_process.test_releasing_again import marks
from tests.in_process.test_replicating import VMS, empty, made, states
from tests.unit.replication.test_holding_items import item


async def begin_to_remove(bench: Bench, vm: str) -> None:
    """Somebody disables a VM in the portal, and does not wait."""

    async def do(gateway: Gateway, _: Any) -> None:
        (one,) = [one for one in bench.azure.world.items.values() if one["vm_name"] == vm]
        await gateway.disable_protection(one["id"])

    await bench.by_hand(do)


def test_what_is_being_removed_is_shown_as_that_and_waited_for():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        await begin_to_remove(bench, "web1")
        bench.came.kept = await looked(bench)
        await disabled(bench, shown=await marks(bench))

    came = replicated(empty(), script)
    assert removed(came, 1) == sorted(f"{name}-item" for name in set(VMS) - {"web1"})
    assert (came.results[-1].outcome, states(came)) == ("passed", {})
    assert made(came, came.results[-1].run)["protected item web1"] == "found under way"
    assert any("; being removed already, waited for: web1." in said for said in came.said)
    text = "\n".join(lines_of(came.kept))
    assert "~ protected item web1: named by the plan" in text
    assert f"{len(VMS) - 1} to release, 0 to stay, 1 being removed already." in text
    data = as_data(came.kept)
    assert data["counts"] == {"release": len(VMS) - 1, "stay": 0, "under_way": 1}
    assert "web1" not in data["released"]
    assert next(one["act"] for one in data["items"] if one["vm"] == "web1") == "under_way"


def test_an_item_whose_removal_was_given_up_stays():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        (web1,) = [one for one in bench.azure.world.items.values() if one["vm_name"] == "web1"]
        web1["busy"] = {"scenario": "DisableDr", "job": "another", "since": 0}
        ending = asyncio.create_task(disabled(bench))
        await bench.settings.clock.sleep(timedelta(minutes=1))
        web1["busy"] = None
        await ending

    came = replicated(empty(), script)
    assert causes(came) == [("disable:web1", "STEP-057")]
    assert "was given up (Protected)" in came.results[-1].causes[0]["message"]
    assert "web1-item" not in removed(came, 1)
    assert states(came) == {"web1": "Protected"}


def test_a_removal_that_begins_right_before_ours_is_left_alone():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        ending = asyncio.create_task(disabled(bench))
        while not asked_for(bench):
            await bench.settings.clock.sleep(timedelta(milliseconds=20))
        bench.came.kept = len(asked_for(bench))
        for one in bench.azure.world.items.values():
            one["busy"] = one["busy"] or {"scenario": "DisableDr", "job": "another", "since": 0}
        await ending

    def asked_for(bench: Bench) -> list[str]:
        log = bench.processes[-1].road.log if len(bench.processes) > 1 else []
        return [one.path for one in log if one.path.split("?")[0].endswith("/remove")]

    came = replicated(empty(), script)
    assert {code for _, code in causes(came)} == {"STEP-057"}
    assert len(removed(came, 1)) == came.kept < len(VMS)


@pytest.mark.parametrize(
    "told",
    [
        {"protectionState": "DisablingProtection"},
        {"currentScenario": {"scenarioName": "DisableDr", "jobId": "j"}},
    ],
)
def test_azures_state_and_the_job_that_has_the_item_both_tell(told):
    assert being_removed(item("db1", **told))
    assert being_removed(item("db1")) is None
