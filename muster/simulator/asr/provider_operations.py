"""The list of what can be asked of Microsoft.RecoveryServices: worked out from the routes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from muster.simulator.arm.ids import proper
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json

_NAMESPACE = "Microsoft.RecoveryServices"
_DOING = {"get": "read", "list": "read", "put": "write", "patch": "write", "delete": "delete"}
_WORDS = {"read": "Read", "write": "Create or Update", "delete": "Delete"}


def list_operations(_: Call) -> Answer:
    """GET …/providers/Microsoft.RecoveryServices/operations."""
    return listed([_told(name) for name in sorted(set(_names()), key=str.lower)])


def _names() -> Iterator[str]:
    """What roles call them: `{type}/read`, `…/write`, `…/delete`, `{type}/{verb}/action`."""
    from muster.simulator.routes import TABLE  # the table is made of this room too

    for kind, verb in TABLE:
        words = [proper(word) for word in kind.split("/")]
        if words[0] == _NAMESPACE and words[1:] != ["operations"]:
            yield "/".join([*words, "action" if verb == "post" else _DOING.get(verb, "read")])


def _told(name: str) -> Json:
    words = name.split("/")
    thing = words[-3] if words[-1] == "action" else words[-2]
    resource = re.sub(r"^replication (?=.)", "", _spaced(thing)).title()
    doing = _WORDS.get(words[-1]) or _spaced(words[-2]).title()
    operation = f"{doing} {resource}"
    return {
        "name": name,
        "display": {
            "provider": "Microsoft Recovery Services",
            "resource": resource,
            "operation": operation,
            "description": operation if words[-1] == "action" else f"{doing} Any {resource}",
        },
        "origin": "user,system",
    }


def _spaced(word: str) -> str:
    """`replicationAlertSettings` -> `replication alert settings`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()


_NOTE = "Form: specified. The list holds what this simulator answers."
ROUTES: Routes = {(f"{_NAMESPACE}/operations", "list"): Route(list_operations, "specified", _NOTE)}
