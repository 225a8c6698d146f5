"""Plan and operation to graph: the one entry to compiling."""

from __future__ import annotations

from muster.compile.cleanup import compile_cleanup
from muster.compile.drill import compile_drill
from muster.compile.graph import Graph
from muster.compile.replicate import compile_disable, compile_replicate
from muster.errors import InputError
from muster.plan.actions import Operation
from muster.plan.codes import hint_for
from muster.plan.model import RecoveryPlan


def compile_plan(plan: RecoveryPlan, operation: Operation) -> Graph:
    """Lay a plan out for an operation.

    Raises:
        InputError: PLAN-053, this version does not compile the operation; or the plan asks for
            something that a drill does not do (see `compile_drill`).
    """
    match operation:
        case Operation.DRILL:
            return compile_drill(plan)
        case Operation.CLEANUP:
            return compile_cleanup(plan)
        case Operation.REPLICATE:
            return compile_replicate(plan)
        case Operation.DISABLE:
            return compile_disable(plan)
        case Operation.FAILOVER | Operation.COMMIT | Operation.REPROTECT | Operation.FAILBACK:
            message = f"'{operation.value}' of {plan.plan} cannot be compiled yet"
            raise InputError(message, code="PLAN-053", hint=hint_for("PLAN-053"))
