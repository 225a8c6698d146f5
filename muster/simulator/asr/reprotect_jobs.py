"""The job of a reprotect: its details, and the job that it holds, which enables the way back.

As recorded of A2A (Azure/azure-powershell, A2AReprotectTest.json): the inner job begins 3.3 s
after the outer one and ends 61 s before it; it is about an item with another internal GUID.
"""

from __future__ import annotations

from muster.simulator.asr import failover_details, item_tasks, jobs
from muster.simulator.json_types import Json
from muster.simulator.world import World

BEGINS_AFTER, ENDS_BEFORE = 3.3, 61.0


def new_id(item: Json) -> str:
    """The id that the item will have: in the recovery fabric and container, same name."""
    return (
        f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}"
        f"/replicationProtectionContainers/{item['recovery_container']}"
        f"/replicationProtectedItems/{item['name']}"
    )


def new_entity(world: World, item: Json) -> str:
    """The internal GUID that the item will have."""
    return world.guid("entity", item["entity"], item["leg"] + 1)


def details(world: World, item: Json) -> Json:
    """customDetails; the one id in them that is told with a small /subscriptions."""
    told = "/subscriptions/" + new_id(item).split("/", 2)[2]
    return {
        "newReplicationProtectedItemId": told,
        "instanceType": "SwitchProtectionJobDetails",
        "affectedObjectDetails": failover_details.affected(world, item),
    }


def begun_child(world: World, item: Json, job: Json) -> Json:
    """The inner job; it fails with the outer one."""
    takes = job["ends"] - job["starts"]
    child = jobs.begin(
        world,
        item["vault_id"],
        "EnableDr",
        jobs.Subject("ProtectionEntity", new_entity(world, item), item["vm_name"]),
        resource=item["id"],
        takes=max(takes - BEGINS_AFTER - ENDS_BEFORE, 0.1),
        client_request_id=job["client"],
        tasks=item_tasks.ENABLE_TASKS,
        item=item["id"].lower(),
        details=failover_details.plain(world, item),
        within=job["id"],
    )
    child["starts"] = min(child["starts"] + BEGINS_AFTER, job["ends"])
    child["ends"] = max(child["starts"], min(child["ends"] + BEGINS_AFTER, job["ends"]))
    for task in child["tasks"]:
        task |= {key: task[key] + BEGINS_AFTER for key in ("start", "end")}
    if job["fails"]:
        child |= {"ends": job["ends"], "fails": job["fails"] | {"task": 1}}
    return child


def child_ends(world: World, job: Json) -> None:
    """The outer job has failed: the inner one fails with it, if it still runs."""
    for child in world.table("jobs").values():
        if child.get("within") == job["id"] and child["ends"] > job["ends"]:
            child |= {"ends": job["ends"], "fails": job["fails"] | {"task": 1}}


def group_of(world: World, child: Json) -> Json:
    """The task of the outer job that stands for the inner one."""
    name = child["subject"]["name"]
    task = jobs.plain_task("EnableDr", name, name) | {
        "type": "JobTaskDetails",
        "start": child["starts"],
        "end": child["ends"],
        "custom": {
            "jobTask": {
                "jobId": jobs.job_id(world, child),
                "jobFriendlyName": "Enable replication",
                "targetObjectId": child["subject"]["id"],
                "targetObjectName": name,
                "targetInstanceType": "Vm",
                "jobScenarioName": "EnableDr",
            },
            "instanceType": "JobTaskDetails",
        },
    }
    return {
        "type": "GroupTaskDetails",
        "custom": None,
        "group": {"instanceType": "GroupTaskDetails", "childTasks": [task]},
    }
