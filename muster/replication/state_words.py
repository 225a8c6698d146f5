"""Site Recovery's protection states as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STATES: Mapping[str, str] = {
    "unprotectedstatesbegin": "being enabled",
    "enablingprotection": "being enabled",
    "enablingfailed": "enabling failed",
    "initialreplicationpending": "first copy not begun",
    "initialreplicationinprogress": "first copy under way",
    "initialreplicationfailed": "first copy failed",
    "initialreplicationrecoverycompletionpending": "first copy arriving at the target",
    "disablingprotection": "being disabled",
}
_GONE = ("removed", "left alone", "found under way")
"""How a VM that was to go came to be without protection."""


def state_words(state: str | None, item_id: str | None = None) -> str:
    """Azure's protection state of a VM as people say it; one that has no words of ours as Azure
    writes it. Without a state: whether an item was asked for.
    """
    if not state:
        return "asked for, not followed" if item_id else "not replicated"
    return _STATES.get(state.casefold(), state)


def vm_words(vm: Mapping[str, Any]) -> str:
    """The state of a VM of a record as people say it; that it is not replicated is said only of
    one that the run looked at, for what it never came to may be protected all the same.
    """
    if vm["to_go"]:
        return _words_of_one_to_go(vm)
    asked = vm["item_id"] or vm["asked_at"]
    if vm["state"] or asked or vm["looked_at"]:
        return state_words(vm["state"], asked)
    return _untouched(vm)


def _words_of_one_to_go(vm: Mapping[str, Any]) -> str:
    """Of a VM whose replication was to be ended: gone, or how it stays."""
    if vm["how"] in _GONE:
        return "not replicated"
    if vm["state"]:
        words = state_words(vm["state"])
        return words if words.startswith("being ") else f"stays {words}"
    return "not seen to be gone" if vm["looked_at"] else _untouched(vm)


def _untouched(vm: Mapping[str, Any]) -> str:
    """Of a VM that nothing was sent for: refused before, or its turn never came."""
    return "left as it is" if vm["error"] else "not begun"
