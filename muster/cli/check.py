"""`muster check`: read plans, report every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from muster.cli.checkout import PLANS, find_checkout
from muster.cli.output import print_json, say, tell
from muster.cli.words import AsJson, example, new_app
from muster.errors import EXIT_BAD_INPUT, InputError, Problem

if TYPE_CHECKING:
    from muster.plan.loader import Reading

app = new_app()
NOT_DRILLED = "PLAN-115"
"""The warning that a plan can be replicated and not drilled."""


@app.command(**example("muster check", "muster check contoso-erp --json"))
def check(
    plans: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLAN...", help="Names or paths; all plans of the checkout otherwise."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read recovery plans and name every mistake."""
    results = [(path, *_checked(path)) for path in _paths(plans or [])]
    if as_json:
        print_json(
            {"plans": [_as_data(path, reading, cannot) for path, reading, cannot in results]}
        )
    else:
        for path, reading, cannot in results:
            _print(path, reading, cannot)
    if any(reading.loaded is None or cannot for _, reading, cannot in results):
        raise typer.Exit(EXIT_BAD_INPUT)


def _paths(named: list[str]) -> list[Path]:
    from muster.plan.loader import find_plan

    folder = find_checkout() / PLANS
    if named:
        return [_shortest(find_plan(name, folder)) for name in named]
    found = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
    if not found:
        raise InputError(
            f"there are no recovery plans in {folder}",
            code="INPUT-005",
            hint="Name a plan's file.",
        )
    return [_shortest(path) for path in found]


def _shortest(path: Path) -> Path:
    """Relative to the current folder where that is possible: what an editor can jump to."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def _checked(path: Path) -> tuple[Reading, InputError | None]:
    """What reading says, and why a plan that reads well cannot be drilled, if so.

    A plan that a warning says this of already is one for `muster replicate`: nothing is wrong.
    """
    from muster.compile.drill import compile_drill
    from muster.plan.loader import read_plan

    reading = _with_shared(path, read_plan(path))
    if reading.loaded is None or any(one.code == NOT_DRILLED for one in reading.warnings):
        return reading, None
    try:
        compile_drill(reading.loaded.plan)
    except InputError as err:
        return reading, err
    return reading, None


def _with_shared(path: Path, reading: Reading) -> Reading:
    """With a warning for each VM that a plan beside names for the same vault."""
    from muster.runs.shared_vms import shared_vms

    if reading.loaded is None:
        return reading
    shared = shared_vms(reading.loaded, str(path))
    return reading._replace(warnings=(*reading.warnings, *shared))


def _print(path: Path, reading: Reading, cannot: InputError | None) -> None:
    for problem in (*reading.problems, *reading.warnings):
        is_warning = problem in reading.warnings
        tell(f"{problem} (warning)" if is_warning else str(problem))
    if cannot is not None:
        tell(str(_as_problem(path, cannot)))
    if reading.loaded is not None and cannot is None:
        plan = reading.loaded.plan
        say(
            f"{path}: ok, {_counted(len(plan.groups), 'group')}, "
            f"{_counted(len(plan.all_vms), 'VM')}, "
            f"{reading.loaded.digest[:19]}…"
        )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _as_problem(path: Path, err: InputError) -> Problem:
    from muster.plan.where import line_of

    key = getattr(err, "key", None)
    line = line_of(path, key) if key else 1
    return Problem(str(path), line, err.shown_code, err.message, err.shown_hint)


def _as_data(path: Path, reading: Reading, cannot: InputError | None) -> dict[str, object]:
    problems = [*reading.problems, *([_as_problem(path, cannot)] if cannot else [])]
    return {
        "file": str(path),
        "ok": not problems,
        "digest": reading.loaded.digest if reading.loaded else None,
        "problems": [problem.as_data() for problem in problems],
        "warnings": [warning.as_data() for warning in reading.warnings],
    }
