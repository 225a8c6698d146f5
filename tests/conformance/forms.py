"""The form of one value as the catalogue writes it, and whether a value fits a form.

A form is a word of this file (`guid`, `text`, `time, 7 digits, Z` …), the pattern of an ARM id or
address, or one of Azure's own words in quotes: `'Succeeded'`. ` | ` stands between alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tests.conformance.id_patterns import GUID, alike, id_pattern, is_id, is_url, url_pattern

SENTINELS = frozenset(
    {"1753-01-01T01:01:01Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999"}
)
"""Instants that stand for never: facts, and kept as they are."""
EITHER = " | "
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_OTHERS = {
    "guid": GUID,
    "http date": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    "address": re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"),
    "digits": re.compile(r"\d+"),
}
# A time with seven digits that ends in no zero says nothing of what is done with zeros.
OPEN, KEPT, CUT = "7 digits", "7 digits with zeros", "up to 7 digits without zeros"


def form_of(value: Any, *, fact: bool = False) -> str:
    """The form of anything but an object or a list; a fact is kept as it is."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return f"exactly {value}" if fact else "integer"
        case float():
            return "decimal"
        case str() if fact and value and not GUID.fullmatch(value):
            return quoted(value)
    return _form_of_text(str(value))


def quoted(word: str) -> str:
    """One of Azure's own words; numbers and quoted names in a sentence are taken out."""
    sentence = " " in word
    told = re.sub(r"'[^' ]+'", "'{}'", word) if sentence else word
    return f"'{re.sub(r'[0-9]+', '{n}', told) if sentence else told}'"


def fits(form: str, value: Any) -> bool:
    """Whether a value has a form, or one of its alternatives."""
    return any(_fits_one(one, value) for one in form.split(EITHER))


def either(*forms: str) -> str:
    """Forms as one, each told once, in order."""
    all_of_them = dict.fromkeys(one for form in forms for one in form.split(EITHER))
    return EITHER.join(one for one in all_of_them if not settled(one, all_of_them) - {one})


def settled(form: str, told: Iterable[str]) -> set[str]:
    """What other times tell of one that leaves open what becomes of zeros at its end."""
    return (
        {form.replace(OPEN, each) for each in (KEPT, CUT)} & set(told) if OPEN in form else set()
    )


def _fits_one(form: str, value: Any) -> bool:
    found = form_of(value)
    if form == found or form == form_of(value, fact=True):
        return True
    if form == "text":  # any text that is no instant and no id: those have forms of their own
        return found in ("digits", "guid", "address")
    if form.startswith("time, ") and found.startswith("time, "):
        return _times_agree(form, found)
    return form.startswith(("/", "{", "https:")) and alike(form, found)


def _form_of_text(text: str) -> str:
    if not text:
        return "empty"
    if text in SENTINELS:
        return quoted(text)
    if is_id(text) or is_url(text):
        return url_pattern(text) if is_url(text) else id_pattern(text)
    if found := _TIME.fullmatch(text):
        return f"time, {_digits(found['fraction'])}, {_zone(found['zone'])}"
    return next((name for name, one in _OTHERS.items() if one.fullmatch(text)), _mixed(text))


def _mixed(text: str) -> str:
    """Text; of an activity id both of its parts are told."""
    head, mark, tail = GUID.sub("{guid}", text).partition(" ActivityId: ")
    return f"{{client request}}{mark}{tail}" if mark and head else "text"


def _digits(fraction: str | None) -> str:
    if fraction is None:
        return "whole seconds"
    if fraction == "0000000":
        return "whole seconds as .0000000"
    if len(fraction) == 7:
        return KEPT if fraction.endswith("0") else OPEN
    return CUT if len(fraction) < 7 and not fraction.endswith("0") else f"{len(fraction)} digits"


def _zone(zone: str | None) -> str:
    return {"Z": "Z", None: "no zone"}.get(zone, "offset")


def _times_agree(form: str, found: str) -> bool:
    ours, theirs = form.split(", "), found.split(", ")
    if ours[-1] != theirs[-1]:
        return False
    one, other = ", ".join(ours[1:-1]), ", ".join(theirs[1:-1])
    return {one, other} in ({OPEN, KEPT}, {OPEN, CUT})
