"""What becomes of a Site Recovery job that a rule is for: it fails, hangs, or takes its time."""

from __future__ import annotations

from muster.simulator.asr import jobs
from muster.simulator.faults.happening import Job, Where
from muster.simulator.json_types import Json
from muster.simulator.world import World

FOREVER = 10 * 365 * 86400.0
EARLY = 0.01  # share of a job's time in which its prerequisites are checked
Work = tuple[float, int]
"""The share of a job's time, and the number of the task, in which its real work is done."""


def bend(world: World, job: Json, course: Job, work: Work) -> str | None:
    """Change a job that begins now; answers where it fails or hangs, None if it goes through."""
    if course.takes is not None:
        _stretch(job, course.takes)
    elif course.cancelled is not None:
        world.later(course.cancelled, "fault_cancels", job=job["id"])
    elif course.stuck is not None:
        _, task = place(job, course.stuck, work)
        _hold(job, task)
        return course.stuck
    elif course.fails is not None:
        told = course.fails
        share, task = place(job, told.at, work)
        at = job["starts"] + share * (job["ends"] - job["starts"])
        jobs.fail(job, at, task, told.model_dump(exclude={"at"}))
        return told.at
    return None


def place(job: Json, where: Where, work: Work) -> Work:
    """The share of a job's time and the number of the task that a word means."""
    last = max(len(job["tasks"]) - 1, 0)
    return {"prerequisites": (EARLY, 0), "work": work, "end": (1.0, last)}[where]


def _stretch(job: Json, times: float) -> None:
    """Let everything of a job take so many times as long."""
    for task in job["tasks"]:
        for instant in ("start", "end"):
            if task[instant] is not None:
                task[instant] = job["starts"] + times * (task[instant] - job["starts"])
    job["ends"] = job["starts"] + times * (job["ends"] - job["starts"])


def _hold(job: Json, number: int) -> None:
    """Let a task never end, so that those behind it never begin."""
    for task in job["tasks"][number:]:
        for instant in ("start", "end"):
            is_before = instant == "start" and task is job["tasks"][number]
            if task[instant] is not None and not is_before:
                task[instant] += FOREVER
    job["ends"] += FOREVER
