"""The job that one machine has of its own in one phase of a recovery plan's job [PS-RP]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster.simulator.asr import jobs
from muster.simulator.durations import Share
from muster.simulator.json_types import Json
from muster.simulator.world import World


def child_job(
    world: World, job: Json, item: Json, tasks: Sequence[Share], takes: float, **told: Any
) -> Json:
    """A job of one machine in one phase of a plan; its scenario is the plan's [PS-RP]."""
    return jobs.begin(
        world,
        item["vault_id"],
        job["scenario"],
        jobs.Subject("ProtectionEntity", item["entity"], item["vm_name"]),
        resource=item["id"],
        takes=takes,
        client_request_id=job["run"]["request"],
        tasks=tasks,
        queued=0.0,
        item=item["id"].lower(),
        parent=job["id"],
        **told,
    )
