"""What may be done to a protected item, and the operations that tell how it went (FACTS 1, 7)."""

from __future__ import annotations

import base64
import copy
import hashlib

from muster.simulator import dates, durations
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import name_of
from muster.simulator.asr import item_details as asr_item_details
from muster.simulator.asr import items as asr_items
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.asr import points as asr_points
from muster.simulator.asr.placement import network_for
from muster.simulator.call import Answer, Call
from muster.simulator.json_types import Json

# What Site Recovery says to a verb in the wrong state is not known (FACTS 11), nor in which form.
WRONG_STATE = "990002"
NO_SUCH_POINT = "990003"


def start_failover_test(call: Call) -> Answer:
    """POST …/testFailover."""
    item = asr_items.find(call.world, call.target)
    given = call.properties()
    details = given.get("providerSpecificDetails") or {}
    if not isinstance(details, dict) or details.get("instanceType") != "A2A":
        raise bad_request(
            "InvalidParameter", "providerSpecificDetails.instanceType has to be 'A2A'."
        )
    told: Json = {"network": given.get("networkId"), "network_type": given.get("networkType")}
    told["network"] = network_for(item, told["network"]) or None
    world = call.world
    count = item["counts"]["failover_test"] + 1
    takes = durations.failover_test_takes(world.seed, item["name"], count)
    job = asr_jobs.begin(
        world,
        item,
        "TestFailover",
        durations.TEST_FAILOVER_TASKS,
        takes,
        call.client_request_id,
        **told,
    )
    job["suspends"] = world.settings.failover_test_job_ends == "suspended"
    if "TestFailover" not in asr_items.allowed_operations(item):
        return _wrong_state(call, item, job)
    wrong_point = _choose_point(call, item, job, details.get("recoveryPointId"))
    if wrong_point:
        return _fails_at_once(call, job, wrong_point)
    item["counts"]["failover_test"] = count
    item["test"] = {
        "phase": "starting",
        "job": job["id"],
        "since": job["starts"],
        "point": asr_points.point_id(item, job["point"]),
        "vm": None,
        "parts": [],
    }
    at = _planned_fault(item, "failover_test", job, work=durations.COPY_APPEARS)
    if at in (None, "end"):
        world.later(
            job["starts"] + durations.COPY_APPEARS * takes - world.now,
            "copy_appears",
            job=job["id"],
        )
    world.later(job["ends"] - world.now, "failover_test_ends", job=job["id"])
    return _accepted(call, job)


def start_cleanup(call: Call) -> Answer:
    """POST …/testFailoverCleanup."""
    world, item = call.world, asr_items.find(call.world, call.target)
    count = item["counts"]["cleanup"] + 1
    takes = durations.cleanup_takes(world.seed, item["name"], count)
    test = item["test"]
    job = asr_jobs.begin(
        world,
        item,
        "TestFailoverCleanup",
        durations.CLEANUP_TASKS,
        takes,
        call.client_request_id,
        comments=str(call.properties().get("comments") or ""),
        began_as=test["job"],
        began_at=test["since"],
    )
    if "TestFailoverCleanup" not in asr_items.allowed_operations(item):
        return _wrong_state(call, item, job)
    item["counts"]["cleanup"] = count
    test |= {"phase": "cleaning", "job": job["id"], "since": job["starts"]}
    at = _planned_fault(item, "cleanup", job, work=0.5)
    if at in (None, "end"):
        world.later(
            job["starts"] + durations.COPY_VANISHES * takes - world.now,
            "copy_vanishes",
            job=job["id"],
        )
    world.later(job["ends"] - world.now, "cleanup_ends", job=job["id"])
    return _accepted(call, job)


def get_status(call: Call) -> Answer:
    """GET …/replicationOperationStatus/{operation}: 200 whatever became of it."""
    job = asr_jobs.find(call)
    state = asr_jobs.state(call.world, job)[0]
    status = {"NotStarted": "InProgress", "Suspended": "Succeeded"}.get(state, state)
    ended = status in ("Succeeded", "Failed")
    body: Json = {
        "error": _error(job) if status == "Failed" else None,
        "id": None,
        "name": job["id"],
        "properties": None,
        "status": status,
        "startTime": dates.ticks(job["accepted"]),
        "endTime": dates.operation_end(job["ends"]) if ended else None,
        "percentComplete": None,
    }
    return Answer(200, body, {} if ended else {"Retry-After": _retry(call)})


