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
from muster.steps.replicating.disable import disable
from muster.steps.replicating.protect import protect
from muster.steps.replicating.resources import make_groups, make_target_resources, make_vault
from muster.steps.replicating.settle import settle
from muster.steps.replicating.survey import survey
from muster.steps.replicating.vault_parts import (
    make_containers,
    make_fabrics,
    make_policy,
    map_containers,
    map_networks,
)

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
    StepKind.SURVEY: survey,
    StepKind.RESOURCE_GROUPS: make_groups,
    StepKind.VAULT: make_vault,
    StepKind.TARGET_RESOURCES: make_target_resources,
    StepKind.FABRICS: make_fabrics,
    StepKind.CONTAINERS: make_containers,
    StepKind.POLICY: make_policy,
    StepKind.CONTAINER_MAPPINGS: map_containers,
    StepKind.NETWORK_MAPPINGS: map_networks,
    StepKind.PROTECT: protect,
    StepKind.SETTLE: settle,
    StepKind.DISABLE: disable,
}
