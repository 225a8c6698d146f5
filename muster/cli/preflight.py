"""`muster preflight`: whether a drill or a failover of a plan would work, looked at now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
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

if TYPE_CHECKING:
    from muster.plan.loader import LoadedPlan
    from muster.runs.preflight import Look
    from muster.steps.preflight_checks.judging import Judgement

app = new_app()


@app.command(
    **example("muster preflight contoso-erp --rehearse", "muster preflight erp --for failover")
)
def preflight(
    plan: PlanName,
    for_: Annotated[str, typer.Option("--for", help="drill or failover.")] = "drill",
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
    as_json: AsJson = False,
) -> None:
    """Judge whether a drill or a failover would work; nothing is sent."""
    from muster.plan.loader import find_plan, load_plan

    operation = _operation(for_)
    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    checkout = checkout_of(loaded.path)
    environ = environment_for(loaded.plan.plan, os.environ)
    with _place(loaded, checkout, environ, world, is_rehearsed=rehearse) as settled:
        look = _look(loaded, operation, checkout, settled)
    data = look.as_data()
    data["page"] = str(_write_page(data, page or _usual_page(checkout, look)))
    if as_json:
        print_json(data)
    else:
        _print(look, data["page"])
    raise typer.Exit(look.exit_code)


def _operation(text: str) -> Any:
    from muster.runs.preflight import OPERATIONS

    for operation in OPERATIONS:
        if operation.value == text:
            return operation
    known = " nor ".join(one.value for one in OPERATIONS)
    raise typer.BadParameter(f"{text!r} is neither {known}", param_hint="--for")


@contextmanager
def _place(
    loaded: LoadedPlan,
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
    from muster.cli.rehearsal import new_rehearsal, running, world_for

    chosen = world or world_for(loaded.plan.plan, checkout)
    with running(new_rehearsal(chosen, checkout, environ, speed=1), checkout) as rehearsal:
        yield rehearsal.environ


def _look(loaded: LoadedPlan, operation: Any, checkout: Path, environ: Mapping[str, str]) -> Look:
    import asyncio

    from muster.runs.preflight import run_preflight

    plan = loaded.plan
    with variables_set(environ):
        settings = settings_of(checkout)
        tell(
            f"Reading what a {operation.value} of {plan.plan} rests on: vault {plan.vault.name}, "
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


def _print(look: Look, page: str) -> None:
    from muster.report.preflight_page import headline
    from muster.runs.preflight import in_order

    data = look.as_data()
    word, sentence = headline(data)
    mark = " (SIMULATOR)" if look.target == "simulator" else ""
    say(f"{look.plan}: preflight for a {look.operation.value}{mark}: {word}. {sentence}")
    for one in in_order(look.judged):
        if one.verdict.word != "passed":
            _print_open(one, look.operation.value)
    say("")
    rows = [("area", "check", "result", "what has to hold")]
    by_area = sorted(look.judged, key=lambda one: (one.check.area.value, one.check.id))
    rows += [(o.check.area.value, o.check.id, o.verdict.word, o.check.title) for o in by_area]
    print_columns(rows)
    say(f"\n{look.usage.reads} reads in {look.took.total_seconds():.1f} s; page: {page}")


def _print_open(one: Judgement, operation: str) -> None:
    grave = f"stops a {operation}" if one.stops else "is told"
    say(f"\n{one.check.id} {one.check.title}: {one.verdict.word}; it {grave}")
    say(f"  why:    {one.verdict.why}")
    say(f"  remedy: {one.check.remedy}")
