"""What became of each step: its tries, how it ended, where its time went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muster.journal.events import Event, EventKind
from muster.report.values import mapping, text, texts

_VM_KINDS = ("test-failover", "boot", "cleanup", "protect", "settle", "disable")
_UNRUN = "not started"


@dataclass(frozen=True, slots=True)
class Try:
    """One go at a step; `ended` is None when the process died in it, or is still in it."""

    began: datetime
    ended: datetime | None
    until: datetime  # the end, else the last sign of life of the process that began it
    status: str  # ok | failed | skipped | unfinished


@dataclass(frozen=True, slots=True)
class StepRun:
    """A step of the graph and everything that the events say of it."""

    id: str
    kind: str
    subject: str
    group: str | None
    vm: str | None
    needs: tuple[str, ...]
    after: tuple[str, ...]
    critical: bool
    finaliser: bool
    params: Mapping[str, Any]
    tries: tuple[Try, ...] = ()
    status: str = _UNRUN  # ok | failed | skipped | unfinished | not started
    error: Mapping[str, Any] | None = None
    why: str | None = None
    spent: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()  # started and finished

    @property
    def began(self) -> datetime | None:
        return self.tries[0].began if self.tries else None

    @property
    def ended(self) -> datetime | None:
        return self.tries[-1].ended if self.tries else None

    @property
    def title(self) -> str:
        """`<group> · <step> · <subject>`, as Prefect shows it."""
        return " · ".join(part for part in (self.group, self.kind, self.subject) if part)


def step_runs(
    events: Sequence[Event],
    graph: Sequence[Mapping[str, Any]],
    vm_of_action: Callable[[Mapping[str, Any]], str | None],
) -> dict[str, StepRun]:
    """Lay the events of steps over the graph that was pinned when the run opened."""
    of_step: dict[str, list[Event]] = {}
    for event in events:
        if event.step and event.kind in (EventKind.STARTED, EventKind.FINISHED):
            of_step.setdefault(event.step, []).append(event)
    nodes = {str(node["id"]): node for node in graph if node.get("id")}
    nodes |= {step: {"id": step} for step in of_step if step not in nodes}
    lives = _last_signs(events)
    return {
        step: _run_of(node, of_step.get(step, []), lives, vm_of_action)
        for step, node in nodes.items()
    }


def _last_signs(events: Sequence[Event]) -> dict[str, datetime]:
    lives: dict[str, datetime] = {}
    for event in events:
        lives[event.process] = max(event.at, lives.get(event.process, event.at))
    return lives


def _run_of(
    node: Mapping[str, Any],
    events: Sequence[Event],
    lives: Mapping[str, datetime],
    vm_of_action: Callable[[Mapping[str, Any]], str | None],
) -> StepRun:
    step = str(node["id"])
    kind = text(node.get("kind")) or step.partition(":")[0]
    params = mapping(node.get("params"))
    subject = text(node.get("subject")) or step.partition(":")[2] or step
    ends = [event for event in events if event.kind is EventKind.FINISHED]
    last = ends[-1].data if ends else {}
    tries = _tries(events, lives)
    status = _status(last) if ends else ("unfinished" if tries else _UNRUN)
    if tries and tries[-1].ended is None:
        status = "unfinished"
    return StepRun(
        id=step,
        kind=kind,
        subject=subject,
        group=text(node.get("group")),
        vm=_vm_of(step, kind, subject, params, vm_of_action),
        needs=tuple(texts(node.get("needs"))),
        after=tuple(texts(node.get("after"))),
        critical=node.get("critical") is not False,
        finaliser=node.get("finaliser") is True,
        params=params,
        tries=tries,
        status=status,
        error=mapping(last.get("error")) or None,
        why=text(last.get("why")),
        spent=mapping(last.get("spent")),
        facts=mapping(last.get("facts")),
        evidence=tuple(event.seq for event in events),
    )


def _tries(events: Sequence[Event], lives: Mapping[str, datetime]) -> tuple[Try, ...]:
    tries: list[Try] = []
    for event in events:
        if event.kind is EventKind.STARTED:
            until = max(lives[event.process], event.at)
            tries.append(Try(event.at, None, until, "unfinished"))
        elif tries and tries[-1].ended is None:
            ended = max(event.at, tries[-1].began)
            tries[-1] = Try(tries[-1].began, ended, ended, _status(event.data))
    return tuple(tries)


def _status(finished: Mapping[str, Any]) -> str:
    """A status that nobody knows is no end that counts."""
    said = finished.get("status")
    return said if said in ("ok", "failed", "skipped") else "unfinished"


def _vm_of(
    step: str,
    kind: str,
    subject: str,
    params: Mapping[str, Any],
    vm_of_action: Callable[[Mapping[str, Any]], str | None],
) -> str | None:
    if kind in _VM_KINDS:
        return step.partition(":")[2] or subject
    if kind == "checks":  # checks:<group>.<vm>; group names hold no dot
        return step.partition(":")[2].partition(".")[2] or subject
    return vm_of_action(params) if kind == "action" else None
