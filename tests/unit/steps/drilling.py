"""A run over the fake gateway and a virtual clock, and the walk of a whole drill."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from muster.clock import ScaledClock
from muster.compile.cleanup import compile_cleanup
from muster.compile.drill import compile_drill
from muster.compile.graph import Graph, Step
from muster.compile.outcome import Outcome
from muster.gateway.ids import key_of
from muster.journal.events import Event, EventKind, Observed
from muster.journal.journal import Journal
from muster.journal.state import RunState
from muster.journal.stores import MemoryStore
from muster.plan.model import RecoveryPlan
from muster.settings import Settings
from muster.steps.context import Conclusion, Run
from muster.steps.perform import perform
from muster.walk import walk
from tests.builders import a_plan
from tests.fakes.clock import START, VirtualClock
from tests.fakes.gateway import FakeGateway
from tests.fakes.world import SUBSCRIPTION, FakeWorld, world_for

RUN = "small-drill-1"
PROBE_AT = "2026-01-01T03:00:00Z"


def settings() -> Settings:
    return Settings(
        arm_endpoint="https://localhost:1",
        authority_host=None,
        ca_file=None,
        subscription=SUBSCRIPTION,
        journal=Path("unused"),
        signing_key=Path("unused"),
        worker_proxy=None,
        clock=ScaledClock(),
    )


def probe_says(script: str, **overrides: Mapping[str, Any]) -> str:
    """What the probe prints if every check holds; by check id what it says instead."""
    data = base64.b64decode(script.split("'")[1]).decode()
    lines = [json.dumps({"muster_probe": 1, "host": "guest", "at": PROBE_AT, "proxy": False})]
    rows = [[unquote(part) for part in line.split("|")] for line in data.splitlines()]
    for check_id, kind, *_ in rows:
        said: dict[str, Any] = {"id": check_id, "kind": kind, "ok": True, "how": "connected"}
        if kind == "unreachable":
            said["how"] = "timeout,timeout,timeout"
        if kind == "data_loss":
            said |= {"how": "answered", "written_at": "2026-01-01T02:55:00Z", "writer": "web1"}
        override = overrides.get(check_id, {})
        if override is not None:
            lines.append(json.dumps({**said, **override}))
    lines.append(json.dumps({"muster_probe": "end", "checks": len(rows)}))
    return "\n".join(lines)


def every_check_holds(vm: str, name: str, script: str) -> tuple[int, str, str]:
    return (0, probe_says(script), "") if script.startswith("MUSTER_CHECKS") else (0, "", "")


@dataclass
class Drill:
    """One drill in the fake world; `crashed()` begins another process on the same journal."""

    plan: RecoveryPlan
    world: FakeWorld
    clock: VirtualClock
    gateway: FakeGateway
    store: MemoryStore
    run: Run
    graph: Graph
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @classmethod
    async def begin(
        cls,
        plan: RecoveryPlan | None = None,
        *,
        scripts: Any = None,
        store: MemoryStore | None = None,
        opened: Mapping[str, Any] | None = None,
    ) -> Drill:
        plan = plan or a_plan()
        clock = VirtualClock()
        world = world_for(plan, START)
        world.answer = every_check_holds
        gateway = FakeGateway(world, clock)
        store = store or MemoryStore()
        graph = compile_drill(plan)
        journal = await Journal.open_run(
            store,
            clock,
            run=RUN,
            plan=plan.plan,
            operation="drill",
            opened=opened or {"graph": []},
        )
        run = _run(plan, graph, clock, gateway, journal, scripts or {})
        await journal.append(EventKind.STARTED, {"title": "drill"})
        return cls(plan, world, clock, gateway, store, run, graph)

    async def crashed(self) -> Drill:
        """Another process takes the run over, from the store alone."""
        journal = await Journal.take_over(self.store, self.clock, RUN, why="the first one died")
        graph = compile_cleanup(self.plan)
        run = _run(self.plan, graph, self.clock, self.gateway, journal, {})
        return Drill(self.plan, self.world, self.clock, self.gateway, self.store, run, self.graph)

    @property
    def events(self) -> tuple[Event, ...]:
        return self.run.journal.events

    def of(self, kind: EventKind) -> list[Mapping[str, Any]]:
        return [event.data for event in self.events if event.kind == kind]

    def observed(self, what: Observed) -> list[Mapping[str, Any]]:
        return [data for data in self.of(EventKind.OBSERVED) if data["what"] == what.value]

    def step(self, step_id: str) -> Step:
        return self.graph.step(step_id)

    async def do(self, *step_ids: str) -> Outcome:
        """Perform steps one after the other; the last outcome."""
        outcome = Outcome("none", "ok")
        for step_id in step_ids:
            outcome = await perform(self.step(step_id), self.outcomes, self.run)
            self.outcomes[step_id] = outcome
        return outcome

    async def up_to(self, *step_ids: str) -> None:
        """Preflight, points, isolation, then these; all have to succeed."""
        for step_id in ("preflight", "recovery-points", "isolate", *step_ids):
            outcome = await self.do(step_id)
            assert outcome.is_ok, (step_id, outcome.error)

    async def walk(self) -> dict[str, Outcome]:
        """The real walk over the real steps."""

        async def plain(step: Step, before: Mapping[str, Outcome]) -> Outcome:
            return await perform(step, before, self.run)

        self.outcomes = await walk(self.graph, plain, self.run.stopping)
        return self.outcomes

    async def walk_in_order(self) -> dict[str, Outcome]:
        """All steps one after the other in the graph's order, then the finalisers."""
        for step in self.graph.steps:
            if all(self.outcomes[need].is_ok for need in step.needs):
                await self.do(step.id)
            else:
                self.outcomes[step.id] = Outcome(step.id, "skipped", why="a step it needs failed")
        await self.finalise()
        return self.outcomes

    async def finalise(self) -> None:
        for step in self.graph.finalisers:
            await self.do(step.id)

    def kinds(self) -> list[str]:
        return self.gateway.kinds()

    def copies(self) -> list[str]:
        return sorted(vm.name for vm in self.world.vms.values() if vm.name.endswith("-test"))

    def network_is_there(self) -> bool:
        return any(
            key.endswith("/virtualnetworks/vnet-small-drill") for key in self.world.resources
        )

    def vm_id(self, name: str) -> str:
        return next(
            vm.id for key, vm in self.world.vms.items() if key == key_of(vm.id) and vm.name == name
        )


def _run(
    plan: RecoveryPlan,
    graph: Graph,
    clock: VirtualClock,
    gateway: FakeGateway,
    journal: Journal,
    scripts: Mapping[str, bytes],
) -> Run:
    state = RunState.of(journal.events)
    journal.subscribe(state.apply)
    return Run(
        id=RUN, plan=plan, graph=graph, scripts=scripts, parameters={}, settings=settings(),
        clock=clock, gateway=gateway, journal=journal, state=state, conclude=concluded,
    )  # fmt: skip


def concluded(events: Any) -> Conclusion:
    """A small stand-in for the report's rules: failed if any step failed."""
    failed = [e for e in events if e.kind == EventKind.FINISHED and e.data["status"] == "failed"]
    causes = [{"step": e.step, **e.data["error"]} for e in failed]
    return Conclusion("failed" if causes else "passed", causes, 1 if causes else 0, [])


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
