"""How Site Recovery accepts a write, and where a client asks what became of it (FACTS 1)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from muster.simulator import dates, durations
from muster.simulator.arm.errors import (
    AzureError,
    site_recovery_detail,
    site_recovery_not_found,
)
from muster.simulator.arm.ids import same
from muster.simulator.asr import jobs
from muster.simulator.asr.vault_ids import capital
from muster.simulator.call import Answer, Call, Route, Routes
from muster.simulator.json_types import Json
from muster.simulator.world import World

# What Site Recovery says to a verb in the wrong state is not known (FACTS 11), nor in which form.
WRONG_STATE = "990002"


def accepted(call: Call, job: Json) -> Answer:
    """202, empty, and the two addresses to ask at."""
    request_id = {"x-ms-request-id": f"{capital(job['vault_id'])}/replicationJobs/{job['id']}"}
    return Answer(202, None, _where(call, job) | request_id)


def get_status(call: Call) -> Answer:
    """GET …/replicationOperationStatus/{operation}: 200 whatever became of it."""
    demand_signed(call)
    job = jobs.find(call)
    status = _status(call.world, job)
    ended = status != "InProgress"
    body: Json = {
        "error": _error(job) if status == "Failed" else None,
        "id": None,
        "name": job["id"],
        "properties": None,
        "status": status,
        "startTime": dates.operation_start(job["accepted"]),
        "endTime": dates.operation_end(_ended_at(job)) if ended else None,
        "percentComplete": None,
    }
    return Answer(200, body, {} if ended else {"Retry-After": _retry(call)})


def get_result(call: Call) -> Answer:
    """GET …/operationresults/{operation}: 202 while it runs, then the resource, or 204 [SPEC].

    What a failed operation gives here is UNCERTAIN; the SDK does not ask. The address is the one
    that was told: elsewhere the right to read there is none to read the result.
    """
    demand_signed(call)
    job = jobs.find(call)
    if not same("/".join(call.target.path.split("/")[:-2]), job["resource"]):
        raise site_recovery_not_found(call.target.name)
    status = _status(call.world, job)
    if status == "InProgress":
        return Answer(202, None, _where(call, job))
    if status == "Failed":
        error = _error(job)
        raise AzureError(400, error["code"], error["message"])
    if not job["answers"] or status != "Succeeded":
        return Answer(204)
    return call.get(job["result"] or job["resource"])


def refuse(
    call: Call, job: Json, message: str, *, causes: str, action: str, code: str = WRONG_STATE
) -> Answer:
    """Refuse as the world's setting says: at once, or as a job that fails [PS-JOB].

    `job` was begun for it and is forgotten where the refusal comes at once.
    """
    how = call.world.settings.refusal
    if how == "failed_job":
        fault = {"code": code, "message": message, "causes": causes, "action": action}
        return fails_at_once(call, job, fault)
    del call.world.table("jobs")[job["id"]]
    status, word = (409, "Conflict") if how == "conflict" else (400, "BadRequest")
    detail = site_recovery_detail(code, message, causes, action, call.client_request_id)
    raise AzureError(status, word, message, [detail])


def fails_at_once(call: Call, job: Json, fault: Json) -> Answer:
    """Accepted, and failed in its pre-check a second later [PS-JOB]."""
    job |= {"undo": None, "again": None, "suspends": False}
    jobs.fail(job, job["starts"] + call.world.takes("refused_job"), 0, fault)
    return accepted(call, job)


def _status(world: World, job: Json) -> str:
    """The operation's word for the job's state; that of a cancelled one is UNCERTAIN (FACTS 2)."""
    state = jobs.state(world, job)[0]
    told: dict[str, str] = {
        "NotStarted": "InProgress",
        "Suspended": "InProgress" if job["waits"] else "Succeeded",
        "Cancelling": "InProgress",
        "Cancelled": world.settings.cancelled_operation,
    }
    return told.get(state, state)


def _ended_at(job: Json) -> float:
    return float(min(at for at in (job["ends"], job["cancelled"]) if at is not None))


def _where(call: Call, job: Json) -> dict[str, str]:
    urls = (
        f"{capital(job['vault_id'])}/replicationOperationStatus/{job['id']}",
        f"{capital(job['resource'])}/operationresults/{job['id']}",
    )
    signed = call.world.settings.signed_urls
    full = [
        f"{call.endpoint}{url}?api-version={call.api_version}"
        + (_signature(url, call.world.now) if signed else "")
        for url in urls
    ]
    return {"Azure-AsyncOperation": full[0], "Location": full[1], "Retry-After": _retry(call)}


def _signature(url: str, now: float) -> str:
    """ARM's signature of asynchronous URLs since 2025: over 2,500 characters, each its own."""
    stamp = int((now + 62_135_596_800) * 10_000_000)
    parts = _signed(url, str(stamp))
    return "".join(f"&{key}={value}" for key, value in parts.items())


def _signed(url: str, stamp: str) -> dict[str, str]:
    """The parameters that go with an URL and an instant; only their looks are ARM's."""
    what = f"{url.lower()}{stamp}"
    noise = b"".join(hashlib.sha512(f"{what}{n}".encode()).digest() for n in range(30))
    text = base64.urlsafe_b64encode(noise).decode().rstrip("=")
    last = f"{text[2242:2285]}{'A' * 300}"
    return {"t": stamp, "c": text[:1900], "s": text[1900:2242], "h": last}


def demand_signed(call: Call) -> None:
    """Refuse an address to ask at that is not as it was told, where addresses are signed.

    Raises: AzureError 403. That ARM checks them follows from their being there; how it refuses
    is inferred.
    """
    if not call.world.settings.signed_urls:
        return
    stamp = call.query.get("t", "")
    wanted = _signed(call.target.path, stamp)
    if stamp and all(call.query.get(key) == value for key, value in wanted.items()):
        return
    raise AzureError(
        403,
        "InvalidAsyncOperationSignature",
        "The signature of the asynchronous operation's address is missing or not valid. Follow "
        "the addresses of Azure-AsyncOperation and Location as they are.",
    )


def _retry(call: Call) -> str:
    return call.retry_after(durations.ASR_RETRY_AFTER)


def _error(job: Json) -> Any:
    told = job["fails"]["error"]["serviceErrorDetails"]
    detail = {
        "code": told["code"],
        "message": told["message"],
        "possibleCauses": told["possibleCauses"],
        "recommendedAction": told["recommendedAction"],
    }
    return {"code": told["code"], "message": told["message"], "details": [detail]}


_STATUS = "Microsoft.RecoveryServices/vaults/replicationOperationStatus"
ROUTES: Routes = {(_STATUS, "get"): Route(get_status, "recorded")}
RESULT = Route(get_result, "specified", "No recording asks for it; the SDK does.")
"""Of any resource of a vault: …/operationresults/{operation}."""
