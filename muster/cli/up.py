"""`muster up`: everything on this machine, until Ctrl-C, which stops all of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from muster.cli.checkout import find_checkout, flows_in
from muster.cli.output import say
from muster.cli.words import example, new_app

if TYPE_CHECKING:
    from muster.cli.stack import Stack

app = new_app()


@app.command(**example("muster up", "muster up --port 4300"))
def up(
    port: Annotated[
        int, typer.Option(help="Where Prefect's UI listens, or the next free port.")
    ] = 4200,
    speed: Annotated[
        float, typer.Option(help="How fast Azure time runs in the simulators.", min=1, max=3600)
    ] = 60,
) -> None:
    """Start everything on this machine: Prefect, worker, simulators, deployments."""
    from muster.cli.stack import Stack, end_on_signals, only_one

    checkout = find_checkout()
    flows_in(checkout)
    with only_one(checkout), end_on_signals() as ended:
        stack = Stack(checkout, os.environ, port=port, speed=speed, say=say)
        try:
            stack.start(ended)
            if not ended.is_set():
                _announce(stack)
                stack.watch(ended)
        finally:
            say("stopping …")
            stack.stop()
    say("All that was started has ended.")


def _announce(stack: Stack) -> None:
    say("")
    say(f"  Prefect   {stack.prefect_url}")
    say(f"  Reports   {stack.reports_url}")
    for name, page in stack.simulator_pages.items():
        say(f"  Simulator of {name}: watch it at {page}")
    say("")
    say("Start a drill from the deployments' page of the first. Ctrl-C stops everything.")
