"""`muster drill`: run a plan's drill, as its Prefect flow or (`--direct`) without a Prefect
server.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import (
    PLANS,
    checkout_of,
    environment_for,
    find_checkout,
    ready_to_open,
    settings_of,
)
from muster.cli.weather import judge, known_faults
from muster.cli.words import AsJson, PlanName, example, new_app

if TYPE_CHECKING:
    from muster.cli.progress import Show
    from muster.plan.loader import LoadedPlan

app = new_app()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked for besides the plan."""

    recovery_point: str | None
    reason: str
    keep_for: str | None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The simulator that is to be started for a drill."""

    world: Path | None  # None: the plan's own
    speed: float
    faults: tuple[str, ...] = ()


@app.command(
    **example("muster drill contoso-erp --rehearse", 'muster drill contoso-erp --reason "monthly"')
)
def drill(
    plan: PlanName,
    direct: Annotated[
        bool, typer.Option("--direct", help="Walk without Prefect: break-glass, same steps.")
    ] = False,
    recovery_point: Annotated[
        str | None,
        typer.Option(help="latest, latest-processed, app-consistent or crash-consistent."),
    ] = None,
    reason: Annotated[
        str, typer.Option(help="Why now; goes into the record.")
    ] = "started by hand",
    keep_for: Annotated[
        str | None,
        typer.Option(help="Keep the copies up this long for people to look at, like 30m."),
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Start the simulator with this plan's world first.")
    ] = False,
    world: Annotated[
        Path | None, typer.Option(help="The world to rehearse in, instead of the plan's own.")
    ] = None,
    speed: Annotated[
        float, typer.Option(help="How fast Azure time runs in a rehearsal.", min=1, max=3600)
    ] = 60,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Rehearse in bad weather: a scenario's id like F19, or a fault file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Drill a plan: bring copies up, check them, clean up, prove it."""
    from muster.compile.drill import compile_drill
    from muster.plan.loader import find_plan, load_plan

    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    compile_drill(loaded.plan)
    asked = Asked(_known_point(recovery_point), reason, _a_duration(keep_for))
    faults = known_faults(fault or [], is_rehearsed=rehearse or world is not None)
    rehearsal = Rehearsal(world, speed, faults) if rehearse or world is not None else None
    raise typer.Exit(_run_or_rehearse(loaded, asked, rehearsal, direct=direct, as_json=as_json))


def _run_or_rehearse(
    loaded: LoadedPlan, asked: Asked, rehearsal: Rehearsal | None, *, direct: bool, as_json: bool
) -> int:
    """Drill where the settings say, or in a simulator that runs as long as the drill does."""
    checkout = checkout_of(loaded.path)
    environ = environment_for(loaded.plan.plan, os.environ)
    ready_to_open(settings_of(checkout, environ), loaded.plan.plan)
    if rehearsal is None:
        return _run(loaded, asked, checkout, environ, direct=direct, as_json=as_json)
    from muster.cli.engine import run_beside
    from muster.cli.output import say, tell
    from muster.cli.rehearsal import keeping_what_is_open, rehearsing, world_for

    world = rehearsal.world or world_for(loaded.plan.plan, checkout)
    judge(world, rehearsal.faults)
    with (
        rehearsing(world, checkout, environ, speed=rehearsal.speed, faults=rehearsal.faults) as it,
        keeping_what_is_open(it, checkout, loaded.plan.plan),
    ):
        (tell if as_json else say)(f"simulator: watch it at {it.page} while the drill runs")
        if direct:
            # A second Ctrl-C leaves that process at once; this one stays to stop the simulator.
            code = run_beside(_again(loaded.path, asked, as_json=as_json), it.environ)
        else:
            code = _run(loaded, asked, checkout, it.environ, direct=False, as_json=as_json)
    return code


def _again(path: Path, asked: Asked, *, as_json: bool) -> list[str]:
    args = ["drill", str(path), "--direct", "--reason", asked.reason]
    args += ["--recovery-point", asked.recovery_point] if asked.recovery_point else []
    args += ["--keep-for", asked.keep_for] if asked.keep_for else []
    return [*args, "--json"] if as_json else args


def _run(
    loaded: LoadedPlan,
    asked: Asked,
    checkout: Path,
    environ: Mapping[str, str],
    *,
    direct: bool,
    as_json: bool,
) -> int:
    from muster.cli.progress import open_show
    from muster.cli.summary import print_end

    run = _walk_here if direct else _run_flow
    with open_show(is_json=as_json) as show:
        folder, code = run(loaded, asked, checkout, environ, show)
    if folder is not None:
        print_end(folder, is_json=as_json)
    return code


def _run_flow(
    loaded: LoadedPlan, asked: Asked, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    from muster.cli.checkout import flows_in
    from muster.cli.engine import run_flow

    flows_in(checkout)
    args = ["drill", str(loaded.path.resolve()), "--reason", asked.reason]
    if asked.recovery_point:
        args += ["--recovery-point", asked.recovery_point]
    if asked.keep_for:
        args += ["--keep-for", asked.keep_for]
    end = run_flow(checkout, args, environ, show)
    if end.result is None:
        return None, end.exit_code
    return Path(end.result["folder"]), int(end.result["exit_code"])


def _walk_here(
    loaded: LoadedPlan, asked: Asked, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    import asyncio

    from muster.cli.checkout import settings_of
    from muster.plan.actions import Operation
    from muster.runs.drill import run_drill
    from muster.runs.request import RunRequest, new_run_id

    os.environ.update(environ)  # the credential reads its own variables there
    request = RunRequest(
        plan_path=loaded.path,
        operation=Operation.DRILL,
        run_id=new_run_id(loaded.plan.plan, Operation.DRILL),
        **requested(asked),
    )
    settings = settings_of(checkout)
    result = asyncio.run(run_drill(request, settings, watch=show.see, say=show.say))
    return result.folder, result.exit_code


def requested(asked: Asked) -> dict[str, Any]:
    """The fields of a RunRequest that a person fills in."""
    from muster.plan.durations import parse_duration

    return {
        "recovery_point": asked.recovery_point,
        "keep_for": parse_duration(asked.keep_for) if asked.keep_for else None,
        "reason": asked.reason,
    }


def _known_point(text: str | None) -> str | None:
    from typing import get_args

    from muster.plan.model import RecoveryPointChoice

    known = get_args(RecoveryPointChoice)
    if text is not None and text not in known:
        raise typer.BadParameter(
            f"{text!r} is none of {', '.join(known)}", param_hint="--recovery-point"
        )
    return text


def _a_duration(text: str | None) -> str | None:
    from pydantic_core import PydanticCustomError

    from muster.plan.durations import parse_duration

    if text is not None:
        try:
            parse_duration(text)
        except PydanticCustomError as err:
            raise typer.BadParameter(err.message(), param_hint="--keep-for") from None
    return text
