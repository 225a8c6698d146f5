"""Steps as task runs: a drill over the fake gateway, walked inside a flow at a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from prefect import flow
from prefect.events.worker import EventsWorker
from prefect.exceptions import Pause
from prefect.runtime import flow_run as runtime
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from muster.compile.outcome import Outcome
from muster.steps.context import forget, make_current
from muster.walk import walk
from tasks.catalog import TASK_FOR
from tasks.performing import edges_to, perform_as_tasks
from tests.flows.conftest import Server, ask
from tests.unit.steps.drilling import Drill, probe_says
from tests.waiting import wait_until

pytestmark = [
    # Prefect's own event client leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.timeout(200),
]


Shown = dict[str, dict[str, Any]]


async def walked(drill: Drill, api: str) -> tuple[dict[str, Outcome], Shown]:
    """Walk a drill through tasks; outcomes by step id, task runs by name as the API has them."""
    flow_runs: list[str] = []

    @flow(name="small: drill", persist_result=False)
    async def small() -> Any:
        flow_runs.append(str(runtime.id))
        return await walk(drill.graph, perform_as_tasks(drill.run), drill.run.stopping)

    make_current(drill.run)
    try:
        outcomes: dict[str, Outcome] = await small()
    finally:
        forget(drill.run)
    begun = sum(outcome.status != "skipped" for outcome in outcomes.values())

    def all_shown() -> Shown | None:
        wanted = {"flow_runs": {"id": {"any_": flow_runs}}}
        runs = ask(api, "POST", "/task_runs/filter", wanted)
        ended = {run["name"]: run for run in runs if run["state_type"] in ("COMPLETED", "FAILED")}
        return ended if len(ended) == begun else None

    return outcomes, await asyncio.to_thread(wait_until, all_shown, 60, f"{begun} task runs")


@pytest.fixture
def api(server: Server) -> Iterator[str]:
    with temporary_settings({PREFECT_API_URL: server.api, PREFECT_LOGGING_TO_API_ENABLED: False}):
        yield server.api
        EventsWorker.drain_all(
            timeout=20
        )  # else the interpreter waits at its end for a server gone


async def test_every_step_shows_under_its_title_with_edges_from_what_it_waited_for(
    api: str,
) -> None:
    drill = await Drill.begin()
    outcomes, shown = await walked(drill, api)
    assert all(outcome.is_ok for outcome in outcomes.values())
    assert set(shown) == {step.title for step in drill.graph}
    assert {run["state_type"] for run in shown.values()} == {"COMPLETED"}
    title = {step.id: step.title for step in drill.graph}
    name_of = {run["id"]: name for name, run in shown.items()}
    for step in drill.graph:
        drawn = {name_of[edge["id"]] for edge in shown[step.title]["task_inputs"]["before"]}
        assert drawn == {title[name] for name in edges_to(step) if name in title}
    # Each tag would cost a call to the server before the step may start.
    assert all(run["tags"] == [] for run in shown.values())


async def test_a_failed_step_is_a_failed_task_run_and_the_finalisers_still_run(api: str) -> None:
    drill = await Drill.begin()

    def refuse(vm: str, name: str, script: str) -> tuple[int, str, str]:
        said = probe_says(script)
        return 0, said.replace('"ok": true', '"ok": false') if vm.startswith("db1") else said, ""

    drill.world.answer = refuse
    outcomes, shown = await walked(drill, api)
    failed = [step for step in drill.graph if outcomes[step.id].status == "failed"]
    assert [step.id for step in failed] == ["checks:database.db1"]
    state = shown[failed[0].title]["state"]
    assert state["type"] == "FAILED"
    assert state["message"].startswith("[CHECK-001]")
    assert not any(name.startswith("web · test-failover") for name in shown)
    assert shown["cleanup · db1"]["state_type"] == "COMPLETED"
    assert outcomes["prove-clean"].is_ok


async def test_what_prefect_cannot_take_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A suspend from the UI raises inside of every task that starts after it."""

    async def suspended(**_: Any) -> Any:
        raise Pause("somebody pressed Suspend")

    drill = await Drill.begin()
    monkeypatch.setattr("tasks.performing.TASK_FOR", dict.fromkeys(TASK_FOR, suspended))
    outcomes = await walk(drill.graph, perform_as_tasks(drill.run), drill.run.stopping)
    assert all(outcome.is_ok for outcome in outcomes.values())
    assert "it is done without a task run" in caplog.text
