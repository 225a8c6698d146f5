"""`muster replicate`: have a plan's VMs replicated, as its source is; or end that."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from muster.cli.checkout import PLANS, checkout_of, environment_for, find_checkout, settings_of
from muster.cli.words import AsJson, PlanName, example, new_app

if TYPE_CHECKING:
    from muster.cli.progress import Show
    from muster.plan.actions import Operation
    from muster.plan.loader import LoadedPlan

app = new_app()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked for besides the plan."""

    is_disabling: bool
    confirmed: str
    reason: str

    @property
    def operation(self) -> Operation:
        from muster.plan.actions import Operation

        return Operation.DISABLE if self.is_disabling else Operation.REPLICATE

    def args(self, path: Path) -> list[str]:
        """The same, as arguments behind the name of a command of `flows.run`."""
        args = [str(path.resolve()), "--reason", self.reason]
        return [*args, "--confirm", self.confirmed] if self.is_disabling else args


@dataclass(frozen=True, slots=True)
class How:
    """In which way it is done and told."""

    direct: bool
    plan_only: bool
    as_json: bool


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
    direct: Annotated[
        bool, typer.Option("--direct", help="Walk without Prefect: break-glass, same steps.")
    ] = False,
    reason: Annotated[
        str, typer.Option(help="Why now; goes into the record.")
    ] = "started by hand",
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="Start the simulator first, with nothing set up in it."),
    ] = False,
    world: Annotated[
        Path | None, typer.Option(help="The world to rehearse in, instead of the plan's own.")
    ] = None,
    speed: Annotated[
        float, typer.Option(help="How fast Azure time runs in a rehearsal.", min=1, max=3600)
    ] = 60,
    as_json: AsJson = False,
) -> None:
    """Replicate a plan's VMs to their target region; a run that was left open goes on."""
    from muster.plan.loader import find_plan, load_plan

    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    asked = Asked(disable, confirm or _typed(loaded, is_asked=disable and not plan_only), reason)
    _require_confirmed(loaded, asked, plan_only=plan_only)
    how = How(direct, plan_only, as_json)
    if not rehearse and world is None:
        checkout = checkout_of(loaded.path)
        environ = environment_for(loaded.plan.plan, os.environ)
        raise typer.Exit(_run(loaded, asked, how, checkout, environ))
    raise typer.Exit(_rehearse(loaded, asked, how, world, speed))


def _typed(loaded: LoadedPlan, *, is_asked: bool) -> str:
    """What the person at the terminal types to confirm; nothing where nobody sits there."""
    if not (is_asked and sys.stdin.isatty()):
        return ""
    from muster.steps.replicating.disable import confirmation_for

    sentence = confirmation_for(loaded.plan.plan)
    said: str = typer.prompt(
        f'This removes the protection of every VM of the plan. Type "{sentence}" to go on'
    )
    return said.strip()


def _require_confirmed(loaded: LoadedPlan, asked: Asked, *, plan_only: bool) -> None:
    from muster.runs.replicate import require_confirmed

    if not plan_only:
        require_confirmed(asked.operation, asked.confirmed, loaded.plan)


def _rehearse(loaded: LoadedPlan, asked: Asked, how: How, world: Path | None, speed: float) -> int:
    """In a simulator that runs as long as the command does; in the one of the run that was left
    open, if it was rehearsed too.
    """
    from muster.cli.rehearsal import (
        going_on,
        is_kept,
        keeping_what_is_open,
        rehearsing,
        unset_world_for,
    )

    checkout = checkout_of(loaded.path)
    environ = environment_for(loaded.plan.plan, os.environ)
    left = _left_open(loaded, asked, checkout, environ)
    if left is not None and is_kept(left, checkout, environ):
        with going_on(left, checkout, environ) as there:
            return _run(loaded, asked, how, checkout, there)
    found = world or unset_world_for(loaded.plan.plan, checkout)
    with (
        rehearsing(found, checkout, environ, speed=speed) as it,
        keeping_what_is_open(it, checkout, loaded.plan.plan),
    ):
        return _run(loaded, asked, how, checkout, it.environ)


def _left_open(
    loaded: LoadedPlan, asked: Asked, checkout: Path, environ: Mapping[str, str]
) -> str | None:
    from muster.journal.stores import DirectoryStore
    from muster.runs.unfinished import unfinished_run

    store = DirectoryStore(settings_of(checkout, environ).journal)
    left = unfinished_run(store, loaded.plan.plan, asked.operation)
    return left.state.run if left else None


def _run(
    loaded: LoadedPlan, asked: Asked, how: How, checkout: Path, environ: Mapping[str, str]
) -> int:
    if how.plan_only:
        from muster.cli.release_plan import show_release
        from muster.cli.replicate_plan import show_plan

        os.environ.update(environ)  # the credential reads its own variables there
        shows = show_release if asked.is_disabling else show_plan
        return shows(loaded, settings_of(checkout), is_json=how.as_json)
    from muster.cli.checkout import ready_to_open
    from muster.cli.progress import open_show
    from muster.cli.summary import print_end

    ready_to_open(settings_of(checkout, environ), loaded.plan.plan, going_on=asked.operation)
    run = _walk_here if how.direct else _run_flow
    with open_show(is_json=how.as_json) as show:
        folder, code = run(loaded, asked, checkout, environ, show)
    if folder is not None:
        print_end(folder, is_json=how.as_json)
    return code


def _run_flow(
    loaded: LoadedPlan, asked: Asked, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    from muster.cli.checkout import flows_in
    from muster.cli.engine import run_flow

    flows_in(checkout)
    end = run_flow(checkout, [asked.operation.value, *asked.args(loaded.path)], environ, show)
    if end.result is None:
        return None, end.exit_code
    return Path(end.result["folder"]), int(end.result["exit_code"])


def _walk_here(
    loaded: LoadedPlan, asked: Asked, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    import asyncio

    from muster.runs.replicate import run_replicate
    from muster.runs.request import RunRequest, new_run_id
    from muster.steps.replicating.deciding import decide

    os.environ.update(environ)  # the credential reads its own variables there
    request = RunRequest(
        plan_path=loaded.path,
        operation=asked.operation,
        run_id=new_run_id(loaded.plan.plan, asked.operation),
        confirmed=asked.confirmed,
        reason=asked.reason,
    )
    result = asyncio.run(
        run_replicate(request, settings_of(checkout), decide=decide, watch=show.see, say=show.say)
    )
    return result.folder, result.exit_code
