"""A look without a run: nothing is sent, few reads, gates by operation, and what people get."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from muster.checks.verdict import Verdict
from muster.clock import ScaledClock
from muster.errors import InputError, PreflightFailed
from muster.gateway.open import open_gateway
from muster.gateway.values import Usage
from muster.journal.stores import MemoryStore
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.report.preflight_page import render_preflight
from muster.runs.means import Means
from muster.runs.overview import plan_here, with_azure
from muster.runs.preflight import Look, run_preflight
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.judging import Judgement, Override, require_all
from tests.in_process.drills import START, settings_for, write_plan
from tests.in_process.road import Exchange, InProcessRoad, Latency
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually
from tests.preflight.looking import drilled_store, healthy

FAILOVER, DRILL = Operation.FAILOVER, Operation.DRILL
AN_HOURS_READS = 90_000  # 25 a second


def looked(tmp_path: Path, scenario: Scenario) -> tuple[Look, list[Exchange], MemoryStore]:
    """A look at a scenario's world; what went over the road, and the journal after it."""
    path, store, roads = write_plan(tmp_path, scenario), MemoryStore(), []

    async def look(loop: VirtualLoop) -> Look:
        settings = settings_for(tmp_path, scenario, loop)
        async with azure_in_process(facts_of(scenario.world), loop) as azure:
            roads.append(InProcessRoad(azure, settings.clock, Latency(settings.clock, 0)))
            means = Means(store=lambda _: store, gateway=lambda s: open_gateway(s, roads[0]))
            return await run_preflight(load_plan(path), DRILL, settings, means=means)

    found = run_virtually(look, start=START, lasting=3600)
    return found, roads[0].log, store


def contoso() -> Scenario:
    plan, world, scripts = copy.deepcopy(healthy())
    return Scenario(plan=plan, world=world, scripts=scripts)


def hundred() -> Scenario:
    """The example's world with a hundred web servers."""
    plan, world, scripts = copy.deepcopy(healthy())
    web = next(vm for vm in world["vms"] if vm["name"] == "web3")
    for number in range(4, 97):
        name = f"web{number}"
        world["vms"].append(web | {"name": name, "address": f"10.1.2.{number + 3}"})
        item = {"vm": name, "name": f"item-of-{name}"}
        world["vaults"][0]["items"].append(item)
        plan["groups"][2]["vms"].append({"name": name, "nics": [{"subnet": "web"}]})
    return Scenario(plan=plan, world=world, scripts=scripts)


def test_a_look_opens_no_run_and_sends_nothing(tmp_path):
    look, log, store = looked(tmp_path, contoso())
    assert {one.method for one in log} == {"GET"}
    assert store.contents == {}
    assert look.usage == replace(look.usage, writes=0, deletes=0)
    assert look.stopping == ()
    assert list(tmp_path.glob("evidence*")) == []


def test_a_hundred_vms_cost_lists_and_one_read_each_for_their_points(tmp_path):
    few, *_ = looked(tmp_path / "few", _made(tmp_path / "few", contoso()))
    look, log, _ = looked(tmp_path / "many", _made(tmp_path / "many", hundred()))
    assert look.stopping == ()
    assert look.usage.reads - few.usage.reads <= 93 + 5  # the points of 93 more; further pages
    assert look.usage.reads < 150 <= 0.05 * AN_HOURS_READS
    singly = [one.path for one in log if "/virtualMachines/" in one.path]
    assert singly == []
    assert look.took < timedelta(seconds=60)


def test_a_hundred_vms_of_ten_groups_cost_no_more_than_those_of_one(tmp_path):
    scenario = hundred()
    for number in range(4, 97):
        group, name = f"rg-web-{number % 10}", f"web{number}"
        if number < 14:
            scenario.world["groups"].append({"name": group, "location": "eastus"})
        next(vm for vm in scenario.world["vms"] if vm["name"] == name)["group"] = group
        vms = scenario.plan["groups"][2]["vms"]
        next(vm for vm in vms if vm["name"] == name)["resource_group"] = group
    look, log, _ = looked(tmp_path, scenario)
    assert look.stopping == ()
    assert look.usage.reads < 150
    assert [one.path for one in log if "/networkInterfaces/" in one.path] == []


def _made(folder: Path, scenario: Scenario) -> Scenario:
    folder.mkdir()
    return scenario


# --- gates ---------------------------------------------------------------------------------------
STOPPING = next(c for c in CHECKS if (c.drill, c.failover) == (Severity.STOPS, Severity.STOPS))
BAD = (Judgement(STOPPING, Severity.STOPS, Verdict("not evidenced", "nobody knows")),)


def test_what_nobody_knows_stops_a_drill_and_no_reason_helps():
    with pytest.raises(PreflightFailed, match=STOPPING.id):
        require_all(BAD, DRILL)
    with pytest.raises(InputError, match="cannot be overridden"):
        require_all(BAD, DRILL, Override("in a hurry", "ana"))


