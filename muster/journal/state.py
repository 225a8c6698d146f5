"""What the events of a run add up to: the projection that steps, resume and cleanup rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from muster.journal.events import Event, EventKind, Observed, instant_of
from muster.journal.facts import Intent, JobState, Network, Owned, Question, StepState

Json = Mapping[str, Any]

NOT_SENT = "not sent"
"""What a note says whose `act` and `subject` were intended and then knowingly not sent."""


@dataclass(slots=True)
class RunState:
    """Worked out from events alone: the same events give the same state on any machine."""

    run: str = ""
    plan: str = ""
    operation: str = ""
    target: str = ""  # "simulator" | "azure"
    opened: Json = field(default_factory=dict)  # data of the `opened` event
    epoch: int = 0
    owner: Json = field(default_factory=dict)  # data of the newest `owner` event
    is_started: bool = False  # the first act may have followed
    has_intended: bool = False  # a mutating call was intended, whatever became of it
    is_closed: bool = False
    is_interrupted: bool = False
    closed: Json = field(default_factory=dict)  # data of the `closed` event
    last: Event | None = None  # the newest event
    caller: Json = field(default_factory=dict)
    items: dict[str, Json] = field(default_factory=dict)  # by VM, as last seen
    points_reference: datetime | None = None  # when all recovery points were resolved
    points: dict[str, Json] = field(default_factory=dict)  # by VM
    network: Network | None = None
    reachability: Json = field(default_factory=dict)
    owned: dict[str, Owned] = field(default_factory=dict)  # by VM
    placements: dict[str, Json] = field(default_factory=dict)  # by VM
    up: dict[str, Json] = field(default_factory=dict)  # by VM
    gone: set[str] = field(default_factory=set)  # ids read back as not there, in small letters
    cleaned: set[str] = field(default_factory=set)  # VMs whose copies were read back as gone
    inventory: Json = field(default_factory=dict)  # the newest
    intents: dict[tuple[str, str], Intent] = field(default_factory=dict)  # newest by act, subject
    jobs: dict[tuple[str, str], JobState] = field(default_factory=dict)  # by act and VM
    questions: dict[str, Question] = field(default_factory=dict)
    steps: dict[str, StepState] = field(default_factory=dict)  # by step id
    checks: dict[str, Json] = field(default_factory=dict)  # newest verdict by check id

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """The state behind some events, from the first on."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    @property
    def sent_nothing(self) -> bool:
        """Whether the run never so much as meant to change anything in Azure."""
        return not self.has_intended

    def apply(self, event: Event) -> None:
        """Go one event further."""
        self.last = event
        if handler := _HANDLERS.get(event.kind):
            handler(self, event)

    @property
    def canonical(self) -> Any:
        """The plan as it was pinned when the run opened."""
        return self.opened.get("canonical")

    @property
    def plan_digest(self) -> str | None:
        return self.opened.get("plan_digest")

    @property
    def parameters(self) -> Json:
        return self.opened.get("parameters") or {}

    @property
    def outcome(self) -> str | None:
        """How a closed run ended: "passed", "failed" or "aborted"."""
        return self.closed.get("outcome")

    @property
    def pending_intents(self) -> tuple[Intent, ...]:
        """Calls that may have been sent and were never seen accepted: look before sending again.

        A step that ended since does not settle it: a send whose answer was lost ends its step too.
        """
        return tuple(intent for intent in self.intents.values() if not intent.is_accepted)

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Asked and not answered, oldest first."""
        return tuple(question for question in self.questions.values() if question.answer is None)

    @property
    def owned_ids(self) -> frozenset[str]:
        """Every id this run owns or owned, in small letters: the only ones it may ever delete."""
        ids = {name for owned in self.owned.values() for name in owned.ids}
        if self.network is not None:
            ids |= set(self.network.owned)
        return frozenset(name.casefold() for name in ids)

    def owns(self, resource_id: str) -> bool:
        """Whether this run recorded a resource as its own; ids compare without case."""
        return resource_id.casefold() in self.owned_ids

    def point_id(self, vm: str) -> str | None:
        """The recovery point chosen for a VM; None for *latest*. Raises KeyError before that."""
        return self.points[vm]["point_id"]  # type: ignore[no-any-return] # JSON by contract

    def job(self, act: str, vm: str) -> JobState | None:
        return self.jobs.get((act, vm))

    def intent(self, act: str, subject: str) -> Intent | None:
        """The newest attempt at an act."""
        return self.intents.get((act, subject))

    def address(self, vm: str) -> str | None:
        """The private address of a VM's test copy, once it was seen up."""
        return self.up.get(vm, {}).get("address")

    def is_finished(self, step: str) -> bool:
        """Whether a step ended well; one that failed may be tried again on resume."""
        found = self.steps.get(step)
        return found is not None and found.status == "ok"


def _opened(state: RunState, event: Event) -> None:
    data = event.data
    state.opened = data
    state.run, state.plan = data.get("run", ""), data.get("plan", "")
    state.operation, state.target = data.get("operation", ""), data.get("target", "")


