"""`${NAME}` in a plan's texts, replaced from the environment when the plan is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:(\$)|\{([^{}]*)\})")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Unset(Exception):
    """A reference to a variable that is not set or has no valid name; says which."""


class TooLong(Exception):
    """The values together are longer than the room there is."""


def expand(text: str, environment: Mapping[str, str], room: int) -> tuple[str, bool]:
    """Replace `${NAME}` by the variable's value and `$$` by a dollar sign.

    Returns:
        The text, and whether a variable's value is in it (such a text must not be shown).

    Raises:
        Unset: A variable is not set, or what stands in the braces is no name of one.
        TooLong: The values have more than `room` characters.
    """
    used = False
    left = room

    def value_of(found: re.Match[str]) -> str:
        nonlocal used, left
        if found[1]:
            return "$"
        name = found[2]
        if not _NAME.fullmatch(name):
            raise Unset(f"'${{{name}}}' is not a reference to a variable")
        if name not in environment:
            raise Unset(f"reference to an unset variable: {name}")
        used = True
        left -= len(environment[name])
        if left < 0:  # judged here: a short text can name a long value many thousand times
            raise TooLong
        return environment[name]

    return _REFERENCE.sub(value_of, text), used
