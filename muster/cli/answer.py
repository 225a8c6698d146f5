"""`muster answer`: answer a question that a run is waiting with."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from muster.cli.checkout import environment_for, find_checkout, settings_of
from muster.cli.output import say
from muster.cli.words import RunId, example, new_app

app = new_app()


@app.command(
    **example(
        "muster answer fabrikam-shop-drill-0123456789ab action:orders-api.after.1 abort --by ana"
    )
)
def answer(
    run: RunId,
    question: Annotated[
        str,
        typer.Argument(
            metavar="QUESTION", help="The question's id, as `muster status RUN` shows it."
        ),
    ],
    answer: Annotated[
        str, typer.Argument(metavar="ANSWER", help="continue, abort, or release (ends a hold).")
    ],
    by: Annotated[str, typer.Option(help="Who answers: a claim, recorded as such.")],
    comment: Annotated[str, typer.Option(help="Goes into the record.")] = "",
) -> None:
    """Answer a question that a run is waiting with."""
    from muster.cli.answering import answer_question

    settings = settings_of(find_checkout(), environment_for(run, os.environ))
    answer_question(
        settings, run, question=question, answer=answer, by=by, via="cli", comment=comment
    )
    say(
        f"{answer} by {by} lies in the inbox of {run}; "
        f"`muster status {run}` shows what comes of it."
    )
