"""StepKind to task: the one table between the graph and Prefect."""

from __future__ import annotations

from collections.abc import Mapping

from muster.compile.graph import StepKind
from tasks import cleanup, preparation, replication, reports, scripts, test_failovers, validation
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
    StepKind.SURVEY: replication.survey,
    StepKind.RESOURCE_GROUPS: replication.make_groups,
    StepKind.VAULT: replication.make_vault,
    StepKind.TARGET_RESOURCES: replication.make_target_resources,
    StepKind.FABRICS: replication.make_fabrics,
    StepKind.CONTAINERS: replication.make_containers,
    StepKind.POLICY: replication.make_policy,
    StepKind.CONTAINER_MAPPINGS: replication.map_containers,
    StepKind.NETWORK_MAPPINGS: replication.map_networks,
    StepKind.PROTECT: replication.protect,
    StepKind.SETTLE: replication.settle,
    StepKind.DISABLE: replication.disable,
}
