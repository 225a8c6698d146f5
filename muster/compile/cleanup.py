"""What brings a drill to its end whatever happened: hold, clean up, prove it, close. Pure."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

from muster.compile.graph import Graph, Step, StepKind
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan, Vm

_CLEANUP = timedelta(minutes=45)
_NETWORK = timedelta(minutes=20)
_PROOF = timedelta(minutes=20)
_CLOSE = timedelta(minutes=10)
_HOLD_MARGIN = timedelta(minutes=1)


def compile_cleanup(plan: RecoveryPlan) -> Graph:
    """The finalisers of a drill alone, to end one that was interrupted."""
    return Graph(plan.plan, Operation.CLEANUP, steps=(), finalisers=finalisers(plan))


def finalisers(plan: RecoveryPlan, *, behind: tuple[Step, ...] = ()) -> tuple[Step, ...]:
    """Cleanups, network, proof, close; `behind` is the hold of the copies, if there is one.

    They only come `after` each other: one that fails keeps none of the others from running.
    """
    held = tuple(step.id for step in behind)
    of_groups = tuple(_cleanup(vm, held) for vm in plan.group_vms)
    support_after = tuple(step.id for step in of_groups) or held
    # A domain controller goes last, so that the others can still find their names.
    of_support = tuple(_cleanup(vm, support_after) for vm in plan.support.vms)
    cleaned = tuple(step.id for step in chain(of_groups, of_support))
    last: list[Step] = []
    after = cleaned
    for kind, timeout in (
        (StepKind.REMOVE_NETWORK, _NETWORK),
        (StepKind.PROVE_CLEAN, _PROOF),
        (StepKind.CLOSE, _CLOSE),
    ):
        last.append(Step(kind.value, kind, plan.plan, after=after, timeout=timeout))
        after = (kind.value,)
    return (*of_groups, *of_support, *last)


def hold(plan: RecoveryPlan, asked: timedelta | None) -> tuple[Step, ...]:
    """The hold, as asked when the run started, else as the plan says; none without a length."""
    keep = plan.drill.keep_for if asked is None else asked
    on_failure = plan.drill.on_failure.keep_for
    if not keep and not on_failure:
        return ()
    params = {
        "keep_for": int(keep.total_seconds()),
        "on_failure_keep_for": int(on_failure.total_seconds()),
    }
    timeout = max(keep, on_failure) + _HOLD_MARGIN
    return (Step(StepKind.HOLD.value, StepKind.HOLD, plan.plan, timeout=timeout, params=params),)


def _cleanup(vm: Vm, after: tuple[str, ...]) -> Step:
    # Critical for every VM, also an optional one: what it left behind is left behind.
    step_id = f"cleanup:{vm.name}"
    return Step(step_id, StepKind.CLEANUP, vm.name, after=after, timeout=_CLEANUP)
