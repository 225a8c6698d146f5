"""What runs: jobs of Site Recovery with their tasks, runbooks, scripts in guests; and what ended.

What a script does, with which parameters, and what it wrote is not shown: secrets travel there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from muster.simulator.arm.ids import name_of
from muster.simulator.asr import job_bodies
from muster.simulator.asr import jobs as asr_jobs
from muster.simulator.automation import jobs as automation_jobs
from muster.simulator.json_types import Json
from muster.simulator.page.values import dig, key, name, rows, text
from muster.simulator.world import World

MOST_RUNNING, MOST_ENDED, MOST_TASKS = 60, 20, 120
_Found = tuple[float, str, Callable[[], Json]]  # (since when, key, how to put its row together)


def job_rows(world: World) -> tuple[dict[str, Json], int, int]:
    """Rows of what runs, oldest first, then of what ended last; and how many run and ended."""
    running: list[Json] = []
    ended: list[Json] = []
    for job in world.table("jobs").values():
        (running if _runs(world, job) else ended).append(job)
    found = sorted(
        [*_of_site_recovery(world, running), *_runbooks(world), *_scripts(world)],
        key=lambda one: one[:2],
    )
    shown = {key_: make() for _, key_, make in found[:MOST_RUNNING]}
    for job in heapq.nlargest(MOST_ENDED, ended, key=_end):
        shown[job["id"]] = _job(world, job)
    return shown, len(found), len(ended)


def _runs(world: World, job: Json) -> bool:
    """A test failover that waits for its cleanup is over only then."""
    return asr_jobs.is_running(world, job) or asr_jobs.state(world, job)[0] == "Suspended"


def _end(job: Json) -> float:
    return float(min(at for at in (job["ends"], job["cancelled"]) if at is not None))


def _of_site_recovery(world: World, running: Sequence[Json]) -> Iterator[_Found]:
    for job in running:
        yield job["starts"], job["id"], partial(_job, world, job)


def _job(world: World, job: Json) -> Json:
    state, told = asr_jobs.state(world, job)
    runs = _runs(world, job)
    properties = job_bodies.body(world, job, whole=True)["properties"]
    error = dig(job, "fails", "error", "serviceErrorDetails") if state == "Failed" else None
    return {
        "kind": "Site Recovery",
        "title": job_bodies.friendly(job["scenario"]) or job["scenario"],
        "on": text(job["subject"]["name"]),
        "vault": name(job["vault_id"]),
        "state": state,
        "text": told,
        "runs": runs,
        "starts": job["starts"],
        "ends": job["ends"] if runs else _end(job),
        "parent": job["parent"],
        "tasks": _tasks(properties["tasks"], [MOST_TASKS]) if runs or error else [],
        "error": error and {"code": text(error["code"]), "message": text(error["message"])},
    }


def _tasks(tasks: Any, left: list[int]) -> list[Json]:
    """A tree of tasks, cut where it gets long: `left` is how many more may come."""
    found = []
    for task in tasks:
        if left[0] <= 0:
            break
        left[0] -= 1
        found.append(
            {
                "name": text(task["friendlyName"] or task["name"]),
                "state": task["state"],
                "tasks": _tasks(rows(task, "groupTaskCustomDetails", "childTasks"), left),
            }
        )
    return found


def _runbooks(world: World) -> Iterator[_Found]:
    for arm_id, job in world.table(automation_jobs.TABLE).items():
        status = automation_jobs.status_of(world, job)
        if status not in automation_jobs.ENDED:
            row = {
                "kind": "Runbook",
                "title": text(job["runbook"]),
                "on": name(job["account"]),
                "state": status,
                "starts": job["created"],
                "ends": automation_jobs.ends_at(job),
            }
            yield job["created"], key(arm_id), partial(_plain, row)


def _scripts(world: World) -> Iterator[_Found]:
    for arm_id, command in world.table("commands").items():
        if command["state"] in ("Pending", "Running"):
            vm = world.resource(command["vm"])
            began = command["started"] or world.now
            row = {
                "kind": "Script in a VM",
                "title": text(name_of(arm_id)),
                "on": text(vm["name"] if vm else name_of(command["vm"])),
                "state": command["state"],
                "starts": command["started"],
                "ends": None,
            }
            yield began, key(arm_id), partial(_plain, row)


def _plain(row: Json) -> Json:
    """The row of what has no vault, no tasks and no error to tell."""
    return row | {
        "vault": "", "text": row["state"], "runs": True, "parent": None, "tasks": [],
        "error": None,
    }  # fmt: skip
