"""The names that a fault file may use: of operations, of jobs, in braces; and how they match.

A name that the simulator never says would be a fault that never happens, and nobody would know.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from muster.simulator.faults.places import NAMES, PLACEHOLDER
from muster.simulator.worlds.lines import Loc

JOBS = (
    "TestFailover", "TestFailoverCleanup", "UnplannedFailover", "CommitFailover", "EnableDr",
    "SwitchReplicationGroupProtection",
)  # fmt: skip
"""Scenarios of the jobs of an item that a rule can be for."""
_Wrong = tuple[Loc, str]


def is_like(words: str, name: str) -> bool:
    """Whether a name is what a file says; that may hold `*`, and case does not matter."""
    return words == "*" or _pattern(words).fullmatch(name.lower()) is not None


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, words.lower().split("*"))), re.DOTALL)


def wrong_names(raw: dict[str, Any]) -> Iterator[_Wrong]:
    """Every name of a fault file that means nothing, with its place. Other mistakes are passed."""
    rules = raw.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict):
            continue
        yield from _wrong_moment(("rules", number, "on"), rule.get("on"))
        do = rule.get("do")
        asked = do.get("somebody") if isinstance(do, dict) else None
        for place, each in enumerate(asked if isinstance(asked, list) else ()):
            yield from _wrong_request(("rules", number, "do", "somebody", place), each)


def _wrong_moment(loc: Loc, on: Any) -> Iterator[_Wrong]:
    from muster.simulator import routes  # late: its deeds import the engine, that this

    for key, kind, known in (
        ("job", "job that an item has", JOBS),
        ("call", "operation that is known", routes.OPERATIONS),
    ):
        named = on.get(key) if isinstance(on, dict) else None
        if isinstance(named, str) and not any(is_like(named, name) for name in known):
            yield (
                (*loc, key),
                f"{_said(loc)}.{key}: '{named}' is no {kind}; {_meant(named, known)}",
            )


def _wrong_request(loc: Loc, asked: Any) -> Iterator[_Wrong]:
    if not isinstance(asked, dict):
        return
    path = asked.get("path")
    if isinstance(path, str) and not path.startswith(("/", "{")):
        yield (
            (*loc, "path"),
            f"{_said(loc)}.path: a path begins with / or with a placeholder like {{item_id}}",
        )
    for key in ("path", "body"):
        for name in sorted(set(_braced(asked.get(key))) - set(NAMES)):
            yield (*loc, key), f"{_said(loc)}.{key}: there is no {{{name}}}; {_meant(name, NAMES)}"


def _said(loc: Loc) -> str:
    return ".".join(map(str, loc))


def _braced(value: Any) -> Iterator[str]:
    """The words in braces, however deep."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _braced(one)


def _meant(word: str, known: Sequence[str]) -> str:
    """What was probably meant, or all there is where that is little."""
    by_case = {one.lower(): one for one in known}
    near = [by_case[low] for low in difflib.get_close_matches(word.lower(), by_case, 3)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    if len(known) > len(JOBS) + len(NAMES):
        return "they are named as /counters names them, `VERB TYPE`, and `*` stands for anything"
    return f"there are {', '.join(known)}"