def test_who_is_stopped_is_told_how_many_checks_stop_and_how_many_only_did_not_pass():
    fine, also = Verdict("passed", "yes"), Verdict("failed", "no")
    judged = (
        *BAD, Judgement(STOPPING, Severity.STOPS, fine), Judgement(STOPPING, Severity.TOLD, also),
        Judgement(STOPPING, Severity.TOLD, Verdict("does not apply", "no such thing")),
    )  # fmt: skip
    with pytest.raises(PreflightFailed) as caught:
        require_all(judged, DRILL)
    said = "1 of 4 preflight checks stops this drill (1 more did not pass, and stop nothing): "
    assert caught.value.message.startswith(said)
    assert caught.value.exit_code == 1  # as `muster preflight` ends
    with pytest.raises(PreflightFailed) as caught:
        require_all(BAD * 2, DRILL)
    assert caught.value.message.startswith("2 of 2 preflight checks stop this drill: ")


def test_a_failover_goes_on_with_a_reason_that_is_recorded():
    with pytest.raises(PreflightFailed):
        require_all(BAD, FAILOVER)
    override = Override("the region is gone", "ana")
    assert require_all(BAD, FAILOVER, override) == BAD
    told = override.as_data(BAD)
    assert (told["by"], told["text"], told["checks"]) == (
        "ana", "the region is gone", [STOPPING.id],
    )  # fmt: skip


def test_an_override_without_a_reason_is_none():
    with pytest.raises(InputError, match="needs a reason"):
        require_all(BAD, FAILOVER, Override("  ", "ana"))


def test_nothing_to_stop_it_needs_no_override():
    fine = (Judgement(STOPPING, Severity.STOPS, Verdict("passed", "it is there")),)
    assert require_all(fine, DRILL) == ()


def test_a_check_that_applies_to_nothing_is_none():
    nowhere = {Severity.NONE}
    assert [c.id for c in CHECKS if {c.drill, c.failover, c.replicate} == nowhere] == []


def test_what_undoes_something_is_never_held_up():
    for operation in (Operation.CLEANUP, Operation.DISABLE):
        assert {c.severity(operation) for c in CHECKS} == {Severity.NONE}


# --- what people get -----------------------------------------------------------------------------
def a_look(*judged: Judgement) -> Look:
    now = ScaledClock(START, 1.0).now()
    return Look("erp", DRILL, "sha256:0", "simulator", True, now, timedelta(seconds=2),
                Usage(7, 0, 0, 0), judged)  # fmt: skip


def test_the_page_says_what_stops_escapes_everything_and_needs_nothing_from_outside():
    nasty = Judgement(STOPPING, Severity.STOPS, Verdict("failed", "<script>alert(1)</script>"))
    page = render_preflight(a_look(nasty).as_data())
    assert "STOPPED" in page
    assert "SIMULATOR" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "http://" not in page.replace("http-equiv", "")
    assert "src=" not in page


def test_the_json_counts_the_results_apart():
    words = ("passed", "failed", "not evidenced", "does not apply")
    told = CHECKS[1]
    judged = [Judgement(told, Severity.TOLD, Verdict(word, "so")) for word in words]
    data = a_look(*judged).as_data()
    assert data["counts"] == dict.fromkeys(words, 1)
    assert (data["ok"], data["exit_code"], len(data["told"])) == (True, 0, 2)
    assert json.loads(json.dumps(data))["checks"][2]["verdict"] == "not evidenced"


def test_status_tells_what_azure_says_now_and_what_the_journal_knows(tmp_path):
    scenario = contoso()
    path, store = write_plan(tmp_path, scenario), MemoryStore()
    store.contents = dict(drilled_store())
    loaded = load_plan(path)

    async def status(loop: VirtualLoop):
        settings = settings_for(tmp_path, scenario, loop)
        async with azure_in_process(facts_of(scenario.world), loop) as azure:
            road = InProcessRoad(azure, settings.clock, Latency(settings.clock, 0))
            means = Means(store=lambda _: store, gateway=lambda s: open_gateway(s, road))
            known = plan_here(loaded, store, settings.clock.now())
            return known, await with_azure(known, loaded, settings, means=means)

    known, told = run_virtually(status, start=START, lasting=3600)
    assert (known.protected, known.unknown) == (None, "Azure was not asked")
    assert (told.protected, told.vms, told.unknown) == (7, 7, "")
    assert timedelta() < told.rpo < timedelta(minutes=5)
    assert (told.last_drill.outcome, told.last_drill.target) == ("passed", "simulator")
    assert told.changed is False
    changed = replace(loaded, digest="sha256:other")
    assert plan_here(changed, store, ScaledClock(START, 1.0).now()).changed is True
