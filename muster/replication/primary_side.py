"""Whether an item may be removed: its VM runs on the side that it is replicated from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from muster.gateway.parse import mapping, text_of
from muster.gateway.values import ProtectedItem

TESTED, MOVED = "STEP-049", "STEP-054"
_PRIMARY = "primary"
_MOVING = ("failover", "failback", "reprotect", "reversereplication", "switchprotection")
"""Parts of the states and jobs of an item whose VM is on its way, or there: folded."""
BACK = (
    "Commit and reprotect it, and fail it back; or, if it is to stay where it is, disable it in "
    "the vault. Then run `muster replicate PLAN --disable` again."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item stays: code, reason and what to do."""

    code: str
    why: str
    remedy: str


def why_not_removed(item: ProtectedItem, region: str) -> Refusal | None:
    """What keeps an item from being removed now; None for one whose VM runs at the source.

    Removing the item of a VM that failed over would take the way back, and its recovery points.
    One that is being removed already is not kept from it (`being_removed`): nothing is sent to it.

    Args:
        item: As read now.
        region: The plan's source region.
    """
    if item.test_failover_state is not None:
        return Refusal(
            TESTED,
            f"a test failover of it is {item.test_failover_state}: its copy would stay behind",
            "Clean the test failover up in the vault first, then disable again.",
        )
    why = _moved(item, region)
    return Refusal(MOVED, why, BACK) if why else None


def being_removed(item: ProtectedItem) -> str | None:
    """That an item is being removed already, in words; None for one that is not.

    What Azure shows of it meanwhile is recorded nowhere: its state, or the job that has it.
    """
    scenario = _scenario(item)
    if item.protection_state.casefold() == "disablingprotection":
        return f"it is being removed already ({item.protection_state})"
    if scenario.casefold() == "disabledr":
        return f"it is being removed already (a job of it is under way: {scenario})"
    return None


def moving_job(item: ProtectedItem) -> str | None:
    """A job that takes an item's VM to its other side now, in words; a test moves no VM."""
    scenario = _scenario(item)
    is_test = "testfailover" in scenario.casefold()
    return (
        f"a job of it is under way: {scenario}" if _is_moving(scenario) and not is_test else None
    )


def _moved(item: ProtectedItem, region: str) -> str | None:
    if item.active_location.casefold() != _PRIMARY:
        where = item.active_location or "not told by Azure"
        return f"it is not on its primary side (active location: {where}; {_state(item)})"
    if _is_moving(item.protection_state):
        return f"it has been failed over: {_state(item)}"
    here = item.primary_fabric_location
    if here and _region(here) != _region(region):
        return f"it is replicated from {here}, not from {region}"
    if _is_moving(scenario := _scenario(item)):
        return f"a job of it is under way: {scenario}"
    return None


def _scenario(item: ProtectedItem) -> str:
    """Site Recovery's word for the job that has an item now; "None", or "", without one."""
    job = mapping(mapping(item.raw.get("properties")).get("currentScenario"))
    return text_of(job.get("scenarioName"))


def _is_moving(word: str) -> bool:
    return any(part in word.casefold() for part in _MOVING)


def _state(item: ProtectedItem) -> str:
    return f"{item.protection_state}, {item.protection_state_description}"


def _region(name: str) -> str:
    return name.replace(" ", "").casefold()
