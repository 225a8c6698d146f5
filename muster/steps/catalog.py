"""The one table between the kinds of steps and what does them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from muster.compile.graph import Step, StepKind
from muster.steps.actions import run_action
from muster.steps.boot import wait_for_boot
from muster.steps.checks import run_checks
from muster.steps.cleanup import clean_up
from muster.steps.close import close
from muster.steps.context import Done, Run
from muster.steps.failover import run_test_failover
from muster.steps.hold import hold
from muster.steps.isolation.isolate import isolate
from muster.steps.outages import outliving_outages
from muster.steps.points import resolve_points
from muster.steps.preflight import preflight
from muster.steps.prove_clean import prove_clean
from muster.steps.remove_network import remove_network

STEP_FOR: Mapping[StepKind, Callable[[Step, Run], Awaitable[Done]]] = {
    StepKind.PREFLIGHT: preflight,
    StepKind.RECOVERY_POINTS: resolve_points,
    StepKind.ISOLATE: isolate,
    StepKind.TEST_FAILOVER: run_test_failover,
    StepKind.BOOT: wait_for_boot,
    StepKind.ACTION: run_action,
    StepKind.CHECKS: run_checks,
    StepKind.HOLD: hold,
    StepKind.CLEANUP: outliving_outages(clean_up),
    StepKind.REMOVE_NETWORK: outliving_outages(remove_network),
    StepKind.PROVE_CLEAN: outliving_outages(prove_clean),
    StepKind.CLOSE: close,
}
