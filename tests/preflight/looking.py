"""One look of preflight at one world, in process through the SDK's transport; broken or whole."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from ruamel.yaml import YAML

from muster.clock import ScaledClock
from muster.gateway.open import open_gateway
from muster.gateway.port import Gateway
from muster.journal.signing import load_signer
from muster.journal.stores import MemoryStore
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.runs.means import Means
from muster.runs.preflight import decided_scene, scene_for
from muster.settings import Settings
from muster.simulator.faults.file import Fault
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.judging import Judgement, judge_all
from muster.steps.preflight_reads.gather import gather
from tests.in_process.drills import START, drill, write_plan
from tests.in_process.replicating import bare
from tests.in_process.road import InProcessRoad, Latency, Weather
from tests.in_process.scenario import Scenario
from tests.in_process.simulated import ENDPOINT, Azure, azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually

ROOT = Path(__file__).parents[2]
DAY = 86_400.0
LATER = START + DAY
"""The look comes a day after the drill that passed."""

Raw = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What is broken, and what has to be found: `check`, and `also` as its consequences.

    Everything is a small change of one healthy setting: the plan's file, the world's file, the
    state of the simulator, an act of somebody else's, our own side.
    """

    check: str
    why: str
    also: frozenset[str] = frozenset()
    operation: Operation = Operation.DRILL
    plan: Callable[[Raw], object] = lambda plan: None
    world: Callable[[Raw], object] = lambda world: None
    state: Callable[[Azure], object] = lambda azure: None
    act: Callable[[Gateway, ScaledClock], Awaitable[object]] | None = None
    ours: Callable[[Ours], object] = lambda ours: None
    seen: Callable[[Facts], object] = lambda facts: None  # what no world can be brought to
    faults: Sequence[Fault] = ()
    weather: Callable[[ScaledClock], Weather] = lambda clock: Latency(clock, 0)
    result: str = "failed"


@dataclass
class Ours:
    """Our own side: what a test may bend of it."""

    settings: Settings
    store: MemoryStore
    clock_ahead: float = 0.0  # seconds
    started: float = LATER


@dataclass(frozen=True)
class Found:
    """What a look found, by check."""

    judged: Sequence[Judgement]
    reads: int

    @property
    def words(self) -> Mapping[str, str]:
        return {one.check.id: one.verdict.word for one in self.judged}

    @property
    def not_passed(self) -> frozenset[str]:
        return frozenset(one.check.id for one in self.judged if one.verdict.is_open)

    def why(self, check: str) -> str:
        return next(one.verdict.why for one in self.judged if one.check.id == check)


@cache
def healthy() -> tuple[Raw, Raw, Mapping[str, str]]:
    """Plan, world and scripts of the shipped example, as values."""
    read = YAML(typ="safe").load
    plan = read((ROOT / "recovery_plans/contoso-erp.yaml").read_text(encoding="utf-8"))
    world = read((ROOT / "deployments/rehearsal/contoso.world.yaml").read_text(encoding="utf-8"))
    folder = ROOT / "recovery_plans" / "scripts"
    scripts = {f"scripts/{one.name}": one.read_text("utf-8") for one in folder.glob("*.sh")}
    return plan, world, scripts


@cache
def drilled_store() -> Mapping[str, bytes]:
    """What a journal holds after one drill of the healthy plan in the healthy world."""
    plan, world, scripts = healthy()
    done = drill(Scenario(plan=plan, world=world, scripts=scripts))
    assert done.result is not None
    assert done.result.outcome == "passed"
    return dict(done.store.contents)


@cache
def signing_key() -> Path:
    key = Path(mkdtemp(prefix="muster-preflight-key-")) / "key.pem"
    load_signer(key)
    return key


def look_at(case: Case) -> Found:
    """Bend what the case bends, and look."""
    plan, world, scripts = copy.deepcopy(healthy())
    if case.operation is Operation.REPLICATE:
        world = bare(world)
    world["client"] = "muster-drill" if case.operation is Operation.DRILL else "muster-operator"
    case.plan(plan)
    case.world(world)
    store = MemoryStore()
    if case.operation is not Operation.REPLICATE:  # before it there was nothing to drill
        store.contents = dict(drilled_store())
    with TemporaryDirectory(prefix="muster-preflight-") as folder:
        path = write_plan(Path(folder), Scenario(plan=plan, world=world, scripts=scripts))
        ours = Ours(_settings(Path(folder), world), store)
        case.ours(ours)
        return run_virtually(
            lambda loop: _looked(case, path, world, ours, loop), start=ours.started, lasting=DAY
        )


def seen_facts(operation: Operation = Operation.DRILL) -> Facts:
    """A deep copy of what a look at the healthy world reads."""
    return copy.deepcopy(_healthy_facts(operation))


@cache
def _healthy_facts(operation: Operation) -> Facts:
    kept: list[Facts] = []
    look_at(Case("", "nothing", operation=operation, seen=kept.append))
    return kept[0]


def _settings(folder: Path, world: Raw) -> Settings:
    return Settings(
        arm_endpoint=ENDPOINT,
        authority_host=ENDPOINT,
        ca_file=None,
        subscription=world["subscription"]["id"],
        journal=folder / "evidence",
        signing_key=signing_key(),
        worker_proxy=None,
        clock=ScaledClock(),
        tenant=world["tenant"],
        region="westus2",
    )


async def _looked(case: Case, path: Path, world: Raw, ours: Ours, loop: VirtualLoop) -> Found:
    clock = ScaledClock(
        ours.started + ours.clock_ahead, 1.0,
        wall=lambda: loop.wall() + ours.clock_ahead, ticks=loop.time,
    )  # fmt: skip
    settings = replace(ours.settings, clock=clock)
    async with azure_in_process(facts_of(world), loop, case.faults) as azure:
        case.state(azure)
        azure.world.index()
        means = Means(
            store=lambda _: ours.store,
            gateway=lambda given: open_gateway(
                given, InProcessRoad(azure, clock, case.weather(clock))
            ),
        )
        if case.act is not None:
            async with means.gateway(settings) as somebody:
                await case.act(somebody, clock)
        async with means.gateway(settings) as gateway:
            loaded = load_plan(path)
            scene = scene_for(loaded, case.operation, settings, gateway, means)
            if case.operation is Operation.REPLICATE:
                scene = await decided_scene(scene, loaded)
            facts = await gather(scene)
            case.seen(facts)
            return Found(judge_all(facts), gateway.usage().reads)
