"""The model's complaints as sentences: what is wanted, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError

from muster.simulator.worlds.facts import Facts
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.model import WorldFacts

_WANTED = {
    "missing": "it is missing",
    "string_type": "a text is wanted; what looks like a number or a truth value goes in quotes",
    "int_type": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_type": "a number is wanted",
    "bool_type": "true or false is wanted",
    "tuple_type": "a list is wanted",
    "dict_type": "a mapping is wanted: keys with values",
    "model_type": "a mapping is wanted: keys with values",
    "too_short": "it is empty, and may not be",
}
"""Kinds of pydantic's errors whose own words are those of programmers."""


def told(err: ValidationError, whole: type[Facts] = WorldFacts) -> Iterator[tuple[Loc, str]]:
    """A sentence for each place; where one of several forms would do, what each of them lacks.

    `whole` is what the file states: it knows which keys there are.
    """
    said: dict[Loc, list[str]] = {}
    for each in err.errors(include_url=False, include_input=False):
        # Parts with a bracket name the form of a union that was tried, not a place in the file.
        loc = tuple(part for part in each["loc"] if "[" not in str(part))
        sentence = _sentence(str(each["type"]), loc, each["msg"], whole)
        if sentence not in (sentences := said.setdefault(loc, [])):
            sentences.append(sentence)
    for loc, sentences in said.items():
        is_above = any(each[: len(loc)] == loc != each for each in said)
        if is_above and sentences == [_WANTED["too_short"]]:
            continue  # it seems empty because what is in it is wrong
        where = f"{'.'.join(map(str, loc))}: " if loc else ""
        yield loc, f"{where}{'; or: '.join(sentences)}"


def _sentence(kind: str, loc: Loc, words: str, whole: type[Facts]) -> str:
    if kind == "extra_forbidden":
        known = keys_at(loc[:-1], whole)
        close = get_close_matches(str(loc[-1]), known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
        return f"there is no such key; {hint}"
    return _WANTED.get(kind, words.removeprefix("Value error, "))


def keys_at(loc: Loc, whole: type[Facts] = WorldFacts) -> list[str]:
    """The keys that a mapping at a place of a file may have; none where any will do."""
    facts: type[Facts] | None = whole
    for step in loc:
        if facts is None:
            return []
        if isinstance(step, int):
            continue
        by_key = {field.alias or name: field for name, field in facts.model_fields.items()}
        if step in by_key:  # else it is a name that the file makes up, as in `roles`
            facts = _facts_in(by_key[step].annotation)
    return (
        sorted(field.alias or name for name, field in facts.model_fields.items()) if facts else []
    )


def _facts_in(annotation: Any) -> type[Facts] | None:
    """The kind of facts that a field holds, be it in a list or by name."""
    if isinstance(annotation, type) and issubclass(annotation, Facts):
        return annotation
    return next((found for each in get_args(annotation) if (found := _facts_in(each))), None)
