"""Health of an item: the one warning that every fresh item has, until it was tried (FACTS 4)."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.asr import item_states
from muster.simulator.json_types import Json


def failover_health(item: Json) -> str:
    """Warning while nobody tried the item; a failed-over one is Normal again [PS-RPR]."""
    return "Warning" if errors(item) else "Normal"


def errors(item: Json) -> list[Json]:
    """`healthErrors`."""
    untried = item["protection_state"] == item_states.PROTECTED and not item["tested"]
    return [_never_tested(item)] if untried else []


def _never_tested(item: Json) -> Json:
    return {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitFailoverValidatorError",
        "errorType": "8010",
        "errorLevel": "Warning",
        "errorCategory": "TestFailover",
        "errorCode": "161011",
        "summaryMessage": "",
        "errorMessage": "No successful test failover has been done on the virtual machine "
        f"'{item['vm_name']}'.",
        "possibleCauses": "No successful test failover has been done on the virtual machine after "
        "it was replicated.",
        "recommendedAction": "Do a test failover on the virtual machine.",
        "creationTimeUtc": dates.ticks(item["protected_since"] + 1),
        "recoveryProviderErrorMessage": None,
        "entityId": item["entity"],
        "errorId": "6:8010",
        "customerResolvability": "NotAllowed",
    }
