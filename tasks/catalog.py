"""StepKind to task: the one table between the graph and Prefect."""

from __future__ import annotations

from collections.abc import Mapping

from muster.compile.graph import StepKind
from tasks import cleanup, preparation, reports, scripts, test_failovers, validation
from tasks.shell import StepTask

TASK_FOR: Mapping[StepKind, StepTask] = {
    StepKind.PREFLIGHT: preparation.run_preflight,
    StepKind.RECOVERY_POINTS: preparation.resolve_recovery_points,
    StepKind.ISOLATE: preparation.isolate,
    StepKind.TEST_FAILOVER: test_failovers.run_test_failover,
    StepKind.BOOT: test_failovers.wait_for_boot,
    StepKind.ACTION: scripts.run_action,
    StepKind.CHECKS: validation.run_checks,
    StepKind.HOLD: validation.hold,
    StepKind.CLEANUP: cleanup.clean_up,
    StepKind.REMOVE_NETWORK: cleanup.remove_network,
    StepKind.PROVE_CLEAN: cleanup.prove_clean,
    StepKind.CLOSE: reports.close,
}