def _owner(state: RunState, event: Event) -> None:
    state.owner = event.data
    state.epoch = event.data.get("epoch", state.epoch)
    state.is_interrupted = False  # somebody goes on


def _started(state: RunState, event: Event) -> None:
    if event.step is None:
        state.is_started = True
    else:
        state.steps[event.step] = StepState(event.step, "started", started_at=event.at)


def _intended(state: RunState, event: Event) -> None:
    state.has_intended = True
    intent = Intent.of(event)
    state.intents[intent.act, intent.subject] = intent


def _accepted(state: RunState, event: Event) -> None:
    act, subject = event.data["act"], event.data["subject"]
    if intent := state.intents.get((act, subject)):
        state.intents[act, subject] = intent.with_acceptance(event)
    state.jobs[act, subject] = JobState.accepted_by(event)


def _noted(state: RunState, event: Event) -> None:
    if event.data.get("what") == NOT_SENT:  # the sender itself says that its intent ran out
        state.intents.pop((str(event.data.get("act")), str(event.data.get("subject"))), None)


def _observed(state: RunState, event: Event) -> None:
    handler = _OBSERVATIONS.get(event.data.get("what", ""))
    if handler:
        handler(state, event)


def _checked(state: RunState, event: Event) -> None:
    state.checks[event.data["check"]] = event.data


def _asked(state: RunState, event: Event) -> None:
    state.questions[event.data["question"]] = Question.of(event)


def _answered(state: RunState, event: Event) -> None:
    if question := state.questions.get(event.data["question"]):
        state.questions[question.question] = question.with_answer(event)


def _finished(state: RunState, event: Event) -> None:
    if event.step is not None:
        before = state.steps.get(event.step)
        state.steps[event.step] = StepState.finished_by(event, before)


def _interrupted(state: RunState, _: Event) -> None:
    state.is_interrupted = True


def _closed(state: RunState, event: Event) -> None:
    state.is_closed, state.closed = True, event.data


def _caller(state: RunState, event: Event) -> None:
    state.caller = event.data


def _item(state: RunState, event: Event) -> None:
    state.items[event.data["vm"]] = event.data


def _points(state: RunState, event: Event) -> None:
    reference = event.data.get("reference")
    state.points_reference = instant_of(reference) if reference else event.at
    state.points |= {point["vm"]: point for point in event.data["points"]}


def _network(state: RunState, event: Event) -> None:
    state.network = Network.of(event, state.network)


def _reachability(state: RunState, event: Event) -> None:
    state.reachability = event.data


def _job(state: RunState, event: Event) -> None:
    key = (event.data["act"], event.data["vm"])
    state.jobs[key] = JobState.observed_by(event, state.jobs.get(key))


def _owned(state: RunState, event: Event) -> None:
    vm = event.data["vm"]
    state.owned[vm] = Owned.of(event, state.owned.get(vm))
    state.cleaned.discard(vm)
    state.gone -= {name.casefold() for name in state.owned[vm].ids}


def _placement(state: RunState, event: Event) -> None:
    state.placements[event.data["vm"]] = event.data


def _up(state: RunState, event: Event) -> None:
    state.up[event.data["vm"]] = event.data


def _inventory(state: RunState, event: Event) -> None:
    state.inventory = event.data


def _gone(state: RunState, event: Event) -> None:
    ids = {name.casefold() for name in event.data.get("ids", ())}
    state.gone |= ids
    if vm := event.data.get("vm"):
        state.cleaned.add(vm)
        state.up.pop(vm, None)
    if network_id := event.data.get("network_id"):
        state.gone.add(network_id.casefold())
        if state.network is not None and state.network.is_same(network_id):
            state.network = state.network.as_gone()


Handler = Callable[[RunState, Event], None]

_HANDLERS: dict[EventKind, Handler] = {
    EventKind.OPENED: _opened,
    EventKind.OWNER: _owner,
    EventKind.STARTED: _started,
    EventKind.INTENDED: _intended,
    EventKind.ACCEPTED: _accepted,
    EventKind.OBSERVED: _observed,
    EventKind.CHECKED: _checked,
    EventKind.ASKED: _asked,
    EventKind.ANSWERED: _answered,
    EventKind.FINISHED: _finished,
    EventKind.NOTED: _noted,
    EventKind.INTERRUPTED: _interrupted,
    EventKind.CLOSED: _closed,
}

_OBSERVATIONS: dict[str, Handler] = {  # scripts, runbooks and probes concern the report alone
    Observed.CALLER: _caller,
    Observed.ITEM: _item,
    Observed.POINTS: _points,
    Observed.NETWORK: _network,
    Observed.REACHABILITY: _reachability,
    Observed.JOB: _job,
    Observed.OWNED: _owned,
    Observed.PLACEMENT: _placement,
    Observed.UP: _up,
    Observed.INVENTORY: _inventory,
    Observed.GONE: _gone,
}
