"""From an empty subscription to seven protected VMs, by the code of `muster replicate`."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.journal.events import EventKind, Observed
from muster.journal.verify import verify_run
from muster.plan.actions import Operation
from muster.runs.verifying import check_projections
from tests.in_process.replicating import Bench, Replicated, bare, fault, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso

VMS = ("sql1", "sql2", "app1", "app2", "web1", "web2", "web3")
CONFIRMED = "disable contoso-erp"


def empty(**changes) -> Scenario:
    """Nothing to recover into; web1 recovers to a larger size than it has."""
    scenario = contoso(**changes)
    plan = copy.deepcopy(dict(scenario.plan))
    plan["groups"][2]["vms"][0]["size"] = "Standard_D4s_v5"
    return replace(scenario, plan=plan, world=bare(scenario.world))


def states(came: Replicated) -> dict[str, str]:
    return {item["vm_name"]: item["protection_state"] for item in came.azure.world.items.values()}


def made(came: Replicated, run: str) -> dict[str, str]:
    """How each thing came to stand as it does."""
    return {
        f"{event.data['kind']} {event.data['name']}": event.data["how"]
        for event in came.events(run)
        if event.data.get("what") == Observed.MADE.value
    }


def ended(came: Replicated, run: str) -> dict[str, tuple[str, str | None]]:
    return {
        str(event.step): (event.data["status"], (event.data["error"] or {}).get("code"))
        for event in came.events(run)
        if event.kind is EventKind.FINISHED
    }


@pytest.fixture(scope="module")
def thrice() -> Replicated:
    """Replicated, replicated again, and in the end disabled."""

    async def script(bench: Bench) -> None:
        await bench.replicate()
        await bench.replicate()
        bench.came.kept = copy.deepcopy(states(bench.came))
        await bench.replicate(Operation.DISABLE, confirmed=CONFIRMED)

    return replicated(empty(), script)


def test_every_vm_is_protected_in_the_end(thrice):
    assert thrice.refused == []
    assert [(one.outcome, one.exit_code) for one in thrice.results] == [("passed", 0)] * 3
    assert thrice.kept == dict.fromkeys(VMS, "Protected")


def test_what_is_wanted_is_pinned_before_the_first_act(thrice):
    events = thrice.events(thrice.results[0].run)
    kinds = [
        event.data.get("what") if event.kind is EventKind.OBSERVED else event.kind.value
        for event in events
    ]
    assert kinds.index("wanted") < kinds.index("intended")


def test_the_settings_that_differ_are_sent_and_no_others(thrice):
    how = made(thrice, thrice.results[0].run)
    settled = {name: how[f"settings of {name}"] for name in VMS}
    assert settled == dict.fromkeys(VMS, "left alone") | {"web1": "changed"}
    first = thrice.sent()[: len(thrice.sent()) - len(thrice.sent(1))]
    assert [path.rpartition("/")[2] for method, path in first if method == "PATCH"] == [
        "web1-item"
    ]


def test_a_second_time_changes_nothing(thrice):
    again = made(thrice, thrice.results[1].run)
    assert len(again) == len(made(thrice, thrice.results[0].run))
    assert set(again.values()) == {"left alone"}
    sent = thrice.sent(1)[: len(thrice.sent(1)) - len(thrice.sent(2))]
    assert sent == []


def test_the_evidence_verifies_and_names_no_left_overs(thrice):
    for result in thrice.results:
        verified = verify_run((thrice.store, result.run), projections=check_projections)
        assert [one for one in verified.findings if one.severity == "error"] == []
        assert (verified.closed, verified.signed) == (True, True)
        assert result.events[-1].data["leftovers"] == []


def test_disabling_removes_the_protection_and_nothing_else(thrice):
    assert states(thrice) == {}
    assert {path.rpartition("/")[2] for _, path in thrice.sent(2)} == {"remove"}
    assert {method for method, _ in thrice.sent(2)} == {"POST"}
    world = thrice.azure.world
    assert {one["name"] for one in world.of_type("Microsoft.Network/virtualNetworks")} >= {
        "vnet-erp",
        "vnet-erp-asr",
    }
    assert len(list(world.of_type("Microsoft.Compute/virtualMachines"))) == len(VMS) + 1


def test_disabling_without_its_sentence_sends_nothing():
    async def script(bench: Bench) -> None:
        await bench.replicate(Operation.DISABLE, confirmed="disable contoso")

    came = replicated(contoso_with_a_vault(), script)
    assert [(type(one).__name__, one.shown_code) for one in came.refused] == [
        ("NotConfirmed", "RUN-014")
    ]
    assert came.wire == []


def contoso_with_a_vault() -> Scenario:
    scenario = contoso()
    world = copy.deepcopy(dict(scenario.world))
    world["client"] = "muster-operator"
    return replace(scenario, world=world)


def failing(vm: str) -> Scenario:
    scenario = empty()
    world = copy.deepcopy(dict(scenario.world))
    for one in world["vms"]:
        if one["name"] == vm:
            one["faults"] = {"enable": {"code": "151066", "message": "No service principal."}}
    return replace(scenario, world=world)


def test_a_vm_that_fails_stops_none_of_its_neighbours():
    async def script(bench: Bench) -> None:
        await bench.replicate()

    came = replicated(failing("app1"), script)
    (result,) = came.results
    assert (result.outcome, result.exit_code) == ("failed", 1)
    assert [(cause["step"], cause["code"]) for cause in result.causes] == [
        ("protect:app1", "STEP-042")
    ]
    assert "No service principal." in result.causes[0]["message"]
    assert ", which this run sent, is Failed" in result.causes[0]["message"]
    others = dict.fromkeys(set(VMS) - {"app1"}, "Protected")
    assert states(came) == others
    assert ended(came, result.run)["settle:web3"] == ("ok", None)


def test_a_failed_job_whose_answer_was_lost_is_not_told_as_ours():
    async def script(bench: Bench) -> None:
        await bench.replicate()

    lost = fault("put *replicationProtectedItems", "1-", lose="answer")
    came = replicated(failing("app1"), script, (lost,))
    (cause,) = came.results[0].causes
    assert (cause["step"], cause["code"]) == ("protect:app1", "STEP-042")
    assert "which was taken for this run's as the answer to its own" in cause["message"]
    assert "No service principal." in cause["message"]
    assert cause["hint"].endswith("run the same command again.")


def test_leaving_in_the_middle_loses_nothing():
    async def script(bench: Bench) -> None:
        bench.interrupt_after(900.0)
        await bench.replicate()
        await bench.replicate()

    came = replicated(empty(), script)
    first, second = came.results
    assert (first.outcome, first.exit_code) == ("aborted", 5)
    assert any("goes on there without us" in sentence for sentence in came.said)
    assert (second.outcome, states(came)) == ("passed", dict.fromkeys(VMS, "Protected"))
    enabled = [path for method, path in came.sent() if method == "PUT" and path.endswith("-item")]
    assert len(enabled) == len(set(enabled)) == len(VMS)
