"""Everything on one machine, as `muster up` starts it: one drill is cancelled, one is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
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

    def __init__(self, stack: Stack, journal: Path) -> None:
        self.stack = stack
        self.journal = journal
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

    def under_way(self, flow_run: str) -> str:
        """The run of a flow run, once Azure took its first test failover."""
        run = f"contoso-erp-drill-{flow_run.replace('-', '')[:12]}"

        def accepted() -> str | None:
            sent = self.events(run, "accepted")
            return run if any(one["data"]["act"] == "test-failover" for one in sent) else None

        return wait_until(accepted, 120, f"a test failover of {run}")


FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


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
        yield Machine(stack, checkout / "evidence")
    finally:
        stack.stop()


def in_process(flow_run: str) -> Callable[[Path], bool]:
    wanted = f"PREFECT__FLOW_RUN_ID={flow_run}".encode()
    return lambda folder: wanted in (folder / "environ").read_bytes().split(b"\0")


def test_a_second_drill_is_refused_and_a_cancelled_one_cleans_up(machine: Machine) -> None:
    first = machine.start("to be cancelled")
    run = machine.under_way(first)
    second = machine.ended(machine.start("too many"))
    assert second["type"] == "CANCELLED"
    assert "concurrency limit" in second["message"]
    cancelling = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    machine.call("POST", f"/flow_runs/{first}/set_state", cancelling)
    assert machine.ended(first)["type"] == "CANCELLED"
    (closed,) = machine.events(run, "closed")
    assert closed["data"]["outcome"] == "aborted"
    assert closed["data"]["leftovers"] == []


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

    def closed() -> dict[str, Any] | None:
        found = machine.events(run, "closed")
        return found[0] if found else None

    end = wait_until(closed, 120, f"the cleanup of {run}")
    assert end["data"]["outcome"] in ("failed", "aborted")
    assert end["data"]["leftovers"] == []
    assert [one["data"]["epoch"] for one in machine.events(run, "owner")] == [1, 2]
    artifacts = machine.call("POST", "/artifacts/filter", {})
    keys = {one["key"] for one in artifacts}
    assert {"contoso-erp-drill", "contoso-erp-drill-cleanup"} <= keys


def test_the_report_is_served_and_everything_ends_with_the_stack(machine: Machine) -> None:
    with urllib.request.urlopen(machine.stack.reports_url, timeout=20) as answer:  # noqa: S310
        assert "contoso-erp-drill-" in answer.read().decode()
    mark = machine.stack._mark
    assert family_members(mark)
    machine.stack.stop()
    assert family_members(mark) == []
