"""`muster replicate`: have a plan's VMs replicated, as its source is; or end that."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import PLANS, checkout_of, environment_for, find_checkout, settings_of
from muster.cli.order import Order, carry_out, options_of
from muster.cli.words import (
    SPEED,
    STARTED_BY_HAND,
    AsJson,
    Direct,
    PlanName,
    Reason,
    Rehearse,
    Speed,
    World,
    example,
    new_app,
)

if TYPE_CHECKING:
    from muster.cli.progress import Show
    from muster.cli.staging import Stage
    from muster.plan.actions import Operation
    from muster.plan.loader import LoadedPlan
    from muster.runs.request import RunRequest
    from muster.runs.result import RunResult
    from muster.settings import Settings

app = new_app()


@app.command(
    **example(
        "muster replicate contoso-erp --plan-only",
        "muster replicate contoso-erp",
        'muster replicate contoso-erp --disable --confirm "disable contoso-erp"',
    )
)
def replicate(
    plan: PlanName,
    plan_only: Annotated[
        bool, typer.Option("--plan-only", help="Show what would be made or changed; send nothing.")
    ] = False,
    disable: Annotated[
        bool, typer.Option("--disable", help="End the replication of the plan's VMs.")
    ] = False,
    confirm: Annotated[
        str, typer.Option(help='With --disable: exactly "disable PLAN"; asked for otherwise.')
    ] = "",
    direct: Direct = False,
    reason: Reason = STARTED_BY_HAND,
    rehearse: Rehearse = False,
    world: World = None,
    speed: Speed = SPEED,
    as_json: AsJson = False,
) -> None:
    """Replicate a plan's VMs to their target region; a run that was left open goes on.

    A rehearsal begins in a world with nothing set up; that of --disable, with the VMs replicated.
    """
    from muster.plan.actions import Operation
    from muster.plan.loader import find_plan, load_plan

    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    _refuse_idle_confirmation(confirm, is_disabling=disable)
    is_rehearsed = rehearse or world is not None
    stage = _stage(world, speed, is_disabling=disable) if is_rehearsed else None
    operation = Operation.DISABLE if disable else Operation.REPLICATE
    if plan_only:
        raise typer.Exit(_show(loaded, operation, stage, is_json=as_json))
    confirmed, shown = _confirmed(loaded, confirm, stage) if disable else ("", "")
    fields = {"confirmed": confirmed, "shown": shown, "reason": reason}
    order = Order(
        ("replicate", "--disable") if disable else ("replicate",),
        loaded, operation, _walk, fields,
        options_of({"--reason": reason, "--confirm": confirmed, "--shown": shown}),
        is_direct=direct, is_json=as_json, goes_on=True,
    )  # fmt: skip
    raise typer.Exit(carry_out(order, stage))


def _stage(world: Path | None, speed: float, *, is_disabling: bool) -> Stage:
    """A replication begins where nothing is set up, its end where the VMs are replicated."""
    from muster.cli.rehearsal import unset_world_for, world_for
    from muster.cli.staging import Stage

    return Stage(world_for if is_disabling else unset_world_for, world, speed)


def _refuse_idle_confirmation(given: str, *, is_disabling: bool) -> None:
    """A forgotten `--disable` would enable again what was to be released.

    Raises:
        InputError: INPUT-035.
    """
    from muster.errors import InputError

    if given and not is_disabling:
        raise InputError(
            "`--confirm` confirms the end of a replication, and `--disable` is not there",
            code="INPUT-035",
            hint="Add `--disable` to end the replication, or leave `--confirm` out to replicate.",
        )


def _confirmed(loaded: LoadedPlan, given: str, stage: Stage | None) -> tuple[str, str]:
    """What was given, or typed by the person at the terminal, who is shown first what it ends; a
    rehearsal's world is not up yet, and nobody's.

    Returns:
        The sentence, and marks of what was shown to go; "" where no list was shown.

    Raises:
        NotConfirmed: It is not the sentence that was asked for.
    """
    from muster.plan.actions import Operation
    from muster.runs.replicate import require_confirmed
    from muster.steps.replicating.disable import confirmation_for

    shown = ""
    if not given and sys.stdin.isatty():
        if stage is None:
            from muster.cli.release_plan import show_before_asking

            checkout = checkout_of(loaded.path)
            os.environ.update(environment_for(loaded.plan.plan, os.environ))
            shown = show_before_asking(loaded, settings_of(checkout))
        sentence = confirmation_for(loaded.plan.plan)
        ask = f'This removes the protection of every VM of the plan. Type "{sentence}" to go on'
        given = str(typer.prompt(ask)).strip()
    require_confirmed(Operation.DISABLE, given, loaded.plan)
    return given, shown


def _show(loaded: LoadedPlan, operation: Operation, stage: Stage | None, *, is_json: bool) -> int:
    """What would be made or removed, where the settings lead to, or in a rehearsal's world."""
    from muster.cli.release_plan import show_release
    from muster.cli.replicate_plan import show_plan
    from muster.plan.actions import Operation

    checkout = checkout_of(loaded.path)
    environ = environment_for(loaded.plan.plan, os.environ)
    shows = show_release if operation is Operation.DISABLE else show_plan
    if stage is None:
        os.environ.update(environ)  # the credential reads its own variables there
        return shows(loaded, settings_of(checkout), is_json=is_json)
    from muster.cli.staging import staged

    with staged(stage, loaded.plan.plan, operation, checkout, environ) as rehearsal:
        os.environ.update(rehearsal.environ)
        return shows(loaded, settings_of(checkout), is_json=is_json)


def _walk(request: RunRequest, settings: Settings, show: Show) -> Coroutine[Any, Any, RunResult]:
    from muster.runs.replicate import run_replicate
    from muster.steps.replicating.deciding import decide

    return run_replicate(request, settings, decide=decide, watch=show.see, say=show.say)
