"""A failover goes on in spite of preflight when somebody says why, and the record says who."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from muster.compile.graph import Graph, Step, StepKind
from muster.compile.replicate import closing
from muster.errors import InputError
from muster.gateway.open import open_gateway
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind
from muster.journal.journal import Journal
from muster.journal.signing import load_signer
from muster.journal.stores import MemoryStore
from muster.journal.verify import verify_run
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.runs.opening import opened_data
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.session import read_scripts, run_from_journal, walk_and_close
from muster.runs.verifying import check_projections
from muster.steps.context import Run
from muster.steps.preflight import preflight
from tests.in_process.drills import START, settings_for, write_plan
from tests.in_process.road import Exchange, InProcessRoad, Latency
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually
from tests.preflight.looking import DAY, healthy

LOCK = {"name": "keep", "scope": "/resourceGroups/rg-erp-asr", "level": "ReadOnly"}
BY_ANA = {"reason": "the region is gone", "by": "ana"}
RUN_ID = "contoso-erp-failover-0123456789ab"


@dataclass
class Walked:
    """A run of preflight alone: how it ended, and what is kept of it."""

    result: RunResult | None
    refused: Exception | None
    events: Sequence[Event]
    store: MemoryStore
    wire: Sequence[Exchange]

    @property
    def causes(self) -> set[str]:
        assert self.result is not None
        return {one["code"] for one in self.result.causes}

    @property
    def record(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.store.contents[f"runs/{RUN_ID}/record.json"])
        return found

    @property
    def report(self) -> str:
        """As a browser shows it: where a long word may break is no part of it."""
        html = self.store.contents[f"runs/{RUN_ID}/report.html"].decode()
        return html.replace("<wbr>", "").replace("&#8203;", "")

    @property
    def notes(self) -> list[Mapping[str, Any]]:
        return [
            one.data
            for one in self.events
            if one.kind is EventKind.NOTED and one.data["what"] == "preflight overridden"
        ]


def walked(
    folder: Path, override: object, operation: Operation = Operation.FAILOVER, *, locked: bool
) -> Walked:
    """Walk a graph of preflight alone, with the target's group under a lock or not."""
    plan, world, scripts = copy.deepcopy(healthy())
    world["client"] = "muster-operator"
    world["locks"] = [LOCK] if locked else []
    scenario = Scenario(plan=plan, world=world, scripts=scripts)
    path = write_plan(folder, scenario)
    return run_virtually(
        lambda loop: _walked(path, scenario, override, operation, loop), start=START, lasting=DAY
    )


async def _walked(
    path: Path, scenario: Scenario, override: object, operation: Operation, loop: VirtualLoop
) -> Walked:
    settings = settings_for(path.parent, scenario, loop)
    loaded = load_plan(path)
    step = Step("preflight", StepKind.PREFLIGHT, loaded.plan.plan)
    graph = Graph(loaded.plan.plan, operation, (step,), closing(loaded.plan))
    request = RunRequest(path, operation, RUN_ID, reason="test", requested_by="nobody")
    store = MemoryStore()
    result, refused = None, None
    async with azure_in_process(facts_of(scenario.world), loop) as azure:
        road = InProcessRoad(azure, settings.clock, Latency(settings.clock, 0))
        async with open_gateway(settings, road) as gateway:
            journal = await Journal.open_run(
                store, settings.clock, run=RUN_ID, plan=loaded.plan.plan,
                operation=operation.value, opened=opened_data(request, loaded, graph, settings),
            )  # fmt: skip
            parameters = request.parameters() | {"override": override}
            signer = load_signer(settings.signing_key)
            scripts = read_scripts(path.parent, loaded.scripts)
            run = run_from_journal(
                loaded.plan, graph, scripts, parameters, settings, gateway, journal, signer
            )
            try:
                await _refused_at_the_step(step, run, operation)
                result = await walk_and_close(run, None)
            except InputError as err:
                refused = err
            events = read_run(store, RUN_ID)
    return Walked(result, refused, events, store, road.log)


async def _refused_at_the_step(step: Step, run: Run, operation: Operation) -> None:
    """What is refused is refused by the step itself, before it reads or journals anything."""
    if operation is not Operation.FAILOVER:
        await preflight(step, run)


def test_an_override_lets_a_failover_go_on_and_the_record_says_who_why_and_which(tmp_path):
    came = walked(tmp_path, BY_ANA, locked=True)
    assert came.notes == [
        {"what": "preflight overridden", "by": "ana", "text": "the region is gone",
         "checks": ["PRE-093"]}
    ]  # fmt: skip
    assert came.result is not None
    assert not came.causes & {"PRE-000", "PRE-093"}  # nothing else of a failover was walked
    said = [one for one in came.record["deviations"] if one["what"] == "preflight overridden"]
    words = "ana let it go on in spite of PRE-093: the region is gone"
    assert [one["text"] for one in said] == [words]
    found = next(one for one in came.record["preflight"] if one["id"] == "PRE-093")
    assert found["verdict"] == "failed"
    assert words in came.report
    verified = verify_run((came.store, RUN_ID), projections=check_projections)
    assert [one for one in verified.findings if one.severity == "error"] == []


def test_what_was_overridden_is_journalled_before_the_step_ends(tmp_path):
    came = walked(tmp_path, BY_ANA, locked=True)
    kinds = [(one.kind, one.data.get("what")) for one in came.events if one.step == "preflight"]
    noted = kinds.index((EventKind.NOTED, "preflight overridden"))
    assert (EventKind.CHECKED, None) in kinds[:noted]
    assert (EventKind.FINISHED, None) in kinds[noted:]


def test_a_failover_without_an_override_ends_there(tmp_path):
    came = walked(tmp_path, None, locked=True)
    assert came.result is not None
    assert (came.result.outcome, came.result.exit_code) == ("failed", 1)
    assert "PRE-093" in came.causes
    assert came.notes == []


def test_an_override_of_nothing_is_not_told(tmp_path):
    came = walked(tmp_path, BY_ANA, locked=False)
    assert (came.causes & {"PRE-000", "PRE-093"}, came.notes) == (set(), [])


@pytest.mark.parametrize("operation", [Operation.DRILL, Operation.REPLICATE])
def test_neither_a_drill_nor_a_replication_is_overridden(tmp_path, operation):
    came = walked(tmp_path, BY_ANA, operation, locked=True)
    assert isinstance(came.refused, InputError)
    assert came.refused.shown_code == "INPUT-030"
    assert f"preflight of a {operation.noun} cannot be overridden" in came.refused.message
    assert [one.method for one in came.wire if "providers" in one.path] == []


@pytest.mark.parametrize(
    ("override", "lacks"),
    [({"reason": " ", "by": "ana"}, "a reason"), ({"reason": "gone"}, "the name of who says so")],
)
def test_an_override_needs_a_reason_and_a_name(tmp_path, override, lacks):
    came = walked(tmp_path, override, locked=True)
    assert came.result is not None
    (cause,) = [one for one in came.result.causes if one["code"] == "INPUT-030"]
    assert f"an override needs {lacks}" in cause["message"]
