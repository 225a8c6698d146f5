"""Site Recovery's jobs, and the id of a job in the answer to a write."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from muster.gateway.kinds import NoJobNamed
from muster.gateway.parse import instant, mapping, rows, text_of, text_or_none, texts
from muster.gateway.values import Accepted, Job, JobError, JobTask, Json, VaultRef


def parse_job(raw: Json) -> Job:
    """A job as listed (no tasks, no details) or as got."""
    properties = mapping(raw.get("properties"))
    return Job(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        scenario=text_or_none(properties.get("scenarioName")),
        state=text_of(properties.get("state")),
        started_at=instant(properties.get("startTime")),
        ended_at=instant(properties.get("endTime")),
        target_name=text_or_none(properties.get("targetObjectName")),
        target_id=text_or_none(properties.get("targetObjectId")),
        allowed_actions=texts(properties.get("allowedActions")),
        tasks=tuple(_task(task) for task in rows(properties.get("tasks"))),
        errors=_errors(properties),
        raw=raw,
        network_id=_network(mapping(properties.get("customDetails"))),
    )


def job_id_from(headers: Mapping[str, str], vault: VaultRef) -> Accepted:
    """The job that a 202 names: the GUID behind `operationresults/` in Location, else x-ms-
    request-id.

    The Location may carry a signature of thousands of characters; nothing but its path is looked
    at.

    Raises:
        NoJobNamed: Neither header names one.
    """
    told = {key.casefold(): value for key, value in headers.items()}
    name = _behind("operationresults", urlsplit(told.get("location", "")).path)
    request_id = told.get("x-ms-request-id", "")
    name = name or _behind("replicationJobs", request_id.partition(",")[0].partition("?")[0])
    if not name:
        raise NoJobNamed(
            "Azure accepted the write, but neither Location nor x-ms-request-id names its job",
            status=202,
            maybe_accepted=True,
        )
    return Accepted(
        job_id=f"{vault.id}/replicationJobs/{name}",
        correlation_id=told.get("x-ms-correlation-request-id"),
        request_id=request_id or None,
    )


def _behind(marker: str, path: str) -> str:
    parts = unquote(path).strip().split("/")
    at = [number for number, part in enumerate(parts) if part.casefold() == marker.casefold()]
    return parts[at[-1] + 1] if at and at[-1] + 1 < len(parts) else ""


def _task(task: Json) -> JobTask:
    return JobTask(
        name=text_of(task.get("name")),
        friendly_name=text_of(task.get("friendlyName")),
        state=text_of(task.get("state")),
        started_at=instant(task.get("startTime")),
        ended_at=instant(task.get("endTime")),
    )


def _errors(properties: Json) -> tuple[JobError, ...]:
    """Those of the job, then those only its tasks have; what stands in both comes once."""
    found = [_error(error) for error in rows(properties.get("errors"))]
    for task in rows(properties.get("tasks")):
        found += [_error(error) for error in rows(task.get("errors"))]
    return tuple(dict.fromkeys(found))


def _error(error: Json) -> JobError:
    service = mapping(error.get("serviceErrorDetails"))
    provider = mapping(error.get("providerErrorDetails"))
    code = text_or_none(service.get("code")) or text_of(provider.get("errorCode"))
    return JobError(
        code=code,
        message=_first(service.get("message"), provider.get("errorMessage")),
        causes=_first(service.get("possibleCauses"), provider.get("possibleCauses")),
        action=_first(service.get("recommendedAction"), provider.get("recommendedAction")),
    )


def _first(*values: object) -> str:
    return next((str(value) for value in values if value), "")


def _network(details: Json) -> str | None:
    """The drill network, where a test failover names it by id (A2A: uncertain, often null)."""
    name = text_of(details.get("networkName"))
    return name if name.casefold().startswith("/subscriptions/") else None
