"""Faults of one call: what is answered in Azure's place, lost, held up, cut off or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import Target
from muster.simulator.azure_time import AzureTime
from muster.simulator.call import Answer
from muster.simulator.exchange import Response
from muster.simulator.faults.changing import changed
from muster.simulator.faults.happening import Answering, Do
from muster.simulator.json_types import Json
from muster.simulator.world import World

_JOB = "microsoft.recoveryservices/vaults/replicationjobs"
_HTML = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>"
    "</center><hr><center>Microsoft-Azure-Application-Gateway/v2</center></body></html>"
)


@dataclass(slots=True)
class Course:
    """What happens to one call, in the order of the rules; `seed` decides about order."""

    world: World
    target: Target
    happens: Sequence[Do] = field(default_factory=tuple)

    @property
    def seed(self) -> str:
        return self.world.seed

    def instead(self) -> Answer | None:
        """An answer in Azure's place: then nothing is done."""
        if self.is_lost_before:
            return Answer(503)  # nobody gets it
        for do in self.happens:
            if do.answer is not None:
                return _answer(do.answer, self.world.clock)
        return None

    @property
    def is_lost_before(self) -> bool:
        """Whether the request never gets there."""
        return any(do.lose == "request" or do.hang is not None for do in self.happens)

    def told(self, answer: Answer) -> Answer:
        """What is told in place of an answer whose act is done."""
        for do in self.happens:
            if do.lag is not None:
                answer = _lagging(self.world, self.target, answer, do.lag)
            if do.change is not None and answer.body is not None:
                answer = replace(answer, body=changed(answer.body, do.change, self.seed))
        return answer

    async def held_up(self) -> None:
        """Wait as long as the rules say; a hang by the wall clock, as sockets know no other."""
        for do in self.happens:
            if do.hang is not None:
                await asyncio.sleep(do.hang)
            if do.slow is not None:
                await self.world.clock.sleep(do.slow)

    def delivered(self, response: Response) -> Response:
        """The response as the wire carries it."""
        if self.is_lost_before:
            return replace(response, delivery="lost")
        for do in self.happens:
            if do.body == "html":
                headers = dict(response.headers) | {"Content-Type": "text/html"}
                response = replace(response, headers=headers, body=_HTML.encode())
            elif do.body == "empty":
                response = replace(response, body=b"")
            elif do.body == "truncated":
                response = replace(response, delivery="truncated")
            elif do.lose == "answer":
                response = replace(response, delivery="lost")
        return response


def course_of(world: World, operation: str, target: Target, client: str) -> Course:
    """What the rules say about a call that has just come in."""
    vm = vm_of(world, target)
    return Course(world, target, world.faults.meet("call", operation, vm=vm, client=client))


def vm_of(world: World, target: Target) -> str:
    """The name of the source VM that a path is about, or ""; that of a copy is its source's."""
    names = dict(zip((word.lower() for word in target.types), target.names, strict=False))
    if item_name := names.get("replicationprotecteditems"):
        item = world.items.get(_up_to(target.path, item_name).lower())
        return str(item["vm_name"]) if item else ""
    if job_name := names.get("replicationjobs"):
        job = world.table("jobs").get(job_name.lower())
        return str(job["subject"]["name"]) if job else ""
    if vm_name := names.get("virtualmachines"):
        machine = world.machines.get(_up_to(target.path, vm_name).lower())
        return str((machine or {}).get("writer") or vm_name)
    return ""


def _up_to(path: str, name: str) -> str:
    """A path as far as the segment of a name, in whatever case."""
    before, found, _ = (path + "/").lower().partition(f"/{name.lower()}/")
    return path[: len(before) + len(found) - 1] if found else path


def _answer(told: Answering, clock: AzureTime) -> Answer:
    headers = dict(told.headers)
    if told.retry_after is not None:
        # The client waits on its own clock, as for ARM's own 429.
        headers["Retry-After"] = str(max(1, round(clock.wall(told.retry_after))))
    return Answer(told.status, AzureError(told.status, told.code, told.message).body(), headers)


def _lagging(world: World, target: Target, answer: Answer, lag: float) -> Answer:
    """An answer in which jobs younger than `lag` are not there yet."""
    if target.kind != _JOB or answer.status != 200 or not isinstance(answer.body, dict):
        return answer
    if target.is_resource:
        if _is_young(world, answer.body, lag):
            error = AzureError(404, "ResourceNotFound", f"The job '{target.name}' was not found.")
            return Answer(404, error.body(), answer.headers)
        return answer
    rows = [row for row in answer.body["value"] if not _is_young(world, row, lag)]
    return replace(answer, body=answer.body | {"value": rows})


def _is_young(world: World, job: Json, lag: float) -> bool:
    kept = world.table("jobs").get(str(job.get("name", "")).lower())
    began = kept["accepted"] if kept else _instant(job["properties"].get("startTime"))
    return began is None or world.now - began < lag


def _instant(text: Any) -> float | None:
    return datetime.fromisoformat(f"{text[:19]}+00:00").timestamp() if text else None
