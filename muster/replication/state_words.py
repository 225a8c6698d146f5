"""Site Recovery's protection states as people say them."""

from __future__ import annotations

from collections.abc import Mapping

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


def state_words(state: str | None, item_id: str | None = None) -> str:
    """Azure's protection state of a VM as people say it; one that has no words of ours as Azure
    writes it. Without a state: whether an item was asked for.
    """
    if not state:
        return "asked for, not followed" if item_id else "not replicated"
    return _STATES.get(state.casefold(), state)
