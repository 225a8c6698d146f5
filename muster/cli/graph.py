"""`muster graph`: what a plan is compiled to, as Mermaid or SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from muster.cli.checkout import PLANS, find_checkout
from muster.cli.output import say
from muster.cli.words import PlanName, example, new_app

if TYPE_CHECKING:
    from muster.plan.actions import Operation

app = new_app()


@app.command(**example("muster graph contoso-erp", "muster graph contoso-erp --svg drill.svg"))
def graph(
    plan: PlanName,
    operation: Annotated[
        str,
        typer.Option(help="drill, replicate, disable or cleanup: what the plan is compiled for."),
    ] = "drill",
    svg: Annotated[
        Path | None, typer.Option(help="Write a picture to this file instead of printing Mermaid.")
    ] = None,
) -> None:
    """Draw what a plan is compiled to."""
    from muster.compile.draw import layered_svg, mermaid
    from muster.compile.operations import compile_plan
    from muster.plan.loader import find_plan, load_plan

    loaded = load_plan(find_plan(plan, find_checkout() / PLANS))
    compiled = compile_plan(loaded.plan, _operation(operation))
    if svg is None:
        say(mermaid(compiled, loaded.plan).rstrip())
        return
    svg.write_text(layered_svg(compiled, loaded.plan), encoding="utf-8")
    say(f"{svg}: {len(list(compiled))} steps")


def _operation(text: str) -> Operation:
    from muster.plan.actions import Operation

    try:
        return Operation(text)
    except ValueError:
        known = ", ".join(operation.value for operation in Operation)
        raise typer.BadParameter(
            f"{text!r} is none of {known}", param_hint="--operation"
        ) from None
