"""Answers from outside: dropped into the inbox of a run, whose owner journals what comes of
them.
"""

from __future__ import annotations

import os
from typing import Literal, get_args

from muster.clock import ScaledClock
from muster.errors import InputError
from muster.journal.chain import read_run
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
        InputError: It is no answer, or nobody's.
    """
    if answer not in get_args(Answer):
        known = ", ".join(get_args(Answer))
        raise InputError(
            f"'{answer}' is no answer", code="INPUT-008", hint=f"Answers are: {known}."
        )
    if by.strip().casefold() in {"", "you"}:
        raise InputError(
            "Nobody is named", code="INPUT-010", hint="Say who answers: --by you@example.com."
        )
    register_secrets_of(os.environ)
    store = DirectoryStore(settings.journal)
    message = {
        "kind": "release" if answer == "release" else "answer",
        "question": question,
        "answer": answer,
        "by": by,
        "via": via,
        "at": clock_of(store, run).now(),
        "comment": comment,
    }
    return drop(store, run, message)


def clock_of(store: DirectoryStore, run: str) -> ScaledClock:
    """The clock that a run goes by: a rehearsal's is not the one of the terminal beside it.

    Raises:
        RunNotFound: No such run.
    """
    clock = read_run(store, run)[0].data.get("clock") or {}
    return ScaledClock(float(clock.get("epoch", 0.0)), float(clock.get("speed", 1.0)))