def get_result(call: Call) -> Answer:
    """GET …/operationresults/{operation}: 202 while it runs, then the item [SPEC].

    What a failed operation gives here is UNCERTAIN; the SDK does not ask.
    """
    job = asr_jobs.find(call)
    state = asr_jobs.state(call.world, job)[0]
    if state in ("NotStarted", "InProgress"):
        return Answer(202, None, _where(call, job))
    if state == "Failed":
        error = _error(job)
        raise AzureError(400, error["code"], error["message"])
    return Answer(200, asr_items.body(call.world, call.world.items[job["item"]]))


def _accepted(call: Call, job: Json) -> Answer:
    """202, empty, and the two addresses to ask at."""
    return Answer(202, None, _where(call, job) | {"x-ms-request-id": asr_jobs.job_id(job)})


def _where(call: Call, job: Json) -> dict[str, str]:
    vault, item = job["vault_id"], call.world.items[job["item"]]["id"]
    urls = (
        f"{vault}/replicationOperationStatus/{job['id']}",
        f"{item}/operationresults/{job['id']}",
    )
    signed = call.world.settings.signed_urls
    full = [
        f"{call.endpoint}{url}?api-version={call.api_version}"
        + (_signature(url, call.world.now) if signed else "")
        for url in urls
    ]
    return {"Azure-AsyncOperation": full[0], "Location": full[1], "Retry-After": _retry(call)}


def _signature(url: str, now: float) -> str:
    """ARM's signature of asynchronous URLs since 2025: over 2,500 characters, different for each.

    Only its looks are right; the simulator does not check it.
    """
    stamp = int((now + 62_135_596_800) * 10_000_000)
    noise = b"".join(hashlib.sha512(f"{url}{stamp}{n}".encode()).digest() for n in range(30))
    text = base64.urlsafe_b64encode(noise).decode().rstrip("=")
    return f"&t={stamp}&c={text[:1900]}&s={text[1900:2242]}&h={text[2242:2285]}{'A' * 300}"


def _retry(call: Call) -> str:
    return call.retry_after(durations.ASR_RETRY_AFTER)


def _error(job: Json) -> Json:
    told = job["fails"]["error"]["serviceErrorDetails"]
    return {
        "code": told["code"],
        "message": told["message"],
        "details": [
            {
                "code": told["code"],
                "message": told["message"],
                "possibleCauses": told["possibleCauses"],
                "recommendedAction": told["recommendedAction"],
            }
        ],
    }


def _wrong_state(call: Call, item: Json, job: Json) -> Answer:
    """Refuse as the world's setting says: at once, or as a job that fails [PS-JOB]."""
    verb = job["scenario"]
    message = f"The operation '{verb}' is not allowed on '{item['vm_name']}' in its present state."
    how = call.world.settings.refusal
    if how == "failed_job":
        return _fails_at_once(
            call,
            job,
            {
                "code": WRONG_STATE,
                "message": message,
                "causes": "Another operation is pending or running on the item.",
                "action": "Look at allowedOperations of the item and try again.",
            },
        )
    del call.world.table("jobs")[job["id"]]
    status, code = (409, "Conflict") if how == "conflict" else (400, "BadRequest")
    raise AzureError(status, code, message, [{"code": WRONG_STATE, "message": message}])


def _fails_at_once(call: Call, job: Json, fault: Json) -> Answer:
    asr_jobs.fail(job, job["starts"] + durations.REFUSED_JOB, 0, fault)
    return _accepted(call, job)


def _choose_point(call: Call, item: Json, job: Json, asked: str | None) -> Json | None:
    """Set the job's recovery point; answers the fault if the one asked for is not there."""
    world = call.world
    if asked:
        point = asr_points.find(world, item, asked)
        if point is None:
            return {
                "code": NO_SUCH_POINT,
                "message": f"The recovery point '{name_of(asked)}' was not found.",
                "causes": "It was pruned, or belongs to another item.",
                "action": "Choose one of the item's present recovery points.",
            }
        job |= {"point": point.name, "point_time": point.time}
        return None
    # "Latest" processes what is pending first; how close it comes to now is guessed.
    seconds, measured = asr_item_details.rpo(world, item)
    job |= {"point": world.guid("latest", job["id"]), "point_time": measured - seconds / 2}
    return None


def _planned_fault(item: Json, scenario: str, job: Json, *, work: float) -> str | None:
    """Let the job fail if the world says so; answers where."""
    fault = item["faults"].get(scenario)
    if not fault or item["counts"][scenario] > fault["times"]:
        return None
    takes = job["ends"] - job["starts"]
    share, task = {
        "prerequisites": (0.01, 0),
        "work": (work, 1 if scenario == "failover_test" else 2),
        "end": (1.0, len(job["tasks"]) - 1),
    }[fault["at"]]
    asr_jobs.fail(job, job["starts"] + share * takes, task, copy.deepcopy(fault))
    return str(fault["at"])
