"""Actions of a recovery plan's groups: how they are written down, and which of them run when."""

from __future__ import annotations

from typing import Any

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import parse, same
from muster.simulator.json_types import Json

RUNBOOK, MANUAL, SCRIPT = (
    "AutomationRunbookActionDetails",
    "ManualActionDetails",
    "ScriptActionDetails",
)
_DIRECTIONS = ("PrimaryToRecovery", "RecoveryToPrimary")
_TYPES = ("TestFailover", "UnplannedFailover", "PlannedFailover")


def read_actions(given: Any, vault_id: str) -> list[Json]:
    """A group's start or end actions, in the form that GET tells them [SDK].

    Raises: AzureError; what Azure says to each of these mistakes is not known.
    """
    if not isinstance(given, list) or not all(isinstance(action, dict) for action in given):
        raise bad_input("Actions of a group have to be a list of objects.")
    return [_read(action, vault_id) for action in given]


def runs_in(action: Json, scenario: str, direction: str) -> bool:
    """Whether an action has its turn: its failoverTypes and failoverDirections decide."""
    return any(same(one, scenario) for one in action["failoverTypes"]) and any(
        same(one, direction) for one in action["failoverDirections"]
    )


def _read(action: Json, vault_id: str) -> Json:
    name = action.get("actionName")
    if not isinstance(name, str) or not name:
        raise bad_input("Each action needs its 'actionName'.")
    details = action.get("customDetails")
    if not isinstance(details, dict):
        raise bad_input(f"The action '{name}' needs its 'customDetails'.")
    return {
        "actionName": name,
        "failoverTypes": _words(action, "failoverTypes", _TYPES),
        "failoverDirections": _words(action, "failoverDirections", _DIRECTIONS),
        "customDetails": _details(name, details, vault_id),
    }


def _words(action: Json, key: str, known: tuple[str, ...]) -> list[str]:
    """Words of an enumeration, in Azure's casing; none is allowed: then the action never runs."""
    given = action.get(key)
    if not isinstance(given, list):
        raise bad_input(f"Each action needs its '{key}', a list.")
    return [next((one for one in known if same(one, str(word))), str(word)) for word in given]


def _details(name: str, details: Json, vault_id: str) -> Json:
    kind = str(details.get("instanceType") or "")
    if same(kind, MANUAL):
        return {"instanceType": MANUAL, "description": details.get("description")}
    if same(kind, RUNBOOK):
        return _runbook(name, details, vault_id)
    # Scripts are VMM's [DOC:create-recovery-plans]; in which words A2A refuses them is not known.
    raise bad_input(
        f"The action '{name}' is of type '{kind}': A2A has runbooks and manual actions.",
    )


def _runbook(name: str, details: Json, vault_id: str) -> Json:
    runbook = str(details.get("runbookId") or "")
    place = str(details.get("fabricLocation") or "")
    if place not in ("Primary", "Recovery"):
        raise bad_input(f"The action '{name}' needs 'fabricLocation': Primary or Recovery.")
    target = parse(runbook)
    if target.kind != "microsoft.automation/automationaccounts/runbooks":
        raise bad_input(f"'{runbook}' is not the id of a runbook.")
    if not same(target.subscription, parse(vault_id).subscription):
        # The account's region is free, its subscription is not [DOC:runbook-automation].
        raise bad_input(
            "The Automation account has to be in the subscription of the Recovery Services vault.",
        )
    return {
        "instanceType": RUNBOOK,
        "runbookId": runbook,
        "timeout": details.get("timeout"),  # kept; what Azure does when it is over is not known
        "fabricLocation": place,
    }
