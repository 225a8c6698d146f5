"""A recovery plan as GET and the list tell it (FACTS 6)."""

from __future__ import annotations

import copy

from muster.simulator import dates
from muster.simulator.asr import jobs, plans
from muster.simulator.json_types import Json
from muster.simulator.world import World

# Keys that are missing until it has happened [CLI][SPEC].
_TIMES = ("lastTestFailoverTime", "lastUnplannedFailoverTime")


def body(world: World, plan: Json, *, whole: bool) -> Json:
    """A plan as GET (whole) or the list tells it: there every plan has no groups [CLI]."""
    status = plans.status(world, plan)
    return {
        "id": plan["id"],
        "name": plan["name"],
        "type": plans.TYPE,
        "properties": {
            "friendlyName": plan["name"],
            "primaryFabricId": plan["primary_fabric"],
            "primaryFabricFriendlyName": _fabric_name(world, plan["primary_fabric"]),
            "recoveryFabricId": plan["recovery_fabric"],
            "recoveryFabricFriendlyName": _fabric_name(world, plan["recovery_fabric"]),
            "failoverDeploymentModel": plan["model"],
            "replicationProviders": ["A2A"],
            "allowedOperations": plans.allowed_operations(world, plan),
            "currentScenario": _scenario(world, plan),
            "currentScenarioStatus": status and status[0],
            "currentScenarioStatusDescription": status and status[1],
            "groups": _groups(world, plan) if whole else [],
            "providerSpecificDetails": copy.deepcopy(plan["provider_details"]),
        }
        | {name: dates.ticks(plan[name]) for name in _TIMES if plan[name]},
    }


def _groups(world: World, plan: Json) -> list[Json]:
    """Groups with their items where these lie now; an item that is gone has left the plan."""
    told: list[Json] = copy.deepcopy(plan["groups"])
    for group in told:
        found = []
        for entry in group["replicationProtectedItems"]:
            item = plans.item_of(world, entry)
            if item is not None:
                found.append({"id": item["id"], "virtualMachineId": item["entity"]})
        group["replicationProtectedItems"] = found
    return told


def _scenario(world: World, plan: Json) -> Json | None:
    """The last thing that was done to it: null before the first [CLI], kept afterwards [SPEC]."""
    job = world.table("jobs").get(plan["job"] or "")
    if job is None:
        return None
    return {
        "scenarioName": job["scenario"],
        "jobId": jobs.job_id(world, job),
        "startTime": dates.ticks(jobs.started(world, job)),
    }


def _fabric_name(world: World, fabric_id: str) -> str | None:
    fabric = world.table("asr").get(fabric_id.lower())
    return fabric["properties"]["friendlyName"] if fabric else None
