"""One call of replicate or disable: what was asked, where, and what all of it works through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from muster.compile.graph import Graph
from muster.compile.replicate import compile_disable, compile_replicate
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.events import EventKind
from muster.journal.signing import Signer
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decide
from muster.runs.claims import claimed_items
from muster.runs.drill import Watch, Wrap
from muster.runs.means import Means
from muster.runs.releasing import Release
from muster.runs.request import RunRequest
from muster.runs.result import RunResult
from muster.runs.session import walk_and_close
from muster.settings import Settings
from muster.steps.context import Run, forget, make_current

ReadClaims = Callable[[], Awaitable[Mapping[str, str]]]
"""Other plans' items as of now: whose, by key of id."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the caller wants, and what the run works through, begun anew or gone on with."""

    request: RunRequest
    loaded: LoadedPlan  # as its file is now
    settings: Settings
    store: Store
    gateway: Gateway
    decide: Decide  # heeds what journals and other plans' files say
    wrap: Wrap | None
    watch: Watch | None
    say: Callable[[str], None]
    means: Means
    signer: Signer

    @property
    def folder(self) -> Path:
        """Where the plan's file lies, with its scripts and other plans."""
        return self.loaded.path.parent

    def say_list(self, release: Release) -> None:
        """What is removed and what stays, and what was not seen."""
        for sentence in (release.said(), *release.unread):
            self.say(sentence)


def graph_for(plan: RecoveryPlan, operation: Operation, vms: list[str]) -> Graph:
    """The graph of a run for the VMs that were selected."""
    compiling = compile_disable if operation is Operation.DISABLE else compile_replicate
    return compiling(plan, vms)


def claims_again(
    call: Call, plan: RecoveryPlan, vault: VaultRef, say: Callable[[str], None] = lambda _: None
) -> ReadClaims:
    """Reads what other plans' runs enabled, as of when it is called; says what was not seen."""
    return partial(
        claimed_items, call.gateway, call.store, plan, call.settings, vault, call.folder, say
    )


async def walked(run: Run, call: Call, title: str) -> RunResult:
    """Walk a run whose journal is open to its end, and close it."""
    make_current(run)
    try:
        await run.journal.append(EventKind.STARTED, {"title": title})
        return await walk_and_close(run, call.wrap)
    finally:
        forget(run)
