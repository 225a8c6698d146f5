"""Where a run stands, kept up to date event by event: what the terminal and the Prefect artifact
both show.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from muster.clock import ScaledClock
from muster.journal.events import Event, EventKind, Observed
from muster.plan.durations import parse_duration
from muster.replication.state_words import state_words

WAITING, RUNNING = "waiting", "running"
_RANK = {"skipped": 0, "ok": 1, WAITING: 2, RUNNING: 3, "failed": 4}
COLUMNS = {
    "drill": ("test-failover", "boot", "checks", "cleanup"),
    "replicate": ("protect", "settle"),
    "disable": ("disable",),
}
"""By operation: kinds of steps that a VM has a column for; all others are lines of their own."""


@dataclass(slots=True)
class StepView:
    """One step of the graph and how far it is."""

    id: str
    kind: str
    subject: str
    group: str | None
    critical: bool
    finaliser: bool
    status: str = WAITING  # waiting | running | ok | failed | skipped
    began: datetime | None = None
    ended: datetime | None = None
    error: Mapping[str, str] | None = None
    why: str = ""

    @property
    def title(self) -> str:
        parts = [self.group, self.kind, self.subject]
        return " · ".join(part for part in parts if part)

    def took(self, now: datetime) -> timedelta | None:
        """How long it has taken so far, in Azure time; None before it began."""
        return None if self.began is None else (self.ended or now) - self.began


@dataclass(slots=True)
class Line:
    """One line of the board: a VM with a cell per kind of step, or one step of the whole plan."""

    group: str
    what: str
    cells: dict[str, StepView]
    checks: Counter[str] = field(default_factory=Counter)  # verdict -> how many, of this VM


@dataclass(slots=True)
class Board:
    """A run as its events tell it. Feed it with `see`, in order."""

    run: str = ""
    plan: str = ""
    operation: str = ""
    target: str = ""
    rto: timedelta | None = None
    clock: ScaledClock = field(default_factory=ScaledClock)
    steps: dict[str, StepView] = field(default_factory=dict)
    checks: list[Mapping[str, Any]] = field(default_factory=list)
    questions: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # open ones
    outcome: str = ""
    leftovers: Sequence[str] = ()
    last_at: datetime | None = None
    copies: dict[str, str] = field(default_factory=dict)  # VM -> how far its first copy is told

    @property
    def columns(self) -> tuple[str, ...]:
        """Kinds of steps that a VM has a column for."""
        return COLUMNS.get(self.operation, COLUMNS["drill"])

    @property
    def recovers(self) -> bool:
        """Whether a recovery time runs: not where VMs are only replicated."""
        return self.columns == COLUMNS["drill"]

    def see(self, event: Event) -> None:
        """Take one event in."""
        self.last_at = event.at
        data = event.data
        match event.kind:
            case EventKind.OPENED:
                self._open(data)
            case EventKind.STARTED | EventKind.FINISHED:
                self._move(event)
            case EventKind.CHECKED:
                self.checks.append(data)
            case EventKind.ASKED:
                self.questions[str(data.get("question"))] = data
            case EventKind.ANSWERED:
                self.questions.pop(str(data.get("question")), None)
            case EventKind.OBSERVED if data.get("what") == Observed.REPLICATION.value:
                self.copies[str(data.get("vm"))] = copy_text(data)
            case EventKind.CLOSED:
                self.outcome = str(data.get("outcome", ""))
                self.leftovers = list(data.get("leftovers", ()))
            case _:
                pass

    def _open(self, data: Mapping[str, Any]) -> None:
        self.run, self.plan = str(data.get("run", "")), str(data.get("plan", ""))
        self.operation, self.target = str(data.get("operation", "")), str(data.get("target", ""))
        clock = data.get("clock") or {}
        self.clock = ScaledClock(float(clock.get("epoch", 0.0)), float(clock.get("speed", 1.0)))
        plan = (data.get("canonical") or {}).get("plan") or {}
        objectives = plan.get("objectives") or {}
        self.rto = parse_duration(objectives["rto"]) if "rto" in objectives else None
        for node in data.get("graph", ()):
            self.steps[node["id"]] = StepView(
                node["id"], node["kind"], node["subject"], node.get("group"),
                bool(node.get("critical", True)), bool(node.get("finaliser", False)),
            )  # fmt: skip

    def _move(self, event: Event) -> None:
        step = self.steps.get(event.step or "")
        if step is None:
            return
        if event.kind == EventKind.STARTED:
            step.status, step.began, step.ended = RUNNING, event.at, None
            return
        step.status, step.ended = str(event.data.get("status", "ok")), event.at
        step.error, step.why = event.data.get("error"), str(event.data.get("why", ""))

    def now(self) -> datetime:
        """The present instant in the run's own time; a closed run stands still."""
        return self.last_at if self.outcome and self.last_at else self.clock.now()

    def recovering_since(self) -> datetime | None:
        """When preflight and isolation had passed: from here the recovery time runs."""
        isolated = self._of_kind("isolate")
        return isolated.ended if isolated and isolated.status == "ok" else None

    def elapsed(self) -> timedelta | None:
        """Recovery time so far: to the last required step once all have ended, else to now."""
        since = self.recovering_since()
        if since is None:
            return None
        required = [step for step in self.steps.values() if step.critical and not step.finaliser]
        ends = [step.ended for step in required if step.ended]
        is_over = all(step.status not in (WAITING, RUNNING) for step in required)
        return (max(ends) if is_over and ends else self.now()) - since

    def lines(self) -> Iterator[Line]:
        """The board from top to bottom: in the order of the graph, finalisers of the whole
        last.
        """
        lines: dict[tuple[str, str], Line] = {}
        for step in self.steps.values():
            line = lines.setdefault(self._place(step), Line(*self._place(step), cells={}))
            column = step.kind if step.kind in self.columns else "step"
            shown = line.cells.get(column)
            if shown is None or _RANK[step.status] > _RANK[shown.status]:
                line.cells[column] = step  # a VM may have checks of its group and of the plan
        for check in self.checks:
            place = self._place_of_vm(str(check.get("vm") or ""))
            if place in lines and check.get("kind") != "preflight":
                lines[place].checks[str(check.get("verdict"))] += 1
        yield from lines.values()

    def _place(self, step: StepView) -> tuple[str, str]:
        if step.kind in self.columns:
            return self._place_of_vm(step.subject)
        if step.group:
            return step.group, f"{step.kind}: {step.subject}"
        return "", step.kind

    def _place_of_vm(self, vm: str) -> tuple[str, str]:
        first = self.steps.get(f"{self.columns[0]}:{vm}")
        return (first.group if first and first.group else ""), vm

    def _of_kind(self, kind: str) -> StepView | None:
        return next((step for step in self.steps.values() if step.kind == kind), None)

    def protected(self) -> tuple[int, int]:
        """How many VMs are protected, and how many are to be."""
        steps = [step for step in self.steps.values() if step.kind == "protect"]
        return sum(step.status == "ok" for step in steps), len(steps)

    def tally(self) -> Counter[str]:
        """How many checks came out how, preflight left out."""
        return Counter(str(c.get("verdict")) for c in self.checks if c.get("kind") != "preflight")

    def counts(self) -> Counter[str]:
        """How many steps are in which state."""
        return Counter(step.status for step in self.steps.values())


def copy_text(data: Mapping[str, Any]) -> str:
    """`first copy 43 %`, as Azure reports it; once it is Protected, nothing more."""
    state, percent = str(data.get("state", "")), data.get("percent")
    if state == "Protected":
        return ""
    return f"first copy {percent:g} %" if isinstance(percent, int | float) else state_words(state)


def span_text(span: timedelta | None) -> str:
    """`41 min 03 s`, `52 s`, or dashes."""
    if span is None:
        return "--"
    total = max(0, round(span.total_seconds()))
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
