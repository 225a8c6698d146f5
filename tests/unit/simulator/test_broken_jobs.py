"""When an effect fails inside the simulator, what it was part of fails too and says so."""

from __future__ import annotations

from typing import Any

import pytest

from muster.simulator import routes
from muster.simulator.asr.plan_machines import PHASES
from muster.simulator.mishaps import Mishaps

from .asked import NETWORK
from .conftest import CONTAINER_ID, ITEMS, SUBSCRIPTION, VAULT
from .life import failover_body
from .planning import PLAN, drill_body, group, plan_body
from .still_world import StillWorld
from .test_taking_back import TEST, WEB

VM = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web1"


@pytest.fixture(autouse=True)
def _expected(mishaps: list[str]) -> Any:
    """Mishaps are what these tests are about: there has to be one."""
    yield
    assert mishaps
    mishaps.clear()


class Broken:
    """A world in which one kind of event fails, and time that goes on past it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *effects: str) -> None:
        def fails(*_: Any) -> None:
            raise KeyError

        for effect in effects:
            monkeypatch.setitem(routes.EFFECTS, effect, fails)
        self.still, self.mishaps = StillWorld(), Mishaps()

    def settle(self) -> None:
        while (due := self.still.world.next_due()) is not None:
            self.still.clock.at[0] = max(due, self.still.clock.seconds()) + 0.001
            self.mishaps.advance(self.still.world)
            planned = {event[3].get("job") for event in self.still.world.state["events"]}
            jobs = self.still.world.table("jobs").values()
            assert not any(job["id"] in planned for job in jobs if code_kept(job))
        self.still.pass_by(60.0)

    def job(self, answer: Any) -> Any:
        job = self.still.job_of(answer)
        return self.still.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]

    def item(self, vm: str = "web1") -> Any:
        path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}"
        return self.still.get(path)["properties"]


def code_kept(job: Any) -> bool:
    """Whether a job, as the world keeps it, failed inside."""
    error = job["fails"]["error"]["serviceErrorDetails"] if job["fails"] else {}
    return error.get("code") == "SimulatorMishap"


def code_of(job: Any) -> str:
    (error,) = job["errors"]
    return str(error["serviceErrorDetails"]["code"])


@pytest.mark.parametrize("effect", ["copy_appears", "failover_test_ends"])
def test_a_test_failover_that_broke_has_failed_and_its_item_is_whole(
    effect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken(monkeypatch, effect)
    answer = broken.still.ask("POST", f"{WEB}/testFailover", TEST)
    broken.settle()
    job = broken.job(answer)
    assert (job["state"], code_of(job)) == ("Failed", "SimulatorMishap")
    assert job["allowedActions"] == []
    there = effect == "failover_test_ends"
    assert broken.item()["testFailoverState"] == ("WaitingForCompletion" if there else "None")
    verb = "testFailoverCleanup" if there else "testFailover"
    assert broken.still.ask("POST", f"{WEB}/{verb}", TEST).status == 202


@pytest.mark.parametrize("effect", ["recovered_appears", "failover_ends"])
def test_so_has_a_failover(effect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken(monkeypatch, effect)
    answer = broken.still.ask("POST", f"{WEB}/unplannedFailover", failover_body())
    broken.settle()
    job = broken.job(answer)
    assert (job["state"], code_of(job)) == ("Failed", "SimulatorMishap")
    assert broken.item()["currentScenario"]["scenarioName"] == "None"


@pytest.mark.parametrize("effect", ["plan_step", "plan_step_over", "plan_copy_up"])
def test_so_has_a_plan_with_all_its_parts(effect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken(monkeypatch, effect)
    broken.still.answer("PUT", PLAN, plan_body(group("web1", "Sql1")))
    broken.settle()
    answer = broken.still.answer("POST", f"{PLAN}/testFailover", drill_body())
    broken.settle()
    job = broken.job(answer)
    assert (job["state"], code_of(job)) == ("Failed", "SimulatorMishap")
    for vm in ("web1", "Sql1"):
        scenario = broken.item(vm)["currentScenario"]["scenarioName"]
        waits = broken.item(vm)["testFailoverState"] == "WaitingForCompletion"
        assert scenario == ("TestFailover" if waits else "None")
    for row in broken.still.get(f"{VAULT}/replicationJobs")["value"]:
        assert row["properties"]["state"] in ("Succeeded", "Failed")


def test_a_step_that_broke_half_way_ends_what_it_had_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Broken(monkeypatch)
    begun: list[Any] = []

    def second_fails(*told: Any) -> Any:
        if begun:
            raise KeyError
        begun.append(plain(*told))
        return begun[0]

    plain = PHASES["TestFailover", "failover"]
    monkeypatch.setitem(PHASES, ("TestFailover", "failover"), second_fails)
    broken.still.answer("PUT", PLAN, plan_body(group("web1", "Sql1")))
    broken.settle()
    answer = broken.still.answer("POST", f"{PLAN}/testFailover", drill_body())
    broken.settle()
    assert code_of(broken.job(answer)) == "SimulatorMishap"
    assert code_kept(broken.still.world.table("jobs")[begun[0]["id"]])
    assert [broken.item(vm)["testFailoverState"] for vm in ("web1", "Sql1")] == ["None", "None"]


def test_so_has_a_job_of_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, policy = Broken(monkeypatch, "setup_ends"), f"{VAULT}/replicationPolicies/new"
    details = {"instanceType": "A2A", "multiVmSyncStatus": "Enable"}
    answer = broken.still.ask("PUT", policy, {"providerSpecificInput": details})
    broken.settle()
    assert code_of(broken.job(answer)) == "SimulatorMishap"
    assert broken.still.ask("GET", policy).status == 404


@pytest.mark.parametrize(
    ("effect", "method", "path", "body"),
    [
        ("resource_settled", "PUT", f"{NETWORK}/routeTables/rt", {"location": "westus2"}),
        ("resource_gone", "DELETE", VM, {}),
        ("power_changed", "POST", f"{VM}/deallocate", {}),
    ],
)
def test_an_operation_fails_with_its_event(
    effect: str, method: str, path: str, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken(monkeypatch, effect)
    answer = broken.still.answer(method, path, body)
    broken.settle()
    where = answer.headers["Azure-AsyncOperation"].removeprefix("https://127.0.0.1")
    told = broken.still.get(where.partition("?")[0])
    assert (told["status"], told["error"]["code"]) == ("Failed", "SimulatorMishap")
    resource = broken.still.get(path.removesuffix("/deallocate"))
    assert resource["properties"]["provisioningState"] == "Failed"


def test_an_end_that_has_come_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Broken(monkeypatch, "cleanup_settled")
    broken.still.ask("POST", f"{WEB}/testFailover", TEST)
    broken.settle()
    answer = broken.still.ask("POST", f"{WEB}/testFailoverCleanup", {})
    broken.settle()
    assert broken.job(answer)["state"] == "Succeeded"


def test_what_fails_in_clearing_up_is_told_as_well(
    monkeypatch: pytest.MonkeyPatch, mishaps: list[str]
) -> None:
    broken = Broken(monkeypatch, "copy_appears", "item_job_cancelled")
    answer = broken.still.ask("POST", f"{WEB}/testFailover", TEST)
    broken.settle()
    assert broken.job(answer)["state"] == "Failed"
    assert [each["what"].partition(" during ")[2] for each in broken.mishaps.shown()] == [
        "the event 'copy_appears'", "clearing up after the event 'copy_appears'"]  # fmt: skip
    assert len(mishaps) == 2
