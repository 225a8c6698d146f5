"""An event as GET and the list tell it: names and forms of [PS-V2A], A2A details [SDK]."""

from __future__ import annotations

from muster.simulator.asr import job_bodies, jobs, setup
from muster.simulator.dates import ticks
from muster.simulator.json_types import Json
from muster.simulator.regions import display
from muster.simulator.world import World

_FILETIME_1970 = 116_444_736_000_000_000  # 100-nanosecond ticks from 1601 to 1970
_SEVERITY = {"Critical": "Critical", "Warning": "Warning", "Normal": "OK"}


def health_changed(world: World, item: Json, at: float, health: str) -> Json:
    """An item's replication health became another one at an instant [PS-V2A]."""
    return _whole(
        item["vault_id"],
        _about_item(world, item, "VmMonitoringEvent", at)
        | {
            "eventCode": "SRSVMHealthChanged",
            "description": f"Replication health changed to {health}.",
            "eventType": "VmHealth",
            "severity": _SEVERITY[health],
        },
    )


def rpo_exceeded(world: World, item: Json, at: float, seconds: int, limit: float) -> Json:
    """An item's RPO is longer than it should be; code and words are inferred."""
    return _whole(
        item["vault_id"],
        _about_item(world, item, "VmMonitoringEvent", at)
        | {
            "eventCode": "RpoThresholdExceeded",
            "description": f"The RPO is {seconds // 60} minutes, more than {limit // 60:.0f}.",
            "eventType": "VmHealth",
            "severity": "Warning",
        },
    )


def job_failed(world: World, job: Json) -> Json:
    """A job that failed, told once, as of its end; code and words are those of its error."""
    told = job_bodies.body(world, job, whole=False)["properties"]
    error = job["fails"]["error"]["serviceErrorDetails"]
    item, at = world.items.get(str(job.get("item"))), float(job["ends"])
    if item is not None:
        head = _about_item(world, item, "JobEvent", at)
    else:
        head = _head(world, "JobEvent", at, job["id"])
    return _whole(
        job["vault_id"],
        head
        | {
            "eventCode": error["code"],
            "description": error["message"],
            "eventType": "JobStatus",
            "affectedObjectFriendlyName": told["targetObjectName"],
            "affectedObjectCorrelationId": told["targetObjectId"],
            "severity": "Critical",
            "eventSpecificDetails": {
                "instanceType": "JobStatus",
                "jobId": jobs.job_id(world, job),
                "jobFriendlyName": told["friendlyName"],
                "jobStatus": told["state"],
                "affectedObjectType": told["targetInstanceType"],
            },
        },
    )


def _head(world: World, word: str, at: float, *parts: object) -> Json:
    """Names sort newest first: ticks since 1601, counted down from the largest [PS-V2A]."""
    left = 2**63 - 1 - (_FILETIME_1970 + int(at * 10_000_000))
    return {
        "_name": f"{word};{left}_{world.guid('event', word, at, *parts)}",
        "eventCode": None,
        "description": None,
        "eventType": None,
        "affectedObjectFriendlyName": None,
        "affectedObjectCorrelationId": None,
        "severity": None,
        "timeOfOccurrence": ticks(at),
        "fabricId": None,
        "providerSpecificDetails": None,
        "eventSpecificDetails": None,
        "healthErrors": [],
    }


def _about_item(world: World, item: Json, word: str, at: float) -> Json:
    return _head(world, word, at, item["name"]) | {
        "affectedObjectFriendlyName": item["vm_name"],
        "affectedObjectCorrelationId": item["entity"],
        "fabricId": f"{item['vault_id']}/replicationFabrics/{item['fabric']}",
        "providerSpecificDetails": {
            "instanceType": "A2A",
            "protectedItemName": item["vm_name"],
            "fabricObjectId": item["vm"].lower(),
            "fabricName": display(item["location"]),
            "fabricLocation": item["location"],
            "remoteFabricName": display(item["recovery_location"]),
            "remoteFabricLocation": item["recovery_location"],
        },
    }


def _whole(vault_id: str, properties: Json) -> Json:
    name = properties["_name"]
    return {
        "name": name,
        "type": f"{setup.BASE}/replicationEvents",
        "id": f"{vault_id}/replicationEvents/{name}",
        "properties": {key: value for key, value in properties.items() if key != "_name"},
    }
