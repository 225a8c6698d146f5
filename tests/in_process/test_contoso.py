"""The plan and the world that ship with Muster, drilled in this process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from muster.journal.events import EventKind
from muster.journal.verify import verify_run
from muster.runs.verifying import check_projections
from tests.in_process.drills import Drilled, drill
from tests.in_process.scenario import Scenario

ROOT = Path(__file__).parents[2]
PLANS, WORLDS = ROOT / "recovery_plans", ROOT / "deployments" / "rehearsal"


def contoso(**changes) -> Scenario:
    read = YAML(typ="safe").load
    plan = read((PLANS / "contoso-erp.yaml").read_text(encoding="utf-8"))
    world = read((WORLDS / "contoso.world.yaml").read_text(encoding="utf-8"))
    scripts = {
        f"scripts/{file.name}": file.read_text(encoding="utf-8")
        for file in (PLANS / "scripts").glob("*.sh")
    }
    return Scenario(plan=plan, world=world, scripts=scripts, **changes)


def course(drilled: Drilled) -> list[tuple[str, str | None, str]]:
    """What happened when, without the names that are made up anew each time."""
    return [(e.kind.value, e.step, e.at.isoformat()) for e in drilled.events]


@pytest.fixture(scope="module")
def drilled() -> Drilled:
    return drill(contoso())


def test_it_passes_and_its_evidence_verifies(drilled):
    assert drilled.refused is None
    assert (drilled.result.outcome, drilled.result.exit_code) == ("passed", 0)
    verified = verify_run((drilled.store, drilled.run), projections=check_projections)
    assert [one for one in verified.findings if one.severity == "error"] == []
    assert (verified.closed, verified.signed) == (True, True)


def test_it_takes_as_long_as_azure_takes_and_its_world_is_as_before(drilled):
    assert timedelta(minutes=10) < timedelta(seconds=drilled.ended - drilled.began)
    assert drilled.before["resources"].keys() == drilled.world["resources"].keys()
    assert drilled.azure.mishaps.count == 0


def test_the_same_seed_takes_the_same_course_and_another_one_another(drilled):
    assert course(drill(contoso())) == course(drilled)
    assert course(drill(contoso(seed=1))) != course(drilled)


def test_ctrl_c_starts_nothing_more_and_cleans_up():
    drilled = drill(contoso(interrupts=(300.0,)))
    assert (drilled.result.outcome, drilled.result.exit_code) == ("aborted", 5)
    assert not drilled.interrupted
    assert drilled.before["resources"].keys() == drilled.world["resources"].keys()


def test_a_second_one_leaves_at_once_and_a_cleanup_finds_everything():
    drilled = drill(contoso(interrupts=(300.0, 301.0)))
    assert drilled.interrupted
    (interrupted,) = [e for e in drilled.events if e.kind is EventKind.INTERRUPTED]
    assert interrupted.at.timestamp() - drilled.began == pytest.approx(301, abs=1)
    assert (drilled.result.outcome, drilled.result.exit_code) == ("aborted", 130)
    assert drilled.before["resources"].keys() == drilled.world["resources"].keys()


def test_a_world_that_fails_is_told():
    scenario = contoso()
    world = dict(scenario.world)
    world["vms"] = [
        vm | ({"boot": "never"} if vm["name"] == "app1" else {}) for vm in scenario.world["vms"]
    ]
    drilled = drill(replace(scenario, world=world))
    assert drilled.result.outcome == "failed"
    assert "boot:app1" in [one["step"] for one in drilled.result.causes]
