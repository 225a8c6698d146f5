"""`muster simulate`: the simulator as a program of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from muster.cli.output import say
from muster.cli.words import example, new_app
from muster.errors import InputError

app = new_app()


@app.command(
    **example(
        "muster simulate --world deployments/rehearsal/contoso.world.yaml --state .muster/world"
    )
)
def simulate(
    world: Annotated[Path, typer.Option(help="The world's file.")],
    state: Annotated[Path, typer.Option(help="Folder for its state, its CA and simulator.env.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0)] = 0,
    speed: Annotated[float, typer.Option(help="How fast Azure time runs.", min=1, max=3600)] = 60,
    durations: Annotated[
        Path | None, typer.Option(help="How long things take, in place of what is shipped (YAML).")
    ] = None,
) -> None:
    """Start the simulator: Azure's dialect over HTTPS on this machine."""
    import asyncio

    from muster.simulator.errors import SimulatorError

    try:
        asyncio.run(_serve(world, state, port, speed, durations))
    except SimulatorError as err:
        raise InputError(
            str(err), code="SIM-001", hint="Mend what is named, then start it again."
        ) from err


async def _serve(
    world: Path, state: Path, port: int, speed: float, durations: Path | None
) -> None:
    import asyncio
    import signal

    from muster.checks.probe import probe_digest
    from muster.simulator.serve import serve

    until = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    # Only our own probe runs for real on this host; a user's scripts answer from the world's
    # table.
    trusted = frozenset({probe_digest()})
    await serve(world, state, port, speed, trusted, say, until, durations=durations)
