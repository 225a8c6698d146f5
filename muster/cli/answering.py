"""Answers from outside: dropped into the inbox of a run, whose owner journals what comes of
them.
"""

from __future__ import annotations

import os
from typing import Literal, get_args

from muster.errors import InputError
from muster.journal.inbox import drop
from muster.journal.scrub import register_secrets_of
from muster.journal.stores import DirectoryStore
from muster.settings import Settings

Answer = Literal["continue", "abort", "release"]
"""`continue` and `abort` answer a question; `release` ends a hold before its deadline."""


def answer_question(
    settings: Settings,
    run: str,
    *,
    question: str,
    answer: str,
    by: str,
    via: str,
    comment: str = "",
) -> str:
    """Leave an answer for the owner of a run.

    Returns:
        The message's name in the store.

    Raises:
        RunNotFound, RunClosed: Nobody would read it.
        InputError: It is no answer.
    """
    if answer not in get_args(Answer):
        known = ", ".join(get_args(Answer))
        raise InputError(
            f"'{answer}' is no answer", code="INPUT-008", hint=f"Answers are: {known}."
        )
    register_secrets_of(os.environ)
    message = {
        "kind": "release" if answer == "release" else "answer",
        "question": question,
        "answer": answer,
        "by": by,
        "via": via,
        "at": settings.clock.now(),
        "comment": comment,
    }
    return drop(DirectoryStore(settings.journal), run, message)
