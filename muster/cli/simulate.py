"""`muster simulate`: the simulator as a program of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.output import say
from muster.cli.words import example, new_app
from muster.errors import InputError

app = new_app()

Purpose = Annotated[
    str,
    typer.Option(
        "--for",
        metavar="PURPOSE",
        help="What simulator.env is for, such as disable: where the world's `clients` has an "
        "identity for that, it is written for that one.",
    ),
]


@app.command(
    **example(
        "muster simulate --world deployments/rehearsal/contoso.world.yaml --state .muster/world",
        "muster simulate --generate vms=1000,groups=10,vaults=3",
    )
)
def simulate(
    world: Annotated[Path | None, typer.Option(help="The world's file.")] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder for its state, its CA and simulator.env.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0)] = 0,
    speed: Annotated[float, typer.Option(help="How fast Azure time runs.", min=1, max=3600)] = 60,
    durations: Annotated[
        Path | None, typer.Option(help="How long things take, in place of what is shipped (YAML).")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Let something go wrong: a scenario's id like F19, or a fault file."),
    ] = None,
    purpose: Purpose = "",
    figures: Annotated[
        str | None,
        typer.Option(
            "--generate",
            metavar="FIGURES",
            help="Start nothing; write a world and its plans: vms=, groups=, vaults=, seed=, "
            "name=, range=.",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(help="Where --generate writes; a new folder named after the figures."),
    ] = None,
) -> None:
    """Start the simulator: Azure's dialect over HTTPS on this machine."""
    if figures is not None:
        named = {"--world": world, "--state": state, "--fault": fault, "--durations": durations}
        _generate_instead(figures, into, [name for name, value in named.items() if value])
        return
    if world is None or state is None:
        raise typer.BadParameter("both are needed", param_hint="--world and --state")
    if into is not None:
        raise typer.BadParameter("it says where --generate writes", param_hint="--into")
    _run(Asked(world, state, port, speed, tuple(fault or ()), durations, purpose))


@dataclass(frozen=True, slots=True)
class Asked:
    """A simulator as it is asked for."""

    world: Path
    state: Path
    port: int
    speed: float
    faults: tuple[str, ...]
    durations: Path | None
    purpose: str


def _run(asked: Asked) -> None:
    """Until somebody stops it. Raises: InputError."""
    import asyncio

    from muster.simulator.errors import SimulatorError

    try:
        asyncio.run(_serve(asked))
    except SimulatorError as err:
        raise InputError(
            str(err), code="SIM-001", hint="Mend what is named, then start it again."
        ) from err


def _generate_instead(figures: str, into: Path | None, besides: Sequence[str]) -> None:
    from muster.cli.generating import generate

    if besides:
        raise typer.BadParameter(
            f"it starts nothing, so {', '.join(besides)} cannot go with it",
            param_hint="--generate",
        )
    generate(figures, into)


async def _serve(asked: Asked) -> None:
    import asyncio
    import signal

    from muster.checks.probe import probe_digest
    from muster.simulator.faults.file import named
    from muster.simulator.serve import serve

    faults = named(asked.faults)
    until = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, until.set)
    # Only our own probe runs for real on this host; a user's scripts answer from the world's
    # table.
    await serve(
        asked.world,
        asked.state,
        asked.port,
        asked.speed,
        frozenset({probe_digest()}),
        say,
        until,
        faults=faults,
        durations=asked.durations,
        purpose=asked.purpose,
    )
