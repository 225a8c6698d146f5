"""Step and Graph: what a plan is compiled to. Pure values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from muster.plan.actions import Operation


class StepKind(StrEnum):
    """Every kind of step; `tasks/catalog.py` and `muster/steps/catalog.py` have each of them."""

    PREFLIGHT = "preflight"
    RECOVERY_POINTS = "recovery-points"
    ISOLATE = "isolate"
    TEST_FAILOVER = "test-failover"  # to the job's end; what it made journalled, placement read
    BOOT = "boot"  # power state running, VM agent ready
    ACTION = "action"
    CHECKS = "checks"  # all checks that run inside one VM, in one probe
    HOLD = "hold"
    CLEANUP = "cleanup"  # test failover cleanup of one VM
    REMOVE_NETWORK = "remove-network"
    PROVE_CLEAN = "prove-clean"
    CLOSE = "close"

    # of replicate and disable
    SURVEY = "survey"  # source, target and vault read; everything wanted named and pinned
    RESOURCE_GROUPS = "resource-groups"
    VAULT = "vault"
    TARGET_RESOURCES = "target-resources"  # networks, cache storage, availability sets …
    FABRICS = "fabrics"  # both regions known to the vault
    CONTAINERS = "containers"
    POLICY = "policy"
    CONTAINER_MAPPINGS = "container-mappings"  # there and back
    NETWORK_MAPPINGS = "network-mappings"  # there and back
    PROTECT = "protect"  # of one VM: enabled, and followed until it is Protected
    SETTLE = "settle"  # of one VM: cards, size and test settings, as the plan says
    DISABLE = "disable"  # of one VM: its protection removed


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the graph.

    `id` is stable and can be said aloud: `test-failover:sql1`, `action:database.after.1`,
    `checks:web.web1`, and `checks:plan.web1` for checks of the whole plan. A step starts when all
    of `needs` and `after` have ended; it is skipped unless all of `needs` succeeded.
    """

    id: str
    kind: StepKind
    subject: str  # VM name; the plan's name for steps of the whole; an action's title
    group: str | None = None  # group it belongs to; None for steps of the whole plan
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    timeout: timedelta = timedelta(minutes=30)  # Azure time, for everything the step waits for
    critical: bool = True  # whether the operation fails with it
    # JSON values only
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def title(self) -> str:
        """`<group> · <step> · <subject>`, as Prefect and the report show it."""
        parts = [self.group, self.kind.value, self.subject]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An action of the plan that this operation does not run, and why: named in the report."""

    group: str
    action: str
    why: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps of one operation, and the finalisers that run whatever happened."""

    plan: str
    operation: Operation
    steps: tuple[Step, ...]
    finalisers: tuple[Step, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __iter__(self) -> Iterator[Step]:
        yield from self.steps
        yield from self.finalisers

    def step(self, step_id: str) -> Step:
        """One step by id; raises KeyError."""
        for step in self:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
