"""What all jobs about one item share: beginning, holding the item, refusing, failing as told."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from muster.simulator.arm.errors import AzureError, bad_input
from muster.simulator.asr import failover_details, item_states, jobs, operations
from muster.simulator.call import Answer, Call
from muster.simulator.durations import Share
from muster.simulator.faults import job_courses
from muster.simulator.json_types import Json
from muster.simulator.world import World

DIRECTIONS = ("PrimaryToRecovery", "RecoveryToPrimary")


class Asking(Protocol):
    """Who asks for a job: a request, or a recovery plan that goes on after its own request."""

    @property
    def world(self) -> World: ...

    @property
    def client_request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Later:
    """A job's own next step, asked for when no request is at hand."""

    world: World
    client_request_id: str


def demand_a2a(given: Json, key: str = "providerSpecificDetails") -> Json:
    """The provider's part of an input. Raises: AzureError for another provider."""
    details = given.get(key) or {}
    if not isinstance(details, dict) or details.get("instanceType") != "A2A":
        raise bad_input(f"{key}.instanceType has to be 'A2A'.")
    return details


def demand_word(given: Json, key: str, known: tuple[str, ...]) -> str | None:
    """A word of an input, None if it is missing. Raises: AzureError for an unknown one."""
    value = given.get(key)
    if value is None:
        return None
    found = next((word for word in known if word.lower() == str(value).lower()), None)
    if found is None:
        raise bad_input(f"{key} has to be one of {', '.join(known)}.")
    return found


def begun_for(
    asking: Asking,
    item: Json,
    scenario: str,
    shares: tuple[Share, ...],
    takes: float,
    **told: Any,
) -> Json:
    """A job about one item, begun now; `details` are its customDetails, if not plain ones."""
    world = asking.world
    return jobs.begin(
        world,
        item["vault_id"],
        scenario,
        jobs.Subject("ProtectionEntity", item["entity"], item["vm_name"]),
        takes=takes,
        client_request_id=asking.client_request_id,
        tasks=shares,
        item=item["id"].lower(),
        **_usual(world, item) | told,
    )


def _usual(world: World, item: Json) -> dict[str, Any]:
    """What a job about an item has unless it says otherwise; `undo` clears up if cancelled."""
    return {
        "resource": item["id"],
        "details": failover_details.plain(world, item),
        "undo": "item_job_cancelled",
    }


def counted(item: Json, kind: str) -> int:
    """The number of the next job of a kind on an item, from 1: durations vary by it."""
    return int(item["counts"].get(kind, 0)) + 1


def hold(world: World, item: Json, job: Json) -> None:
    """Let a job be the one that works on an item: until its release nothing else may.

    What held the item before, a recovery plan's job, holds it again after the release.
    """
    item["busy"] = {
        "scenario": job["scenario"],
        "job": job["id"],
        "since": job["starts"],
        "under": item["busy"],
    }
    world.changed = True


def release(world: World, item: Json) -> None:
    """Let an item be free for the next job, or for the plan that held it before."""
    item["busy"] = (item["busy"] or {}).get("under")
    world.changed = True


def holds(item: Json | None, job: Json) -> bool:
    """Whether a job still works on an item: not if it was cancelled, or the item is gone."""
    busy = item_states.running(item) if item else None
    return busy is not None and busy["job"] == job["id"] and job["cancelled"] is None


def wrong_state(call: Call, item: Json, job: Json) -> Answer:
    """Refuse a verb that `allowedOperations` does not hold."""
    return refused(
        call,
        job,
        f"The operation '{job['scenario']}' is not allowed on '{item['vm_name']}' in its present "
        "state.",
        causes="Another operation is pending or running on the item.",
        action="Look at allowedOperations of the item and try again.",
    )


def wrong_way(call: Call, item: Json, job: Json, direction: str) -> Answer:
    """Refuse a direction: an item goes from Primary to Recovery, also on the way back [CLI]."""
    return refused(
        call,
        job,
        f"The failover direction '{direction}' is not valid for '{item['vm_name']}'.",
        action="Fail over from Primary to Recovery, also on the way back.",
    )


def refused(call: Call, job: Json, message: str, *, causes: str = "", action: str = "") -> Answer:
    """Refuse as the world's setting says: at once, or as a job that fails (FACTS 11)."""
    return operations.refuse(call, job, message, causes=causes, action=action)


@contextmanager
def input_of(world: World, job: Json) -> Iterator[None]:
    """Read the rest of an input: what cannot be read at all (a 400) leaves no job behind."""
    try:
        yield
    except AzureError:
        del world.table("jobs")[job["id"]]
        raise


def planned_fault(
    world: World,
    item: Json,
    kind: str,
    job: Json,
    *,
    work: job_courses.Work,
    count: int | None = None,
) -> str | None:
    """Let a job fail, or hang, if the world file or a fault says so; answers where, or None.

    `work`: share of the job's time, and number of the task, in which its real work is done.
    """
    fault: Mapping[str, Any] | None = item["faults"].get(kind)
    if fault and (count or item["counts"].get(kind, 0)) <= fault["times"]:
        share, task = job_courses.place(job, fault["at"], work)
        at = job["starts"] + share * (job["ends"] - job["starts"])
        jobs.fail(job, at, task, copy.deepcopy(dict(fault)))
        return str(fault["at"])
    for happens in world.faults.meet("job", job["scenario"], vm=item["vm_name"]):
        if where := job_courses.bend(world, job, happens.job, work):
            return where
    return None
