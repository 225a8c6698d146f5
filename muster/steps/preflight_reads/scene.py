"""Where a preflight looks: at a plan's places through a gateway, whether or not a run is open."""

from __future__ import annotations

from dataclasses import dataclass

from muster.clock import Clock
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.replication.naming import group_id_of
from muster.settings import Settings
from muster.steps.context import Run
from muster.steps.whereabouts import source_group_of


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a look goes by; `muster.steps.context.Placed`."""

    plan: RecoveryPlan
    operation: Operation
    run_id: str  # "" without a run
    digest: str  # of the plan
    scripts: frozenset[str]  # that are at hand
    settings: Settings
    clock: Clock
    gateway: Gateway
    store: Store
    subscription: str
    target_subscription: str
    vault: VaultRef
    decision: Decision | None = None  # of a replication: what it is to make
    undecided: str = ""  # why that could not be decided

    @property
    def source_group_id(self) -> str:
        return source_group_of(self.plan, self.subscription)

    @property
    def target_group_id(self) -> str:
        return group_id_of(self.plan.target_resource_group, self.target_subscription)


def scene_of(run: Run) -> Scene:
    """The scene of a run's own preflight."""
    opened = run.state.opened
    return Scene(
        plan=run.plan,
        operation=Operation(opened.get("operation") or Operation.DRILL),
        run_id=run.id,
        digest=str(opened.get("plan_digest") or ""),
        scripts=frozenset(run.scripts),
        settings=run.settings,
        clock=run.clock,
        gateway=run.gateway,
        store=run.journal.store,
        subscription=run.subscription,
        target_subscription=run.target_subscription,
        vault=run.vault,
        decision=run.decided,
    )
