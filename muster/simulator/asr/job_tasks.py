"""The tree of a job's tasks: walked through, stopped, made ready to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from muster.simulator.asr import jobs
from muster.simulator.json_types import Json
from muster.simulator.world import World

FAILED: Json = {"state": "Failed", "description": "Failed"}
CANCELLED: Json = {"state": "Cancelled", "description": "Cancelled"}


def every(nodes: Sequence[Json]) -> Iterator[Json]:
    """All tasks of a tree, a group before what it holds."""
    for node in nodes:
        yield node
        if node["group"]:
            yield from every(node["group"]["childTasks"])


def leaves(node: Json) -> Iterator[Json]:
    """The tasks below a task that hold no others; the task itself if it holds none."""
    return (one for one in every([node]) if one["group"] is None)


def stop(world: World, job: Json) -> None:
    """The job stands still: what runs was cancelled, what has not begun was skipped."""
    for node in every(job["tasks"]):
        begun = node["start"] is not None and node["start"] <= world.now
        ended = node["end"] is not None and node["end"] <= world.now
        if not begun and not node["state"]:
            node |= {"state": dict(jobs.SKIPPED), "start": None, "end": None}
        elif begun and not ended and node["state"] != jobs.SKIPPED:
            node |= {"state": dict(CANCELLED), "end": world.now}


def make_ready(job: Json) -> None:
    """What failed, was cancelled or was skipped on a failure may begin (again)."""
    for node in every(job["tasks"]):
        skipped = node["custom"] or {}
        if not node["state"] or skipped.get("skippedReason", "None") != "None":
            continue
        start = node["start"] if node["group"] else None
        node |= {"state": None, "errors": [], "start": start, "end": None}
