"""A whole drill in one loop with its Azure: the code of `muster drill --direct`, not a socket."""

from __future__ import annotations

import asyncio
import copy
import json
import signal
import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from muster.clock import ScaledClock
from muster.errors import JournalError
from muster.gateway.open import open_gateway
from muster.journal.chain import read_run
from muster.journal.events import Event, EventKind
from muster.journal.inbox import drop
from muster.journal.segments import segment_names
from muster.journal.stores import MemoryStore
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.runs.cleanup import run_cleanup
from muster.runs.drill import run_drill
from muster.runs.means import Means
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.settings import Settings
from muster.simulator.faults.file import named
from tests.in_process.road import Exchange, InProcessRoad, Latency
from tests.in_process.scenario import Answer, Scenario
from tests.in_process.simulated import ENDPOINT, Azure, azure_in_process, facts_of
from tests.in_process.virtual_loop import VirtualLoop, run_virtually

START = 1_798_761_600.0  # 2027-01-01 00:00 UTC: later than any api-version that an SDK asks for
LONGEST = timedelta(days=4)
"""Virtual time after which a drill is called endless: far beyond what plans may wait in all."""


Onlooker = Callable[[Azure, Exchange], None]


@dataclass
class Process:
    """One process of Muster's: what it sent, and that it is gone."""

    road: InProcessRoad
    store: FencedStore
    code: int | None = None  # with which it left at a second Ctrl-C
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def leave(self, code: int) -> None:
        """`os._exit`: from here on nothing of this process has any effect."""
        self.code = code
        self.road.is_cut = self.store.is_cut = True
        self.left.set()


