"""What a step may use: one Run per process and run. No step reaches for anything that is not in
here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from muster.clock import Clock
from muster.compile.graph import Graph
from muster.errors import MusterError
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.events import Event
from muster.journal.inbox import Inbox
from muster.journal.journal import Journal
from muster.journal.signing import Signer
from muster.journal.state import RunState
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decide, Decision
from muster.replication.naming import group_id_of
from muster.settings import Settings
from muster.steps.pinned_places import (
    pinned_subscription,
    source_subscription,
    vault_of_run,
)
from muster.steps.whereabouts import source_group_of, target_subscription_of


class Placed(Protocol):
    """A plan and the subscriptions it means: a run, or what a look without a run goes by."""

    @property
    def plan(self) -> RecoveryPlan: ...
    @property
    def subscription(self) -> str: ...
    @property
    def target_subscription(self) -> str: ...
    @property
    def vault(self) -> VaultRef: ...
    @property
    def source_group_id(self) -> str: ...
    @property
    def target_group_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a run ends: worked out from its events alone."""

    outcome: str  # passed | failed | aborted
    causes: Sequence[Mapping[str, Any]]
    exit_code: int
    leftovers: Sequence[str]


@dataclass(slots=True)
class Run:
    """One run of one plan: what steps read, and what they act through."""

    id: str
    plan: RecoveryPlan
    graph: Graph
    scripts: Mapping[
        str, bytes
    ]  # script files by the path that the plan names, as read when the plan was loaded
    parameters: Mapping[
        str, Any
    ]  # recovery_point, reason, hold …: what the person or schedule asked for
    settings: Settings
    clock: Clock
    gateway: Gateway
    journal: Journal
    state: RunState  # projected from the journal, always up to date
    conclude: Callable[[Sequence[Event]], Conclusion]
    signer: Signer | None = None  # signs the head when the run closes
    decide: Decide | None = None  # of replicate: reads Azure and decides
    decided: Decision | None = None  # … and what it decided right before the run was opened
    claimed: Mapping[str, str] = field(default_factory=dict)  # other plans' items, by key: whose
    read_claims: Callable[[], Awaitable[Mapping[str, str]]] | None = None  # … as of now
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    stop_reason: str = ""  # why `stopping` was set: signal, abort by a question …
    send_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    proof_lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # one walk serves all senders
    inbox: Inbox = field(init=False)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.journal.store, self.id)

    @property
    def subscription(self) -> str:
        """Subscription of the source."""
        return source_subscription(self.state, self.plan, self.settings)

    @property
    def target_subscription(self) -> str:
        """Subscription that test copies are made in."""
        pinned = pinned_subscription(self.state, "target")
        return pinned or target_subscription_of(self.plan, self.subscription)

    @property
    def vault(self) -> VaultRef:
        return vault_of_run(self.state, self.plan, self.settings)

    @property
    def source_group_id(self) -> str:
        """ARM id of the resource group of VMs that name none of their own."""
        return source_group_of(self.plan, self.subscription)

    @property
    def target_group_id(self) -> str:
        """ARM id of the resource group that test copies are made in."""
        return group_id_of(self.plan.target_resource_group, self.target_subscription)

    def stop(self, reason: str) -> None:
        """Start nothing more; what is in flight goes on to its end, then the finalisers run."""
        if not self.stopping.is_set():
            self.stop_reason = reason
            self.stopping.set()


@dataclass(slots=True)
class Spent:
    """Where a step's time went, in Azure time; what is not named is the orchestrator's."""

    cloud: timedelta = timedelta()
    script: timedelta = timedelta()
    check: timedelta = timedelta()
    human: timedelta = timedelta()
    retry: timedelta = timedelta()

    def as_data(self) -> dict[str, float]:
        names = ("cloud", "script", "check", "human", "retry")
        return {name: getattr(self, name).total_seconds() for name in names if getattr(self, name)}


@dataclass(slots=True)
class Done:
    """What a step function returns when it reached what it wanted."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)


class StepEnded(MusterError):
    """Carries where the time of a failed step went; `cause` is what a person reads."""

    def __init__(self, cause: MusterError, spent: Spent) -> None:
        super().__init__(cause.message, code=cause.shown_code, hint=cause.shown_hint)
        self.cause = cause
        self.spent = spent


class NotBegun(MusterError):
    """A step found that what it needs is not there: nothing was sent, and it is told as skipped.

    For needs that are finer than other steps: one resource of many that a step was to make.
    """

    code = "STEP-053"
    hint = "Mend what is named; what does not need it went on."


_current: ContextVar[Run | None] = ContextVar("muster_run", default=None)
_by_id: dict[str, Run] = {}


def make_current(run: Run) -> None:
    """Let `current_run` find the run, also from tasks that an engine starts in other contexts."""
    _current.set(run)
    _by_id[run.id] = run


def forget(run: Run) -> None:
    """The run has ended in this process."""
    _by_id.pop(run.id, None)
    _current.set(None)


def current_run(run_id: str | None = None) -> Run:
    """The run of this process, by id where several are under way; raises LookupError."""
    run = _by_id.get(run_id) if run_id else _current.get()
    if run is None:
        raise LookupError(f"No run {run_id or ''} is under way in this process")
    return run
