"""A job as GET and the list tell it (FACTS 1.6, 6 and 8)."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.asr import jobs
from muster.simulator.json_types import Json
from muster.simulator.world import World

# scenarioName -> friendlyName [PS-RP][PS-EZ][PS-TFO][DOC]; those behind `# UNCERTAIN` are ours.
FRIENDLY = {
    "CreateSite": "Create a site",
    "CreateCloud": "Create protection container",
    "AddProtectionProfile": "Create replication policy",
    "AssociateProtectionProfile": "Associate replication policy",
    "NetworkPairing": "Map Networks",
    # Removals and changes: recorded for on-premises providers [PS-E2E][PS-V2A].
    "UnregisterFabric": "Delete server",
    "RemoveProtectionProfile": "Remove the replication policy",
    "ModifyProtectionProfile": "Modify settings of the replication policy",
    "DissociateProtectionProfile": "Dissociate replication policy",
    "NetworkUnPairing": "Remove map",
    # UNCERTAIN: not recorded.
    "RemoveCloud": "Remove protection container",
    "RefreshFabric": "Refresh server",
    "UpdateProtectionProfileAssociation": "Update replication policy association",
    "RefreshVaultHealth": "Refresh vault health",
    "EnableDr": "Enable replication",
    "UnplannedFailover": "Failover",
    "TestFailover": "Test failover",
    "TestFailoverCleanup": "Test failover cleanup",
    "CommitFailover": "Commit",
    "DeleteRecoveryPlan": "Delete a recovery plan",
    "SecondaryIrCompletion": "Finalize protection on the recovery virtual machine",  # [PS-NEW]
    "SwitchReplicationGroupProtection": "Reprotect",  # [PS-RPR]
    "UpdateVmProperties": "Update the virtual machine",  # [PS-NIC]
    "AddDisks": "Add disks",  # [PS-DISK]
    "AddDisksIrCompletion": "Add disks complete initial replication",  # [PS-DISK]
    "DisableDr": "Disable replication",  # UNCERTAIN
    "RemoveDisks": "Remove disks",  # UNCERTAIN
    "PlannedFailover": "Planned failover",  # UNCERTAIN
    "ChangePit": "Change recovery point",  # UNCERTAIN
    "RepairReplication": "Resynchronize",  # UNCERTAIN
    "ResolveHealthErrors": "Resolve health errors",  # UNCERTAIN
    "UpdateMobilityService": "Update mobility service",  # UNCERTAIN
    "RestartJob": "Restart job",
    "SaveRecoveryPlan": "Save a recovery plan",  # UNCERTAIN: the name is known, not its wording
    "ReverseReplication": "Reprotect",  # UNCERTAIN
    "ExportJobs": None,  # the key is missing in [SPEC]
}


def body(world: World, job: Json, *, whole: bool) -> Json:
    """A job as GET (whole) or the list tells it."""
    state, description = jobs.state(world, job)
    properties = _not_started() if state == "NotStarted" else _begun(world, job, whole=whole)
    if state in jobs.ENDED:
        properties["endTime"] = dates.whole(_end(job))
    arm_id = jobs.job_id(world, job)
    return {
        "id": arm_id,
        "name": arm_id.rpartition("/")[2],
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": {
            "activityId": job["activity"] if whole else None,
            "state": state,
            "stateDescription": description,
            "errors": [job["fails"]["error"]] if state == "Failed" else [],
            "allowedActions": allowed_actions(world, job),
        }
        | properties,
    }


def allowed_actions(world: World, job: Json) -> list[str]:
    """What may be asked of a job now [PS-RP][SPEC]; `Restart` is a setting (FACTS 8)."""
    state, _ = jobs.state(world, job)
    if state == "Suspended":
        return ["Cancel", "Resume"]
    if state == "InProgress" and _can_be_cancelled(world, job):
        return ["Cancel"]
    if state == "Failed" and job["again"] and world.settings.failed_job_restart == "offered":
        return ["Restart"]
    return []


def _can_be_cancelled(world: World, job: Json) -> bool:
    """Whether a running job takes a cancel: not by its first name, not as a part of a plan's.

    The making of a fabric, and of other set-up, has nothing to undo and takes none [PS-NC].
    """
    return bool(job["undo"]) and not job["parent"] and not jobs.is_wrapper(world, job)


def _begun(world: World, job: Json, *, whole: bool) -> Json:
    bare = not whole or jobs.is_wrapper(world, job)
    return {
        "scenarioName": job["scenario"],
        "friendlyName": friendly(job["scenario"]),
        "targetObjectId": job["subject"]["id"],
        "targetObjectName": job["subject"]["name"],
        "targetInstanceType": job["subject"]["type"],
        "startTime": dates.ticks(jobs.started(world, job)),
        "customDetails": _details(world, job) if whole else None,
        "tasks": [] if bare else [_task(world, job, n) for n in range(len(job["tasks"]))],
    }


def friendly(scenario: str) -> str | None:
    """A scenario's name for people; one that nobody recorded is told by its own."""
    return FRIENDLY.get(scenario, scenario)


def _not_started() -> Json:
    """Below one second [PS-RP]: no names, no startTime key."""
    return {
        "scenarioName": None,
        "friendlyName": None,
        "targetObjectId": None,
        "targetObjectName": None,
        "targetInstanceType": "ProtectionEntity",
        "tasks": [],
        "customDetails": {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}},
    }


def _end(job: Json) -> float:
    ended = [at for at in (job["ends"], job["cancelled"]) if at is not None]
    return float(min(ended))


def _details(world: World, job: Json) -> Json | None:
    if job["details"] is None:
        return None
    over = jobs.state(world, job)[0] in ("Succeeded", "Suspended") and job["ends"] is not None
    details: Json = job["details"] | (job["at_end"] if over else {})
    return details


def _task(world: World, job: Json, n: int) -> Json:
    """One of the job's own tasks: what comes after the one that failed was skipped."""
    task, fails = job["tasks"][n], job["fails"]
    over = job["ends"] is not None and world.now >= job["ends"]
    if fails and over and n > fails["task"]:
        return task_body(world, task | {"state": jobs.SKIPPED, "start": None, "end": None})
    if fails and over and n == fails["task"]:
        failed = {"state": "Failed", "description": "Failed"}
        errors = [fails["error"]]
        return task_body(world, task | {"state": failed, "end": job["ends"], "errors": errors})
    return task_body(world, task)


def task_body(world: World, task: Json) -> Json:
    """A task and, in its group, its children."""
    state, description = _state(world, task)
    began = task["start"] is not None and task["start"] <= world.now
    ended = task["end"] is not None and task["end"] <= world.now
    group = task["group"]
    return {
        "taskId": task["taskId"],
        "name": task["name"],
        "startTime": dates.ticks(task["start"]) if began else dates.NO_TASK,
        "endTime": dates.ticks(task["end"]) if ended else dates.NO_TASK,
        "allowedActions": [],
        "friendlyName": task["friendlyName"],
        "state": state,
        "stateDescription": description,
        "taskType": task["type"],
        "customDetails": task["custom"],
        "groupTaskCustomDetails": group
        and group | {"childTasks": [task_body(world, each) for each in group["childTasks"]]},
        "errors": task["errors"],
    }


def _state(world: World, task: Json) -> tuple[str, str]:
    if task["state"]:
        return task["state"]["state"], task["state"]["description"]
    if task["start"] is None or world.now < task["start"]:
        return "NotStarted", "NotStarted"
    if task["end"] is None or world.now < task["end"]:
        return "InProgress", "InProgress"
    return "Succeeded", "Completed"
