"""A look at whether a drill, a failover, a replication would work: judged, no run opened."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, get_args

from muster.checks.verdict import Word
from muster.errors import EXIT_FAILED, EXIT_OK, GatewayError
from muster.gateway.port import Gateway
from muster.gateway.values import Usage
from muster.journal.events import instant_text
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan
from muster.replication.decision import Decision
from muster.runs.means import USUAL, Means
from muster.runs.own_parts import heeding_journals
from muster.settings import Settings
from muster.steps.preflight_checks.judging import Judgement, judge_all
from muster.steps.preflight_reads.gather import gather
from muster.steps.preflight_reads.reader import NO_WAY_IN
from muster.steps.preflight_reads.scene import Scene
from muster.steps.replicating.deciding import decide, decide_for
from muster.steps.whereabouts import target_subscription_of, vault_of

OPERATIONS = (Operation.DRILL, Operation.FAILOVER, Operation.REPLICATE)


@dataclass(frozen=True, slots=True)
class Look:
    """What a preflight saw: every check that applies, judged."""

    plan: str
    operation: Operation
    digest: str
    target: str  # azure | simulator
    is_rehearsal: bool
    at: datetime  # Azure time
    took: timedelta  # on the wall
    usage: Usage
    judged: tuple[Judgement, ...]

    @property
    def stopping(self) -> tuple[Judgement, ...]:
        """What would stop the operation."""
        return tuple(one for one in self.judged if one.stops)

    @property
    def told(self) -> tuple[Judgement, ...]:
        """What did not pass and stops nothing."""
        return tuple(one for one in self.judged if one.verdict.is_open and not one.stops)

    @property
    def exit_code(self) -> int:
        return EXIT_FAILED if self.stopping else EXIT_OK

    def as_data(self) -> dict[str, Any]:
        """As `--json`, the page and the artifact carry it."""
        counts = dict.fromkeys(get_args(Word), 0)
        for one in self.judged:
            counts[one.verdict.word] += 1
        return {
            "plan": self.plan,
            "operation": self.operation.value,
            "plan_digest": self.digest,
            "target": self.target,
            "rehearsal": self.is_rehearsal,
            "at": instant_text(self.at),
            "took_seconds": round(self.took.total_seconds(), 3),
            "reads": self.usage.reads,
            "throttled": self.usage.throttled,
            "ok": not self.stopping,
            "exit_code": self.exit_code,
            "counts": counts,
            "stopping": [one.check.id for one in self.stopping],
            "told": [one.check.id for one in self.told],
            "checks": [check_data(one) for one in self.judged],
        }


def check_data(one: Judgement) -> Mapping[str, Any]:
    """One check as JSON values."""
    return {
        "id": one.check.id,
        "area": one.check.area.value,
        "title": one.check.title,
        "severity": one.severity.value,
        "verdict": one.verdict.word,
        "why": one.verdict.why,
        "remedy": one.remedy,
        "lacks": list(one.lacks),
        "evidence": dict(one.verdict.evidence),
    }


async def run_preflight(
    loaded: LoadedPlan, operation: Operation, settings: Settings, *, means: Means = USUAL
) -> Look:
    """Read all that an operation of a plan rests on, and judge it. Nothing is written anywhere.

    Args:
        loaded: The plan.
        operation: DRILL, FAILOVER or REPLICATE.
        settings: Where Azure and the journal are.
        means: What leads there, where not what the settings name.

    Raises:
        SettingsError: No subscription is known.
        PlanError: Of a replication: a key of the plan names what Azure does not have.
        GatewayError: There is no way into Azure at all.
    """
    began = time.monotonic()
    async with means.gateway(settings) as gateway:
        scene = scene_for(loaded, operation, settings, gateway, means)
        if operation is Operation.REPLICATE:
            scene = await decided_scene(scene, loaded)
        facts = await gather(scene)
        usage = gateway.usage()
    return Look(
        plan=loaded.plan.plan,
        operation=operation,
        digest=loaded.digest,
        target=settings.target,
        is_rehearsal=settings.is_rehearsal,
        at=facts.now,
        took=timedelta(seconds=time.monotonic() - began),
        usage=usage,
        judged=judge_all(facts),
    )


def scene_for(
    loaded: LoadedPlan,
    operation: Operation,
    settings: Settings,
    gateway: Gateway,
    means: Means = USUAL,
) -> Scene:
    """The scene of a look that belongs to no run.

    Raises:
        SettingsError: No subscription is known.
    """
    plan = loaded.plan
    subscription = settings.subscription_or_error(plan.source.subscription)
    return Scene(
        plan=plan,
        operation=operation,
        run_id="",
        digest=loaded.digest,
        scripts=frozenset(loaded.scripts),
        settings=settings,
        clock=settings.clock,
        gateway=gateway,
        store=means.store(settings),
        subscription=subscription,
        target_subscription=target_subscription_of(plan, subscription),
        vault=vault_of(plan, subscription),
    )


async def decided_scene(scene: Scene, loaded: LoadedPlan) -> Scene:
    """The scene with what a replication would make, change and leave, or why nobody knows.

    Raises:
        PlanError: A key of the plan names what Azure does not have.
        GatewayError: There is no way into Azure at all.
    """
    heeding = heeding_journals(decide, scene.store, scene.settings, loaded.path.parent)
    try:
        decision = await decide_for(loaded, heeding, scene.gateway, scene.subscription)
    except NO_WAY_IN:
        raise
    except GatewayError as err:
        return replace(scene, undecided=err.message)
    return replace(scene, decision=decision)


async def judged_for(scene: Scene, decision: Decision) -> tuple[Judgement, ...]:
    """What a run's preflight says of a replication that was decided already: nothing that was
    read for that is read again.

    Raises:
        GatewayError: There is no way into Azure at all.
    """
    return judge_all(await gather(replace(scene, decision=decision)))
