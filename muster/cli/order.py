"""A run that somebody asked for at the command line, whatever its operation: walked here, or sent
to its Prefect flow; against Azure, or in a rehearsal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muster.cli.checkout import checkout_of, environment_for, ready_to_open, settings_of

if TYPE_CHECKING:
    from muster.cli.progress import Show
    from muster.cli.staging import Stage
    from muster.plan.actions import Operation
    from muster.plan.loader import LoadedPlan
    from muster.runs.request import RunRequest
    from muster.runs.result import RunResult
    from muster.settings import Settings

    Walk = Callable[[RunRequest, Settings, Show], Coroutine[Any, Any, RunResult]]


@dataclass(frozen=True, slots=True)
class Order:
    """What the person asked for."""

    command: tuple[str, ...]  # behind `muster`
    loaded: LoadedPlan
    operation: Operation
    walk: Walk  # the run itself, without Prefect
    fields: Mapping[str, Any]  # of the RunRequest: what the person chose
    options: tuple[str, ...]  # the same as words; the command and the flow know the same ones
    is_direct: bool
    is_json: bool
    goes_on: bool = False  # whether a run of this operation that was left open is gone on with

    @property
    def plan(self) -> str:
        return self.loaded.plan.plan

    def again(self) -> list[str]:
        """The words behind `muster` that walk this once more, in another process."""
        words = [*self.command, str(self.loaded.path.resolve()), "--direct", *self.options]
        return [*words, "--json"] if self.is_json else words

    def for_flow(self) -> list[str]:
        """The words behind `python -m flows.run`."""
        return [self.operation.value, str(self.loaded.path.resolve()), *self.options]


def options_of(chosen: Mapping[str, str | None]) -> tuple[str, ...]:
    """Options by name as words of a command line; what was not chosen is left out."""
    return tuple(word for name, value in chosen.items() if value for word in (name, value))


def carry_out(order: Order, stage: Stage | None) -> int:
    """Run it where the settings say, or in a simulator that runs as long as the run does.

    Returns:
        The exit code.

    Raises:
        MusterError: Nothing was sent.
    """
    checkout = checkout_of(order.loaded.path)
    environ = environment_for(order.plan, os.environ)
    going_on = order.operation if order.goes_on else None
    ready_to_open(settings_of(checkout, environ), order.plan, going_on=going_on)
    if stage is None:
        return _run(order, checkout, environ)
    from muster.cli.engine import run_beside
    from muster.cli.output import say, tell
    from muster.cli.staging import staged

    with staged(stage, order.plan, order.operation, checkout, environ) as rehearsal:
        what = "the drill" if order.operation.value == "drill" else "it"
        words = f"simulator: watch it at {rehearsal.page} while {what} runs"
        (tell if order.is_json else say)(words)
        if order.is_direct:
            # A second Ctrl-C leaves that process at once; this one stays to stop the simulator.
            return run_beside(order.again(), rehearsal.environ)
        return _run(order, checkout, rehearsal.environ)


def _run(order: Order, checkout: Path, environ: Mapping[str, str]) -> int:
    from muster.cli.progress import open_show
    from muster.cli.summary import print_end

    run = _walked_here if order.is_direct else _sent_to_prefect
    with open_show(is_json=order.is_json) as show:
        folder, code = run(order, checkout, environ, show)
    if folder is not None:
        print_end(folder, is_json=order.is_json)
    return code


def _sent_to_prefect(
    order: Order, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    from muster.cli.checkout import flows_in
    from muster.cli.engine import run_flow

    flows_in(checkout)
    end = run_flow(checkout, order.for_flow(), environ, show)
    if end.result is None:
        return None, end.exit_code
    return Path(end.result["folder"]), int(end.result["exit_code"])


def _walked_here(
    order: Order, checkout: Path, environ: Mapping[str, str], show: Show
) -> tuple[Path | None, int]:
    import asyncio

    from muster.runs.request import RunRequest, new_run_id

    os.environ.update(environ)  # the credential reads its own variables there
    request = RunRequest(
        plan_path=order.loaded.path,
        operation=order.operation,
        run_id=new_run_id(order.plan, order.operation),
        **order.fields,
    )
    result = asyncio.run(order.walk(request, settings_of(checkout), show))
    return result.folder, result.exit_code