class FencedStore(MemoryStore):
    """Shares what is stored with other processes; of a process that is gone it takes nothing."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        super().__init__()
        self.contents = contents
        self.is_cut = False

    def create(self, name: str, content: bytes) -> None:
        self._refuse()
        super().create(name, content)

    def replace(self, name: str, content: bytes) -> None:
        self._refuse()
        super().replace(name, content)

    def _refuse(self) -> None:
        if self.is_cut:
            raise JournalError("this process is gone")


@dataclass
class Drilled:
    """All there is to judge a drill by: what Muster wrote, and what Azure knows by itself."""

    scenario: Scenario
    plan: RecoveryPlan
    run: str
    began: float  # Azure seconds since 1970
    ended: float
    result: RunResult | None  # None: the drill was refused before it opened a journal
    refused: Exception | None
    store: MemoryStore
    events: Sequence[Event]
    wire: Sequence[Exchange]  # of all processes, in the order of their answers
    interrupted: bool  # by a second Ctrl-C; then a cleanup followed
    before: Mapping[str, Any]  # the state of the world
    world: Mapping[str, Any]  # … after it
    azure: Azure
    settings: Settings
    said: list[str]


def drill(scenario: Scenario, onlooker: Onlooker | None = None) -> Drilled:
    """Drill a scenario from a new world to the end of its evidence, in virtual time.

    Args:
        scenario: What happens.
        onlooker: Sees the world at once after each write that went over the road.

    Raises:
        Deadlock, Endless: Something waits for good.
        Whatever nobody should raise.
    """
    with TemporaryDirectory(prefix="muster-plan-") as folder:
        plan = write_plan(Path(folder), scenario)
        return run_virtually(
            lambda loop: _drilled(scenario, plan, loop, onlooker),
            start=START,
            lasting=LONGEST.total_seconds(),
        )


def write_plan(folder: Path, scenario: Scenario) -> Path:
    """The plan and its scripts as files; JSON is YAML, too."""
    path = folder / f"{scenario.plan['plan']}.yaml"
    path.write_text(json.dumps(scenario.plan), encoding="utf-8")
    for name, text in scenario.scripts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return path


def settings_for(folder: Path, scenario: Scenario, loop: VirtualLoop) -> Settings:
    clock = ScaledClock(START, 1.0, wall=loop.wall, ticks=loop.time)
    return Settings(
        arm_endpoint=ENDPOINT,
        authority_host=ENDPOINT,
        ca_file=None,
        subscription=scenario.world["subscription"]["id"],
        journal=folder / "evidence",
        signing_key=_signing_key(),
        worker_proxy=None,
        clock=clock,
        tenant=scenario.world["tenant"],
    )


async def _drilled(
    scenario: Scenario, plan: Path, loop: VirtualLoop, onlooker: Onlooker | None
) -> Drilled:
    facts = facts_of(scenario.world)
    settings = settings_for(plan.parent, scenario, loop)
    async with azure_in_process(facts, loop, named(scenario.faults)) as azure:
        before = copy.deepcopy(azure.world.state)
        bench = _Bench(scenario, plan, settings, azure, loop, onlooker)
        await bench.run()
        events = read_run(bench.store, bench.run_id) if bench.is_open() else ()
        return Drilled(
            scenario=scenario,
            plan=RecoveryPlan.model_validate(scenario.plan),
            run=bench.run_id,
            began=START,
            ended=loop.wall(),
            result=bench.result,
            refused=bench.refused,
            store=bench.store,
            events=events,
            wire=[one for process in bench.processes for one in process.road.log],
            interrupted=bench.processes[0].code is not None,
            before=before,
            world=azure.world.state,
            azure=azure,
            settings=settings,
            said=bench.said,
        )


class _Bench:
    """Starts processes of Muster's, and does to them what the scenario says."""

    def __init__(
        self,
        scenario: Scenario,
        plan: Path,
        settings: Settings,
        azure: Azure,
        loop: VirtualLoop,
        onlooker: Onlooker | None,
    ) -> None:
        self.onlooker = onlooker
        self.scenario, self.plan, self.settings = scenario, plan, settings
        self.azure, self.loop = azure, loop
        self.run_id = f"{scenario.plan['plan']}-drill-{uuid.UUID(int=scenario.seed).hex[-12:]}"
        self.store = MemoryStore()
        self.processes: list[Process] = []
        self.said: list[str] = []
        self.around: list[asyncio.Task[None]] = []  # people who answer and interrupt
        self._heard: set[str] = set()
        self.result: RunResult | None = None
        self.refused: Exception | None = None

    def is_open(self) -> bool:
        return bool(segment_names(self.store, self.run_id))

    async def run(self) -> None:
        """The drill; where its process leaves in the middle, the cleanup of another one."""
        self.around += [
            asyncio.create_task(self._interrupt(at), name=f"Ctrl-C after {at:g} s")
            for at in self.scenario.interrupts
        ]
        try:
            process = self._process()
            await self._in(process, self._drill(process))
            if process.left.is_set() and self.is_open() and not self._is_closed():
                process = self._process()
                await self._in(process, self._clean_up(process))
        finally:
            for task in self.around:
                task.cancel()
            await asyncio.gather(*self.around, return_exceptions=True)

    def _process(self) -> Process:
        seed = self.scenario.seed + len(self.processes)
        road = InProcessRoad(self.azure, self.settings.clock, Latency(self.settings.clock, seed))
        road.onlooker = self.onlooker
        self.processes.append(Process(road, FencedStore(self.store.contents)))
        return self.processes[-1]

    async def _in(self, process: Process, work: Coroutine[Any, Any, RunResult]) -> None:
        """Let a process work to its end, or until it leaves."""
        others = asyncio.all_tasks()
        working = asyncio.create_task(work, name="muster")
        leaving = asyncio.create_task(process.left.wait(), name="leaving")
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if process.left.is_set():
            # Its tasks go with it; what they do on the way reaches nobody.
            gone = asyncio.all_tasks() - others - self._of_azure()
            for task in gone:
                task.cancel()
            await asyncio.wait(gone, timeout=LONGEST.total_seconds())
            return
        try:
            self.result = working.result()
        except Exception as err:  # noqa: BLE001 - judged with all the rest
            self.refused = err

    def _of_azure(self) -> set[asyncio.Task[Any]]:
        return self.azure.front.desk._tasks | {
            task for task in asyncio.all_tasks() if task.get_name() == "keeping the state"
        }

    def _means(self, process: Process) -> Means:
        return Means(
            store=lambda _: process.store,
            gateway=lambda settings: open_gateway(settings, process.road),
            leave=process.leave,
        )

    async def _drill(self, process: Process) -> RunResult:
        request = RunRequest(
            plan_path=self.plan,
            operation=Operation.DRILL,
            run_id=self.run_id,
            keep_for=self.scenario.keep_for,
            recovery_point=self.scenario.recovery_point,
            reason="property test",
            requested_by="nobody",
        )
        return await run_drill(
            request, self.settings, watch=self._see, say=self.said.append,
            means=self._means(process),
        )  # fmt: skip

    async def _clean_up(self, process: Process) -> RunResult:
        return await run_cleanup(
            self.run_id, self.settings, why="it was interrupted", say=self.said.append,
            means=self._means(process),
        )  # fmt: skip

    def _is_closed(self) -> bool:
        return read_run(self.store, self.run_id)[-1].kind is EventKind.CLOSED

    async def _interrupt(self, at: float) -> None:
        await self.settings.clock.sleep(timedelta(seconds=at))
        self.loop.interrupt(signal.SIGINT)

    def _see(self, event: Event) -> None:
        """Somebody who hears of a question answers it a while later, as the scenario says."""
        asked = str(event.data.get("question"))
        answer = self.scenario.answers.get(asked)
        if event.kind is EventKind.ASKED and answer is not None and asked not in self._heard:
            self._heard.add(asked)
            said = self._say_later(asked, answer)
            self.around.append(asyncio.create_task(said, name=f"the answer to {asked}"))

    async def _say_later(self, question: str, answer: Answer) -> None:
        await self.settings.clock.sleep(timedelta(seconds=answer.after))
        self._answer(question, answer.says, self.settings.clock.now())

    def _answer(self, question: str, says: str, at: datetime) -> None:
        message = {
            "kind": "answer", "by": "somebody", "via": "cli", "at": at, "question": question,
            "answer": says,
        }  # fmt: skip
        try:
            drop(self.store, self.run_id, message)
        except JournalError as err:  # it closed meanwhile
            self.said.append(str(err))


@cache
def _signing_key() -> Path:
    """One key for all drills of this process: to make one takes longer than to drill."""
    return Path(mkdtemp(prefix="muster-key-")) / "key.pem"
