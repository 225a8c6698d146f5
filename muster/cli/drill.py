"""`muster drill`: run a plan's drill, as its Prefect flow or (`--direct`) without a Prefect
server.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import PLANS, find_checkout
from muster.cli.order import Order, carry_out, options_of
from muster.cli.weather import known_faults
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
    from muster.runs.request import RunRequest
    from muster.runs.result import RunResult
    from muster.settings import Settings

app = new_app()


@app.command(
    **example("muster drill contoso-erp --rehearse", 'muster drill contoso-erp --reason "monthly"')
)
def drill(
    plan: PlanName,
    direct: Direct = False,
    recovery_point: Annotated[
        str | None,
        typer.Option(help="latest, latest-processed, app-consistent or crash-consistent."),
    ] = None,
    reason: Reason = STARTED_BY_HAND,
    keep_for: Annotated[
        str | None,
        typer.Option(help="Keep the copies up this long for people to look at, like 30m."),
    ] = None,
    rehearse: Rehearse = False,
    world: World = None,
    speed: Speed = SPEED,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Rehearse in bad weather: a scenario's id like F19, or a fault file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Drill a plan: bring copies up, check them, clean up, prove it."""
    from muster.compile.drill import compile_drill
    from muster.plan.actions import Operation
    from muster.plan.loader import find_plan, load_plan

    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    compile_drill(loaded.plan)
    point, span = _known_point(recovery_point), _duration(keep_for)
    fields = {"recovery_point": point, "keep_for": span, "reason": reason}
    words = {"--reason": reason, "--recovery-point": recovery_point, "--keep-for": keep_for}
    stage = _stage(world, speed, fault or [], is_rehearsed=rehearse or world is not None)
    order = Order(
        ("drill",), loaded, Operation.DRILL, _walk, fields, options_of(words),
        is_direct=direct, is_json=as_json,
    )  # fmt: skip
    raise typer.Exit(carry_out(order, stage))


def _stage(
    world: Path | None, speed: float, faults: list[str], *, is_rehearsed: bool
) -> Stage | None:
    known = known_faults(faults, is_rehearsed=is_rehearsed)
    if not is_rehearsed:
        return None
    from muster.cli.rehearsal import world_for
    from muster.cli.staging import Stage

    return Stage(world_for, world, speed, known)


def _walk(request: RunRequest, settings: Settings, show: Show) -> Coroutine[Any, Any, RunResult]:
    from muster.runs.drill import run_drill

    return run_drill(request, settings, watch=show.see, say=show.say)


def _known_point(text: str | None) -> str | None:
    from typing import get_args

    from muster.plan.model import RecoveryPointChoice

    known = get_args(RecoveryPointChoice)
    if text is not None and text not in known:
        raise typer.BadParameter(
            f"{text!r} is none of {', '.join(known)}", param_hint="--recovery-point"
        )
    return text


def _duration(text: str | None) -> timedelta | None:
    from pydantic_core import PydanticCustomError

    from muster.plan.durations import parse_duration

    if not text:
        return None
    try:
        return parse_duration(text)
    except PydanticCustomError as err:
        raise typer.BadParameter(err.message(), param_hint="--keep-for") from None
