"""`muster up` as a process, in a small checkout, and Prefect's API as its UI asks it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.rehearsal.checkout import make_checkout
from tests.rehearsal.command import muster
from tests.rehearsal.onlooker import Onlooker
from tests.rehearsal.worlds import World
from tests.simulator_process import environment_with, settings_in
from tests.waiting import wait_until

UP_WITHIN = 200.0
FINAL = {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"}


class Machine:
    """Prefect server, worker, simulator and deployments of one plan."""

    def __init__(self, checkout: Path, plan: str, world: World, url: str) -> None:
        self.checkout = checkout
        self.plan = plan
        self.url = url
        self.journal = checkout / "evidence"
        name = plan.partition("-")[0]
        self.settings = settings_in(checkout / f".muster/up/worlds/{name}/simulator.env")
        self.operator = Onlooker(self.settings, world, "muster-operator")
        found = self.call("POST", "/deployments/filter", {})
        self.deployments = {one["name"]: one["id"] for one in found}

    def environ(self) -> dict[str, str]:
        """What a person beside it has in the shell."""
        return environment_with(self.settings | {"PREFECT_API_URL": f"{self.url}/api"})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  our own address
            f"{self.url}/api{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )

        def answered() -> tuple[Any] | None:
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    return (json.loads(answer.read()),)
            except urllib.error.HTTPError as err:
                err.close()
                if err.code != HTTPStatus.SERVICE_UNAVAILABLE:  # SQLite, busy: clients ask again
                    raise
                return None

        return wait_until(answered, 60, path)[0]

    def start(self, reason: str) -> str:
        """Press Run on the deployment; answers the flow run's id."""
        path = f"/deployments/{self.deployments[f'{self.plan}: drill']}/create_flow_run"
        return str(self.call("POST", path, {"parameters": {"reason": reason}})["id"])

    def set_state(self, flow_run: str, kind: str, name: str) -> None:
        body = {"state": {"type": kind, "name": name}, "force": False}
        self.call("POST", f"/flow_runs/{flow_run}/set_state", body)

    def state(self, flow_run: str) -> dict[str, Any]:
        return dict(self.call("GET", f"/flow_runs/{flow_run}")["state"])

    def ended(self, flow_run: str, within: float = 100) -> dict[str, Any]:
        def final() -> dict[str, Any] | None:
            state = self.state(flow_run)
            return state if state["type"] in FINAL else None

        return wait_until(final, within, f"the end of {flow_run}", every=0.2)

    def flow_runs_named(self, name: str) -> list[dict[str, Any]]:
        query = {"flow_runs": {"name": {"any_": [name]}}}
        return list(self.call("POST", "/flow_runs/filter", query))

    def run_of(self, flow_run: str) -> str:
        return f"{self.plan}-drill-{flow_run.replace('-', '')[:12]}"


@contextmanager
def machine(plan: dict[str, Any], world: World, home: Path, speed: float) -> Iterator[Machine]:
    """Everything up; everything down when the block ends."""
    checkout = make_checkout(plan, world, home)
    with all_up(checkout, home, speed) as url:
        yield Machine(checkout, plan["plan"], world, url)


@contextmanager
def all_up(checkout: Path, home: Path, speed: float) -> Iterator[str]:
    """`muster up` in a checkout while inside; the address of its Prefect."""
    written = muster("deploy", "--write", environ=environment_with({}), home=checkout)
    assert written.code == 0, written
    log = home / "up.log"
    command = [sys.executable, "-m", "muster", "up", "--port", "14600", "--speed", f"{speed:g}"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=checkout, env=environment_with({}), stdout=stream, stderr=stream
        )

    def announced() -> str | None:
        said = log.read_text(errors="replace")
        assert process.poll() is None, said
        found = re.search(r"Prefect +(http://\S+)", said)
        return found[1] if found and "Ctrl-C stops everything" in said else None

    try:
        yield wait_until(announced, UP_WITHIN, f"everything to be up; see {log}", every=0.2)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(100)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
