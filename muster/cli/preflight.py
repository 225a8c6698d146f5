"""`muster preflight`: whether a drill, failover or replication of a plan would work now."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import (
    PLANS,
    checkout_of,
    environment_for,
    find_checkout,
    settings_of,
    variables_set,
)
from muster.cli.output import OutputLost, print_columns, print_json, say, tell
from muster.cli.words import AsJson, PlanName, example, new_app
from muster.errors import InputError

if TYPE_CHECKING:
    from muster.plan.loader import LoadedPlan
    from muster.report.preflight_groups import Unread
    from muster.runs.preflight import Look

app = new_app()
_MEANT = {
    "disaster": "failover",
    "recovery": "failover",
    "test": "drill",
    "rehearsal": "drill",
    "replication": "replicate",
    "protect": "replicate",
    "protection": "replicate",
}
"""What people call the operations, who do not find their words in ours."""


@app.command(
    **example("muster preflight contoso-erp --rehearse", "muster preflight erp --for replicate")
)
def preflight(
    plan: PlanName,
    for_: Annotated[str, typer.Option("--for", help="drill, failover or replicate.")] = "drill",
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Look at this plan's world in the simulator.")
    ] = False,
    world: Annotated[
        Path | None, typer.Option(help="The world to look at, instead of the plan's own.")
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(help="Where the HTML page goes; .muster/preflight/ otherwise."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Show every check, not only what did not pass.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge whether a drill, a failover or a replication would work; nothing is sent."""
    from muster.plan.loader import find_plan, load_plan

    operation = _operation(for_)
    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    checkout = checkout_of(loaded.path)
    environ = environment_for(loaded.plan.plan, os.environ)
    with _place(loaded, operation, checkout, environ, world, is_rehearsed=rehearse) as settled:
        look = _look(loaded, operation, checkout, settled)
    again = again_command(look, world, is_rehearsed=rehearse)
    _show(look, page or _usual_page(checkout, look), again, every=every, as_json=as_json)
    raise typer.Exit(look.exit_code)


def again_command(look: Look, world: Path | None, *, is_rehearsed: bool) -> str:
    """The command that looks once more at the same, with every check shown."""
    from muster.plan.actions import Operation

    words = ["muster preflight", shlex.quote(look.plan), "--all"]
    if look.operation is not Operation.DRILL:
        words += ["--for", look.operation.value]
    words += ["--rehearse"] if is_rehearsed else []
    words += ["--world", shlex.quote(str(world))] if world else []
    return " ".join(words)


def _show(look: Look, page: Path, again: str, *, every: bool, as_json: bool) -> None:
    """Write the page and say the verdict, which a page that cannot be written does not take away.

    Raises:
        OutputLost: The page could not be written; everything else was said before.
    """
    data, lost = look.as_data() | {"page": None}, None
    try:
        data["page"] = str(_write_page(data, page))
    except OutputLost as err:
        lost = err
    if as_json:
        print_json(data)
    else:
        _print(look, data, again, every=every)
    if lost is not None:
        raise lost


def _operation(text: str) -> Any:
    from muster.runs.preflight import OPERATIONS

    for operation in OPERATIONS:
        if operation.value == text:
            return operation
    known = [one.value for one in OPERATIONS]
    close = [_MEANT[text]] if text in _MEANT else get_close_matches(text, known, n=1)
    mean = f" (did you mean {close[0]}?)" if close else ""
    raise InputError(
        f"--for: {text!r} is nothing that a preflight is made for{mean}",
        code="INPUT-034",
        hint=f"Say --for {' or --for '.join(known)}.",
    )


@contextmanager
def _place(
    loaded: LoadedPlan,
    operation: Any,
    checkout: Path,
    environ: Mapping[str, str],
    world: Path | None,
    *,
    is_rehearsed: bool,
) -> Iterator[Mapping[str, str]]:
    """The variables that lead to Azure, or to a simulator that runs while inside."""
    if not is_rehearsed and world is None:
        yield environ
        return
    from muster.cli.rehearsal import new_rehearsal, running, unset_world_for, world_for
    from muster.plan.actions import Operation

    # A replication begins where nothing is set up, as `muster replicate --rehearse` does.
    own_world = unset_world_for if operation is Operation.REPLICATE else world_for
    chosen = world or own_world(loaded.plan.plan, checkout)
    with running(
        new_rehearsal(chosen, checkout, environ, speed=1, purpose=operation.value), checkout
    ) as rehearsal:
        yield rehearsal.environ


def _look(loaded: LoadedPlan, operation: Any, checkout: Path, environ: Mapping[str, str]) -> Look:
    import asyncio

    from muster.runs.preflight import run_preflight

    plan = loaded.plan
    with variables_set(environ):
        settings = settings_of(checkout)
        settings.subscription_or_error(plan.source.subscription)  # before anything is announced
        tell(
            f"Reading what a {operation.noun} of {plan.plan} rests on: vault {plan.vault.name}, "
            f"{len(plan.all_vms)} VMs, source and target …"
        )
        return asyncio.run(run_preflight(loaded, operation, settings))


def _usual_page(checkout: Path, look: Look) -> Path:
    return checkout / ".muster" / "preflight" / f"{look.plan}-{look.operation.value}.html"


def _write_page(data: Mapping[str, Any], file: Path) -> Path:
    from muster.report.preflight_page import render_preflight

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render_preflight(data), encoding="utf-8")
    except OSError as err:
        raise OutputLost(f"The page {file} cannot be written: {err.strerror}") from err
    return file


def _print(look: Look, data: Mapping[str, Any], again: str, *, every: bool) -> None:
    """What did not pass, causes first; what passed summed up, or with `every` as a table."""
    from muster.plan.actions import Operation
    from muster.report.preflight_groups import areas_of, in_causes
    from muster.report.preflight_page import headline

    operation, checks = look.operation.value, data["checks"]
    word, sentence = headline(data)
    mark = " (SIMULATOR)" if look.target == "simulator" else ""
    say(f"{look.plan}: preflight for a {Operation(operation).noun}{mark}: {word}. {sentence}")
    single, groups = in_causes(checks)
    for one in single:
        _print_open(one, operation)
    for group in groups:
        _print_group(group, operation)
    say("")
    if every:
        by_area = sorted(checks, key=lambda one: (one["area"].casefold(), one["id"]))
        rows = [(o["area"], o["id"], o["verdict"], o["title"]) for o in by_area]
        print_columns([("area", "check", "result", "what has to hold"), *rows])
    else:
        passed = [(area, f"{good} of {count}") for area, good, count in areas_of(checks)]
        print_columns([("area", "passed"), *passed])
        say(f"\nEvery check with its result:  {again}")
    page = f"page: {data['page']}" if data["page"] else "no page was written"
    say(f"\n{look.usage.reads} reads in {look.took.total_seconds():.1f} s; {page}")


def _print_open(one: Mapping[str, Any], operation: str) -> None:
    from muster.plan.actions import Operation

    does = (
        f"it stops a {Operation(operation).noun}"
        if one["severity"] == "stops"
        else "it stops nothing"
    )
    say(f"\n{one['id']} {one['title']}: {one['verdict']}; {does}")
    say(f"  why:    {one['why']}")
    say(f"  remedy: {one['remedy']}")


def _print_group(group: Unread, operation: str) -> None:
    say(f"\n{len(group.ids)} checks {group.what}: {group.why}; {group.stops(operation)}")
    say(fill(", ".join(group.ids), 100, initial_indent="  ", subsequent_indent="  "))
    say(f"  remedy: {group.remedy}")
