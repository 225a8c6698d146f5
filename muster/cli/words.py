"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

PlanName = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan's name, or the path of its file.")
]
RunId = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id; `muster status` lists them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value instead.")]


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
