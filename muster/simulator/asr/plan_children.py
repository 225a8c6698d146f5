"""The job that one machine has of its own in one phase of a recovery plan's job [PS-RP]."""

from __future__ import annotations

from muster.simulator.asr.item_jobs import Later
from muster.simulator.durations import JOB_QUEUED
from muster.simulator.json_types import Json
from muster.simulator.world import World


def asking(world: World, job: Json) -> Later:
    """The plan's job asks for the jobs of its machines, with its client's request id."""
    return Later(world, job["run"]["request"])


def adopt(job: Json, child: Json) -> Json:
    """Make a job that was begun just now a part of the plan's: it does not queue.

    It is cancelled with the plan's, not by itself (inferred), and tells nobody to restart it.
    """
    child |= {"parent": job["id"], "suspends": False, "again": None}
    for timed in (child, *child["tasks"]):
        for key in ("starts", "start", "ends", "end"):
            if timed.get(key):
                timed[key] -= JOB_QUEUED
    return child
