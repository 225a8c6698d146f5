"""`${NAME}` in a plan's texts, replaced from the environment when the plan is read."""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:(\$)|\{([^{}]*)\})")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TELLS = re.compile(
    r"secret|passw(or)?d|passphrase|token|credential|connection_?string|conn_?str"
    r"|(api|access|account|private|shared|signing|storage|subscription)_?key"
    r"|(^|_)(pwd|pass|pw|sas|pat|keys?(?!_?vault))(?![a-z])",
    re.IGNORECASE,
)


class Unset(Exception):
    """A reference to a variable that is not set or has no valid name; says which."""


class Secret(Exception):
    """A reference to a variable whose name says that it holds a secret; says which."""


def tells_of_a_secret(name: str) -> bool:
    """Whether a variable's name says that its value is a secret, as SQL_PASSWORD's does."""
    return _TELLS.search(name) is not None


class TooLong(Exception):
    """The values together are longer than the room there is."""


def expand(text: str, environment: Mapping[str, str], room: int) -> tuple[str, bool]:
    """Replace `${NAME}` by the variable's value and `$$` by a dollar sign.

    Returns:
        The text, and whether a variable's value is in it (such a text must not be shown).

    Raises:
        Unset: A variable is not set, or what stands in the braces is no name of one.
        Secret: A variable's name tells of a secret: a plan's values are journalled.
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
        if tells_of_a_secret(name):
            raise Secret(f"{name} is called as secrets are, and a plan may hold none")
        if name not in environment:
            raise Unset(f"reference to an unset variable: {name}")
        used = True
        left -= len(environment[name])
        if left < 0:  # judged here: a short text can name a long value many thousand times
            raise TooLong
        return environment[name]

    return _REFERENCE.sub(value_of, text), used
