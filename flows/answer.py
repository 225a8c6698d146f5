"""Entrypoint `answer`: a form to answer a question that a run is waiting with."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import flow
from prefect.states import Completed
from pydantic import Field

from flows.environment import settings_for
from flows.states import state_of_refusal
from muster.cli.answering import Answer, answer_question
from muster.errors import MusterError


@flow(
    name="muster: answer",
    flow_run_name="answer {question}: {answer}",
    persist_result=False,
    retries=0,
)
async def answer(
    run: Annotated[str, Field(min_length=3)],
    question: Annotated[str, Field(min_length=1)],
    answer: Answer,
    by: Annotated[str, Field(min_length=2)],
    comment: str = "",
) -> Any:
    """Drop an answer into a run's inbox; the run itself journals what comes of it.

    Args:
        run: The run's id. Its flow run bears it as name.
        question: The question's id, as the run's table and `muster status RUN` show it.
        answer: What to do. `release` ends a hold before its deadline.
        by: Your name or e-mail. A claim, recorded as such.
        comment: Goes into the record.
    """
    try:
        answer_question(
            settings_for(run),
            run,
            question=question,
            answer=answer,
            by=by,
            via="prefect ui",
            comment=comment,
        )
    except MusterError as err:
        return state_of_refusal(err)
    return Completed(message=f"{answer!r} by {by} lies in the inbox of {run}")
