"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

PlanName = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan's name, or the path of its file.")
]
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id; `muster status` lists them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value instead.")]
Direct = Annotated[
    bool, typer.Option("--direct", help="Walk without Prefect: break-glass, same steps.")
]
Reason = Annotated[str, typer.Option(help="Why now; goes into the record.")]
STARTED_BY_HAND = "started by hand"
"""The reason of a run for which nobody gave one."""
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Start the simulator with this plan's world first.")
]
World = Annotated[
    Path | None, typer.Option(help="The world to rehearse in, instead of the plan's own.")
]
Speed = Annotated[
    float, typer.Option(help="How fast Azure time runs in a rehearsal.", min=1, max=3600)
]
SPEED = 60
"""How fast it runs where nobody says."""


def new_app() -> typer.Typer:
    """A command line of one command: plain help, no tracebacks of its own, no completion."""
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def example(*lines: str) -> dict[str, Any]:
    """Keyword arguments that put an example under a command's help."""
    return {"epilog": "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)}
