"""A tolerant index of a run's events: open, crashed and empty runs index as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from muster.journal.events import Event, EventKind, Observed
from muster.journal.index import EventIndex
from muster.plan.model import RecoveryPlan
from muster.report.stepruns import StepRun, step_runs
from muster.report.values import instant, mapping, mappings, text


class Reading:
    """A journal, indexed. Nothing in here judges."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = tuple(sorted(events, key=lambda event: event.seq))
        self._index = EventIndex(self.events)
        opened = self.of_kind(EventKind.OPENED)
        self.opened: Event | None = opened[0] if opened else None
        self.opening: Mapping[str, Any] = self.opened.data if self.opened else {}

    def of_kind(self, kind: EventKind) -> Sequence[Event]:
        return self._index.of_kind(kind)

    def of_step(self, step: str) -> Sequence[Event]:
        return self._index.of_step(step)

    def of_vm(self, vm: str) -> Sequence[Event]:
        """Events of any kind whose data name this VM."""
        return self._index.of_vm(vm)

    def observed(self, what: Observed, vm: str | None = None) -> Sequence[Event]:
        """Observations of one sort; with `vm`, only those about that VM."""
        return self._index.observed(what, vm)

    def last_observed(self, what: Observed, vm: str | None = None) -> Event | None:
        found = self.observed(what, vm)
        return found[-1] if found else None

    @property
    def leaves_things_standing(self) -> bool:
        """Whether the run replicates, or ends that: what it makes or removes stays so."""
        return text(self.opening.get("operation")) in ("replicate", "disable")

    @property
    def closed(self) -> Event | None:
        found = self.of_kind(EventKind.CLOSED)
        return found[-1] if found else None

    @cached_property
    def plan_data(self) -> Mapping[str, Any]:
        """The canonical plan as it was pinned when the run opened."""
        canonical = mapping(self.opening.get("canonical"))
        inner = canonical.get("plan")
        return inner if isinstance(inner, Mapping) else canonical

    @cached_property
    def plan(self) -> RecoveryPlan | None:
        """The pinned plan as a value; None where this version cannot read it."""
        try:
            return RecoveryPlan.model_validate(dict(self.plan_data))
        except ValidationError:
            return None

    @property
    def plan_name(self) -> str:
        if self.plan:
            return self.plan.plan
        return text(self.opening.get("plan")) or text(self.plan_data.get("plan")) or "unknown"

    @cached_property
    def steps(self) -> dict[str, StepRun]:
        """Every step of the graph in its order, then steps that only the events know."""
        return step_runs(self.events, mappings(self.opening.get("graph")), self.vm_of_action)

    def steps_of(self, kind: str) -> Iterator[StepRun]:
        return (step for step in self.steps.values() if step.kind == kind)

    def step_of_vm(self, kind: str, vm: str) -> StepRun | None:
        return self._step_of_vm.get((kind, vm))

    @cached_property
    def _step_of_vm(self) -> dict[tuple[str, str], StepRun]:
        """The first step of each kind in each VM."""
        found: dict[tuple[str, str], StepRun] = {}
        for step in self.steps.values():
            if step.vm is not None:
                found.setdefault((step.kind, step.vm), step)
        return found

    @cached_property
    def vms(self) -> tuple[str, ...]:
        """Names of all VMs: support first, then by group as written; else as the graph says."""
        if self.plan:
            return tuple(vm.name for vm in self.plan.all_vms)
        return tuple(dict.fromkeys(step.vm for step in self.steps_of("test-failover") if step.vm))

    def is_critical(self, vm: str) -> bool:
        """Whether a drill fails with this VM; support VMs are always critical."""
        if self.plan is None:
            step = self.step_of_vm("test-failover", vm)
            return step is None or step.critical
        return self.plan.is_critical(vm)

    def group_of(self, vm: str) -> str | None:
        if self.plan and any(vm == support.name for support in self.plan.support.vms):
            return "support"
        for group in self.plan.groups if self.plan else ():
            if any(vm == own.name for own in group.vms):
                return group.name
        step = self.step_of_vm("test-failover", vm)
        return step.group if step else None

    def vm_of_action(self, params: Mapping[str, Any]) -> str | None:
        """The VM in which an action step's script runs; None for runbooks, questions and waits."""
        for group, side, place, action in self.plan.actions() if self.plan else ():
            at = (params.get("group"), params.get("side"), params.get("index"))
            if at == (group.name, side, place):
                return action.run_command.vm if action.run_command else None
        return None

    @cached_property
    def reference(self) -> Event | None:
        """The event in which all recovery points were resolved, before the first act."""
        found = self.observed(Observed.POINTS)
        return next((event for event in found if instant(event.data.get("reference"))), None)
