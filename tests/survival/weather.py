"""One drill in the weather of one scenario: what it met, and how it ended."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rehearsal.arm_wire import Azure, azure
from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Ended
from tests.rehearsal.plans import http, plan, runbook, tcp
from tests.rehearsal.worlds import SPEED, World, good_world

# In a world that is younger than a minute nobody else has done anything yet.
SETTLED = 60.0


@dataclass(frozen=True, slots=True)
class Story:
    """How a drill ended, from outside of it."""

    code: int
    outcome: str
    causes: list[str]  # their codes
    left: list[str]  # what is there afterwards, by the operator's eyes
    told: list[str]  # what the record says is left
    fired: dict[str, int] = field(default_factory=dict)  # rule -> how often


def the_world() -> World:
    """The good one with the machines of the plan alone, so that a fault for any VM meets one."""
    world = good_world()
    world["vms"] = [vm for vm in world["vms"] if vm["name"] != "app1"]
    vault = world["vaults"][0]
    vault["items"] = [item for item in vault["items"] if item["vm"] != "app1"]
    return world


def the_plan() -> dict[str, Any]:
    """Two machines, one after the other, with an action before and checks of both kinds."""
    book = runbook("Register-TestCopies", touches="test")
    return plan("weather", "sql1", "web1", before=[book], checks=[tcp("sql1"), http("web1")])


def drilled(scenario: str, folder: Path, *, speed: float = SPEED) -> tuple[Story, Ended, Bench]:
    """Run `muster drill` into a scenario."""
    with azure(the_world(), folder / "azure", speed=speed, faults=[scenario]) as running:
        bench = Bench(running, folder / "home")
        ended = bench.drill(the_plan())
        return story(ended, bench, running), ended, bench


def story(ended: Ended, bench: Bench, running: Azure) -> Story:
    told = ended.json() if ended.out.strip() else {}
    return Story(
        code=ended.code,
        outcome=str(told.get("outcome")),
        causes=sorted({str(cause["code"]) for cause in told.get("causes", ())}),
        left=[one.rpartition("/")[2] for one in bench.before.left_behind()],
        told=[str(one) for one in told.get("leftovers", ())],
        fired={rule["id"]: rule["fired"] for rule in faults_of(running)["rules"]},
    )


def faults_of(running: Azure) -> dict[str, Any]:
    """What the control port tells of the faults."""
    url = running.settings["MUSTER_SIMULATOR_CONTROL"] + "/faults"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback
        found: dict[str, Any] = json.load(answer)
        return found
