"""Where a protected item stands, by Azure's word for it. Pure.

An item is protected, on its way to be, or was left behind by an enabling that failed, which is
asked for again. Any other word is of a failover, a way back or an end: nothing is sent to it.
"""

from __future__ import annotations

from muster.gateway.values import ProtectedItem

PROTECTED = "Protected"
_UNDER_WAY = ("unprotected", "enabling", "initialreplication")
_ENABLING_FAILED = frozenset({"enablingfailed", "initialreplicationfailed"})


def is_protected(item: ProtectedItem) -> bool:
    """Whether a VM can be recovered: by Azure's own state, never by a percentage."""
    return item.protection_state.casefold() == PROTECTED.casefold()


def stands_failed(item: ProtectedItem) -> bool:
    """Whether enabling left an item behind that will never be protected."""
    # "Failed" alone would be wrong: UnplannedFailoverFailed is no enabling that failed.
    return item.protection_state.casefold() in _ENABLING_FAILED


def is_under_way(item: ProtectedItem) -> bool:
    """Whether an item is being enabled, or copied for the first time."""
    state = item.protection_state.casefold()
    return state.startswith(_UNDER_WAY) and not stands_failed(item)


def stands_otherwise(item: ProtectedItem) -> str | None:
    """Why nothing may be asked of an item now, in words; None for one that replicates, is on its
    way to, or whose enabling failed.
    """
    if is_protected(item) or is_under_way(item) or stands_failed(item):
        return None
    state = item.protection_state or "no state"
    return (
        "it is neither protected nor on its way to be: "
        f"{state}, {item.protection_state_description or 'which Azure does not describe'}"
    )


FINISH = (
    "Look at the item and its jobs in the vault: let what it is in the middle of come to its "
    "end there, or undo it, then run this again."
)


def under_test(item: ProtectedItem) -> str | None:
    """Why Azure takes no change of an item now, in words: a test failover of it is not cleaned up.

    None for one without; and for one whose cleanup is all but through, which is waited for.
    """
    state = item.test_failover_state
    if state is None or state.casefold() == "markedfordeletion":
        return None
    return (
        f"it is to be changed, and a test failover of it is {state}: Azure takes no change until "
        "that is cleaned up"
    )


CLEAN_UP = (
    "Clean the test failover up, by whoever started it or in the vault, then run this again."
)
