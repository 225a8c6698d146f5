"""Health of an item: the warning of every fresh one, and the error of one that makes no points.

The code of the latter is that of Microsoft's page [DOC:azure-to-azure-troubleshoot-replication];
that a source without power gets it, and its other keys, are inferred.
"""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.asr import item_states, pauses, unprotected_disks
from muster.simulator.json_types import Json
from muster.simulator.world import World

NO_POINTS = "153007"


def failover_health(item: Json) -> str:
    """Warning while nobody tried the item; a failed-over one is Normal again [PS-RPR]."""
    return "Warning" if _untried(item) else "Normal"


def errors(world: World, item: Json) -> list[Json]:
    """`healthErrors`."""
    found = [_never_tested(item)] if _untried(item) else []
    critical = pauses.critical_since(world, item)
    found += [_unprotected(world, item)] if unprotected_disks.of(world, item) else []
    return found if critical is None else [_no_points(world, item, critical), *found]


def replication_health(world: World, item: Json) -> str:
    """`replicationHealth`: as the world file says, or worse by what has happened since."""
    worse = pauses.health(world, item)
    if worse == pauses.NORMAL and unprotected_disks.of(world, item):
        return "Warning"
    return worse


def _untried(item: Json) -> bool:
    return item["protection_state"] == item_states.PROTECTED and not item["tested"]


def _no_points(world: World, item: Json, at: float) -> Json:
    minutes = world.settings.critical_after // 60
    return {
        "innerHealthErrors": [],
        "errorSource": "ReplicationUnitError",
        "errorType": "7",
        "errorLevel": "Error",
        "errorCategory": "Replication",
        "errorCode": NO_POINTS,
        "summaryMessage": "",
        "errorMessage": "No crash consistent recovery point is available for the virtual machine "
        f"'{item['vm_name']}' in the last {minutes:.0f} minutes.",
        "possibleCauses": "A failover in progress was cancelled, and replication has stopped."
        if pauses.for_good(item)
        else "The virtual machine is turned off, was deleted, or cannot reach Site Recovery.",
        "recommendedAction": "Disable replication and enable it again."
        if pauses.for_good(item)
        else "Start the virtual machine. If it was deleted, disable its replication.",
        "creationTimeUtc": dates.ticks(at),
        "recoveryProviderErrorMessage": None,
        "entityId": item["entity"],
        "errorId": f"7:{NO_POINTS}",
        "customerResolvability": "NotAllowed",
    }


def _unprotected(world: World, item: Json) -> Json:
    names = ", ".join(str(disk["name"]) for disk in unprotected_disks.of(world, item))
    return _never_tested(item) | {
        "errorSource": "ReplicationUnitError",
        "errorType": "7",
        "errorCategory": "Replication",
        "errorCode": unprotected_disks.CODE,
        "errorMessage": "One or more disks of the virtual machine are available for protection: "
        f"{names}.",
        "possibleCauses": "They were added to the virtual machine after it was protected, or left "
        "out then.",
        "recommendedAction": "Protect the disks, or leave them out for good.",
        "creationTimeUtc": dates.ticks(item["protected_since"]),
        "errorId": f"7:{unprotected_disks.CODE}",
    }


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
