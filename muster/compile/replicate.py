"""A plan laid out as its replication: looked at, set up once, then all VMs at a time. Pure.

Which VMs, is decided before: the same names give the same graph, whatever Azure looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from muster.compile.graph import Graph, Step, StepKind
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan

_PREFLIGHT = timedelta(minutes=10)
_SURVEY = timedelta(minutes=30)
_RESOURCES = timedelta(minutes=30)
_SETUP = timedelta(minutes=20)
_FIRST_COPY = timedelta(days=3)
"""How long a VM may take to become Protected: terabytes over a throttled line take days."""
_SETTINGS = timedelta(minutes=30)
_DISABLE = timedelta(hours=1)
_CLOSE = timedelta(minutes=10)

_SETUP_STEPS: tuple[tuple[StepKind, tuple[StepKind, ...], timedelta], ...] = (
    (StepKind.RESOURCE_GROUPS, (StepKind.SURVEY,), _RESOURCES),
    (StepKind.VAULT, (StepKind.RESOURCE_GROUPS,), _RESOURCES),
    (StepKind.TARGET_RESOURCES, (StepKind.RESOURCE_GROUPS,), _RESOURCES),
    (StepKind.FABRICS, (StepKind.VAULT,), _SETUP),
    (StepKind.POLICY, (StepKind.VAULT,), _SETUP),
    (StepKind.CONTAINERS, (StepKind.FABRICS,), _SETUP),
    (StepKind.CONTAINER_MAPPINGS, (StepKind.CONTAINERS, StepKind.POLICY), _SETUP),
    (StepKind.NETWORK_MAPPINGS, (StepKind.FABRICS,), _SETUP),
)
"""Each with what it needs; the vault and what stands in the target region come side by side."""

# What is many things at once is waited for, and asked of thing by thing: one resource that cannot
# be made stops the VMs that need it, and no others (`muster.steps.replicating.awaiting`).
_AFTER = {StepKind.NETWORK_MAPPINGS: (StepKind.TARGET_RESOURCES.value,)}
_READY = (StepKind.CONTAINER_MAPPINGS.value,)
_IN_PARTS = (StepKind.NETWORK_MAPPINGS.value, StepKind.TARGET_RESOURCES.value)


def compile_replicate(plan: RecoveryPlan, vms: Sequence[str] | None = None) -> Graph:
    """Lay a plan out as its replication.

    Args:
        plan: Whose VMs.
        vms: Names of those that were selected; by default all that the plan names.
    """
    names = [vm.name for vm in plan.all_vms] if vms is None else list(vms)
    steps = [
        _of_plan(plan, StepKind.PREFLIGHT, (), _PREFLIGHT),
        _of_plan(plan, StepKind.SURVEY, (StepKind.PREFLIGHT.value,), _SURVEY),
    ]
    for kind, needs, timeout in _SETUP_STEPS:
        step = _of_plan(plan, kind, tuple(need.value for need in needs), timeout)
        steps.append(replace(step, after=_AFTER.get(kind, ())))
    for name in names:
        steps += _of_vm(plan, name)
    return Graph(plan.plan, Operation.REPLICATE, tuple(steps), closing(plan))


def compile_disable(plan: RecoveryPlan, vms: Sequence[str] | None = None) -> Graph:
    """Lay out the end of a plan's replication: each VM's protection removed, nothing else."""
    names = [vm.name for vm in plan.all_vms] if vms is None else list(vms)
    steps = tuple(
        Step(
            f"disable:{name}",
            StepKind.DISABLE,
            name,
            _group_of(plan, name),
            timeout=_DISABLE,
        )
        for name in names
    )
    return Graph(plan.plan, Operation.DISABLE, steps, closing(plan))


def closing(plan: RecoveryPlan) -> tuple[Step, ...]:
    """What ends a run that leaves things standing on purpose: its record is closed."""
    return (Step(StepKind.CLOSE.value, StepKind.CLOSE, plan.plan, timeout=_CLOSE),)


def compile_closing(plan: RecoveryPlan, operation: Operation) -> Graph:
    """The end alone of a run that was interrupted, for an operation that has nothing to clean."""
    return Graph(plan.plan, operation, (), closing(plan))


def _of_plan(
    plan: RecoveryPlan, kind: StepKind, needs: tuple[str, ...], timeout: timedelta
) -> Step:
    return Step(kind.value, kind, plan.plan, needs=needs, timeout=timeout)


def _of_vm(plan: RecoveryPlan, name: str) -> tuple[Step, Step]:
    """Protection, then the settings that Azure takes of a protected VM only.

    Every VM is critical: one that is not protected cannot be recovered, optional or not.
    """
    group = _group_of(plan, name)
    protect = Step(
        f"protect:{name}", StepKind.PROTECT, name, group, needs=_READY, after=_IN_PARTS,
        timeout=_FIRST_COPY,
    )  # fmt: skip
    settle = Step(
        f"settle:{name}", StepKind.SETTLE, name, group, needs=(protect.id,), timeout=_SETTINGS
    )
    return protect, settle


def _group_of(plan: RecoveryPlan, name: str) -> str | None:
    """The plan's group of a VM; a VM that a selector found may stand in none."""
    if any(vm.name == name for vm in plan.support.vms):
        return "support"
    groups = (group.name for group in plan.groups if any(vm.name == name for vm in group.vms))
    return next(groups, None)
