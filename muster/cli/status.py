"""`muster status`: plans and the runs of this journal, or where one run stands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muster.cli.checkout import PLANS, environment_for, find_checkout, settings_of
from muster.cli.output import print_columns, print_json, say
from muster.cli.words import AsJson, example, new_app
from muster.errors import EXIT_AZURE, EXIT_BAD_INPUT, EXIT_FAILED, EXIT_OK

if TYPE_CHECKING:
    from muster.runs.overview import PlanStatus
    from muster.runs.status import RunLine

app = new_app()
OWN_CLOCK = "run's clock"
NEWEST = 3  # runs of each plan that are listed


@app.command(**example("muster status", "muster status contoso-erp-drill-0123456789ab --json"))
def status(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="A run's id.")] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask Azure nothing; show what is known here.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every run, not only the newest of each plan.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show plans and runs, or where one run stands.

    What is shown is verified; with --json, older runs have `is_verified` false. The exit code is 1
    where evidence that is shown does not hold, 2 where a plan does not load, and 3 where Azure was
    asked of a plan and did not tell.
    """
    from muster.journal.stores import DirectoryStore
    from muster.runs.status import run_overview, run_status, verified

    checkout = find_checkout()
    settings = settings_of(checkout, environment_for(run or "", os.environ))
    store = DirectoryStore(settings.journal)
    if run is not None:
        found = run_status(store, run)
        print_json(found) if as_json else _print_run(found)
        return
    from muster.cli.plans_status import plans_status

    plans, unreadable = plans_status(checkout, is_offline=offline)
    lines = run_overview(store)
    shown = verified(store, lines if every else newest_of_each(lines))
    if as_json:
        told = [one.as_data() for one in plans]
        journal = str(settings.journal)
        rows = [line.as_data() for line in _with(lines, shown)]
        print_json({"journal": journal, "plans": told, "unreadable": unreadable, "runs": rows})
    else:
        _print_plans(plans, unreadable)
        _print_runs(shown, len(lines)) if lines else say(f"No runs in {settings.journal}.")
    raise typer.Exit(exit_code_of(plans, unreadable, shown))


def exit_code_of(
    plans: Sequence[PlanStatus], unreadable: Sequence[str], shown: Sequence[RunLine]
) -> int:
    """The gravest of what is not as it should be; what a drill came to is none of it."""
    if any(one.is_broken for one in plans) or any(line.state == "broken" for line in shown):
        return EXIT_FAILED
    if unreadable:
        return EXIT_BAD_INPUT
    return EXIT_AZURE if any(one.is_silent for one in plans) else EXIT_OK


def _with(lines: Sequence[RunLine], shown: Sequence[RunLine]) -> list[RunLine]:
    """All lines, those that are shown as they were verified."""
    by_run = {line.run: line for line in shown}
    return [by_run.get(line.run, line) for line in lines]


def newest_of_each(lines: Sequence[RunLine]) -> list[RunLine]:
    """The newest runs of each plan, and every older one that did not come to its end."""
    newest = set()
    for plan in {line.plan for line in lines}:
        newest |= {line.run for line in [one for one in lines if one.plan == plan][-NEWEST:]}
    return [line for line in lines if line.run in newest or line.state != "closed"]


def _print_runs(lines: Sequence[RunLine], of_all: int) -> None:
    heading = ("run", "opened (UTC)", "target", "state", "outcome")
    print_columns([heading, *(_row(line) for line in lines)])
    for line in lines:
        if line.state == "open":
            say(
                f"{line.run} is open; where it stands, and how to go on:  muster status {line.run}"
            )
        elif line.state == "broken" and line.is_registered:
            say(f"{line.run} is broken; all that does not hold:  muster verify {line.run}")
    if any(line.is_by_own_clock for line in lines):
        say(f"{OWN_CLOCK}: by that of the run, which a rehearsal sets; its first event is unread")
    if older := of_all - len(lines):
        noun = "run is" if older == 1 else "runs are"
        say(f"{older} older {noun} neither shown nor verified; all of them:  muster status --all")


def _print_plans(plans: list[PlanStatus], unreadable: list[str]) -> None:
    from muster.cli.plans_status import rows_of, sentences_of

    if plans:
        print_columns(rows_of(plans))
    for one in plans:
        for sentence in sentences_of(one):
            say(f"{one.plan}: {sentence}")
    for file in unreadable:
        say(f"{file}: does not load; why, with line and remedy:  muster check {PLANS}/{file}")


def _row(line: RunLine) -> tuple[str, ...]:
    return (
        line.run,
        (line.opened_at[:19].replace("T", " ") or "--")
        + (f" ({OWN_CLOCK})" if line.is_by_own_clock else ""),
        line.target + (" (not evidence)" if line.marks else ""),
        line.state,
        line.outcome or line.note or "--",
    )


def _print_run(found: dict[str, Any]) -> None:
    mark = " (SIMULATOR)" if found["target"] == "simulator" else ""
    say(f"{found['run']}{mark}: {found['state']}, outcome {found['outcome'] or 'not yet'}")
    for mark_said in found["marks"]:
        say(mark_said)
    last = found["last_event"]
    say(f"opened {found['opened_at']}, last event {last['seq']} ({last['kind']}) at {last['at']}")
    for question in found["questions"]:
        say(f"waiting for an answer: {question.get('ask')}")
        say(f"  muster answer {found['run']} {question.get('question')} continue --by YOU")
    if found["hold"]:
        say(f"the copies are kept up until {found['hold']['until']}; to end that now:")
        say(f"  muster answer {found['run']} hold release --by YOU")
    for refused in found["not_followed"]:
        say(f"{refused['at'][:19].replace('T', ' ')}  {refused['text']}")
    if found["leftovers"]:
        say("left over: " + ", ".join(found["leftovers"]))
    say("")
    rows = [("step", "status", "why")]
    rows += [(step["id"], step["status"], _why(step)) for step in found["steps"]]
    print_columns(rows)
    if found["state"] == "open":
        say(f"\nIf its process is gone:  {_go_on(found)}")


def _go_on(found: dict[str, Any]) -> str:
    """A drill is cleaned up after; a replication is gone on with, where it was rehearsed too."""
    from muster.cli.kept_worlds import is_kept
    from muster.plan.actions import Operation
    from muster.runs.stopping import GOES_ON, go_on_command, same_command

    cleanup = go_on_command(found["run"])
    if found["operation"] not in GOES_ON:
        return cleanup
    rehearsed = is_kept(found["run"], find_checkout(), os.environ)
    again = same_command(found["plan"], Operation(found["operation"]), is_rehearsed=rehearsed)
    return f"{again} goes on with it, {cleanup} only closes it"


def _why(step: dict[str, Any]) -> str:
    error = step["error"]
    return f"[{error['code']}] {error['message']}" if error else str(step["why"])
