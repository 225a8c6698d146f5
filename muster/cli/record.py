"""`muster record`: keep what Azure answers, sanitised, for everybody to learn from."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.output import say
from muster.cli.words import example, new_app
from muster.errors import InputError

app = new_app()


@app.command(
    **example(
        "muster record recordings -- drill contoso-erp --direct",
        "muster record recordings --first-contact recovery_plans/one-vm.yaml",
    ),
)
def record(
    folder: Annotated[Path, typer.Argument(help="Where the samples go; made if need be.")],
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND ...]", help="A muster command to run and record."),
    ] = None,
    first_contact: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN", help="Drill this plan of one VM, and ask what nobody has recorded."
        ),
    ] = None,
    keep_raw: Annotated[
        bool, typer.Option("--keep-raw", help="Keep the unsanitised files too, in raw/.")
    ] = False,
) -> None:
    """Record what Azure answers to a command, sanitised of names, ids and secrets."""
    if bool(command) == bool(first_contact):
        raise InputError(
            "Nothing to record was named, or two things",
            code="REC-004",
            hint="Either `-- COMMAND …`, or `--first-contact PLAN`.",
        )
    target = folder.resolve()
    code = _first_contact(first_contact, target) if first_contact else _command(command, target)
    _sanitise(target, keep_raw=keep_raw)
    raise typer.Exit(code)


def _command(command: list[str] | None, folder: Path) -> int:
    from muster.cli.engine import run_beside

    return run_beside(list(command or ()), {**os.environ, "MUSTER_RECORD": str(folder)})


def _first_contact(name: str, folder: Path) -> int:
    import asyncio

    from muster.cli.checkout import PLANS, checkout_of, environment_for, find_checkout, settings_of
    from muster.cli.progress import PlainShow
    from muster.cli.summary import print_end
    from muster.plan.actions import Operation
    from muster.plan.loader import find_plan, load_plan
    from muster.runs.first_contact import first_contact
    from muster.runs.request import RunRequest, new_run_id

    loaded = load_plan(find_plan(name, find_checkout() / PLANS))
    plan, checkout = loaded.plan.plan, checkout_of(loaded.path)
    os.environ.update(environment_for(plan, os.environ))
    request = RunRequest(
        plan_path=loaded.path,
        operation=Operation.DRILL,
        run_id=new_run_id(plan, Operation.DRILL),
        reason="first contact",
    )
    show = PlainShow(sys.stdout)
    result = asyncio.run(
        first_contact(request, settings_of(checkout), folder, watch=show.see, say=show.say)
    )
    print_end(result.folder, is_json=False)
    return result.exit_code


def _sanitise(folder: Path, *, keep_raw: bool) -> None:
    from muster.runs.recordings import sanitise_folder

    written = sanitise_folder(folder, keep_raw=keep_raw)
    say(f"{len(written)} answers kept, sanitised, in {written[0].parent}")
    say("Look through them before you give them to anybody.")
