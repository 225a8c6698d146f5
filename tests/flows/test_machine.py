"""Everything on one machine, as `muster up` starts it: drills are cancelled, killed, and fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.cli.processes import family_members
from muster.cli.stack import Stack
from tests.flows.conftest import ROOT, ask
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.rehearsal,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.timeout(420),
]

DRILL = "contoso-erp: drill"


class Machine:
    """A running stack, asked over Prefect's API as its UI would."""

    def __init__(self, stack: Stack, checkout: Path, said: list[str]) -> None:
        self.stack = stack
        self.said = said
        self.checkout = checkout
        self.journal = checkout / "evidence"
        found = self.call("POST", "/deployments/filter", {})
        self.deployments = {one["name"]: one["id"] for one in found}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return ask(f"{self.stack.prefect_url}/api", method, path, body)

    def start(self, reason: str) -> str:
        path = f"/deployments/{self.deployments[DRILL]}/create_flow_run"
        return str(self.call("POST", path, {"parameters": {"reason": reason}})["id"])

    def state(self, flow_run: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/flow_runs/{flow_run}")["state"])

    def ended(self, flow_run: str, *, within: float = 120) -> dict[str, Any]:
        def final() -> dict[str, Any] | None:
            state = self.state(flow_run)
            return state if state["type"] in FINAL else None

        return wait_until(final, within, f"the end of {flow_run}")

    def events(self, run: str, kind: str) -> list[dict[str, Any]]:
        files = sorted((self.journal / "runs" / run).glob("[0-9]*.jsonl"))
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return [line for line in lines if line["kind"] == kind]

    def closed(self, run: str, *, within: float = 120) -> dict[str, Any]:
        """What its last event says, once somebody has closed it."""
        (event,) = wait_until(lambda: self.events(run, "closed"), within, f"the end of {run}")
        return dict(event["data"])

    def cleanup_of(self, run: str) -> str:
        """The flow run that the hooks started to clean up after a run."""
        query = {"flow_runs": {"name": {"any_": [f"cleanup {run}"]}}}
        (found,) = self.call("POST", "/flow_runs/filter", query)
        return str(found["id"])

    def artifacts(self, flow_run: str) -> dict[str, dict[str, Any]]:
        """What a flow run shows, by key; an artifact that is made anew would be a second one."""
        query = {"artifacts": {"flow_run_id": {"any_": [flow_run]}}}
        found = self.call("POST", "/artifacts/filter", query)
        keys = [one["key"] for one in found]
        assert len(keys) == len(set(keys)), keys
        return {one["key"]: one for one in found}

    def under_way(self, flow_run: str) -> str:
        """The run of a flow run, once Azure took its first test failover."""
        run = run_of(flow_run)

        def accepted() -> str | None:
            sent = self.events(run, "accepted")
            return run if any(one["data"]["act"] == "test-failover" for one in sent) else None

        return wait_until(accepted, 120, f"a test failover of {run}")


FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


def run_of(flow_run: str) -> str:
    return f"contoso-erp-drill-{flow_run.replace('-', '')[:12]}"


def every_key(of: str) -> set[str]:
    """The keys of all that is shown of a drill or cleanup that came to its end."""
    return {of, f"{of}-timeline", f"{of}-report", f"{of}-evidence"}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("flows", "tasks", "recovery_plans", "deployments"):
        shutil.copytree(ROOT / name, checkout / name)
    shutil.copy(ROOT / "prefect.yaml", checkout)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PREFECT_")}
    said: list[str] = []
    stack = Stack(checkout, environ, port=14300, speed=60, say=said.append)
    try:
        stack.start(threading.Event())
        yield Machine(stack, checkout, said)
    finally:
        stack.stop()


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  ours
        return str(answer.read().decode())


def in_process(flow_run: str) -> Callable[[Path], bool]:
    wanted = f"PREFECT__FLOW_RUN_ID={flow_run}".encode()
    return lambda folder: wanted in (folder / "environ").read_bytes().split(b"\0")


def test_a_second_drill_is_refused_and_a_cancelled_one_cleans_up(machine: Machine) -> None:
    first = machine.start("to be cancelled")
    run = machine.under_way(first)
    second = machine.ended(machine.start("too many"))
    assert second["type"] == "CANCELLED"
    assert "concurrency limit" in second["message"]
    key = "contoso-erp-drill"
    table = wait_until(lambda: machine.artifacts(first).get(key), 20, "the table")
    assert "under way" in table["description"]
    cancelling = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    machine.call("POST", f"/flow_runs/{first}/set_state", cancelling)
    assert machine.ended(first)["type"] == "CANCELLED"
    (closed,) = machine.events(run, "closed")
    assert closed["data"]["outcome"] == "aborted"
    assert closed["data"]["leftovers"] == []
    shown = machine.artifacts(first)
    assert set(shown) == every_key(key)
    # One table, kept up to date.
    assert shown[key]["id"] == table["id"]
    assert shown[key]["data"] != table["data"]
    assert "aborted" in shown[key]["description"]
    assert "sql1" in shown[f"{key}-timeline"]["data"]
    assert run in shown[f"{key}-report"]["description"]
    (link,) = re.findall(r"\((http\S+)\)", shown[f"{key}-evidence"]["data"])
    assert run in page(link)


def test_a_killed_drill_is_cleaned_up_by_the_cleanup_deployment(machine: Machine) -> None:
    flow_run = machine.start("to be killed")
    run = machine.under_way(flow_run)
    assert [one["data"]["epoch"] for one in machine.events(run, "owner")] == [1]
    matches = in_process(flow_run)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if matches(folder):
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue
    assert machine.ended(flow_run)["type"] == "CRASHED"

    end = machine.closed(run)
    assert end["outcome"] in ("failed", "aborted")
    assert end["leftovers"] == []
    assert [one["data"]["epoch"] for one in machine.events(run, "owner")] == [1, 2]
    cleanup = machine.cleanup_of(run)
    assert machine.ended(cleanup)["type"] == "COMPLETED"
    assert set(machine.artifacts(cleanup)) == every_key("contoso-erp-drill-cleanup")


def test_a_flow_that_fails_in_the_middle_is_cleaned_up_by_the_cleanup_deployment(
    machine: Machine,
) -> None:
    program = shutil.copy(ROOT / "tests" / "flows" / "failing_drill.py", machine.checkout)
    ended = subprocess.run(
        [sys.executable, program], cwd=machine.checkout, env=machine.stack._environ,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    flow_run = ended.stdout.strip()
    assert flow_run, ended.stderr
    state = machine.state(flow_run)
    assert state["type"] == "FAILED"
    assert "there is no memory left" in state["message"]
    run = run_of(flow_run)
    assert machine.closed(run)["leftovers"] == []
    assert [one["data"]["epoch"] for one in machine.events(run, "owner")] == [1, 2]
    asked = [one["data"] for one in machine.events(run, "noted")]
    (why,) = [one["text"] for one in asked if one["what"] == "request"]
    assert why.startswith("cleanup: flow run ")
    assert why.endswith(" ended Failed")
    assert machine.ended(machine.cleanup_of(run))["type"] == "COMPLETED"


def test_everything_ends_with_the_stack_once_a_drill_in_flight_has_cleaned_up(
    machine: Machine,
) -> None:
    run = machine.under_way(machine.start("to be stopped with the stack"))
    # On disk: a server that starts again knows who holds the plan's only place, and since when.
    assert list((machine.checkout / ".muster").rglob("concurrency_leases/*.json"))
    assert run in page(machine.stack.reports_url)
    mark = machine.stack._mark
    assert family_members(mark)
    machine.stack.stop()
    assert family_members(mark) == []
    assert "a run is under way" in machine.said[-1]
    (closed,) = machine.events(run, "closed")
    assert closed["data"]["outcome"] == "aborted"
    assert closed["data"]["leftovers"] == []
