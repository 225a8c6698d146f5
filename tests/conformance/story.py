"""A story that is told to the simulator step by step, and what it answered to which entry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.conformance.drives import STATUS_WORDS, Drive, Move
from tests.conformance.entries import Exchange
from tests.unit.simulator.conftest import Azure

NOT_BUILT = ("NotImplemented", "InvalidResourceType")
VERSION = "2024-10-01"
Chapter = Callable[["Story"], Awaitable[None]]
Chapters = Mapping[Chapter, Chapter | None]
"""Each chapter, and the one that it needs to have come to its end."""


class StoppedError(Exception):
    """A step was not answered as the story needs it to go on."""


@dataclass
class Story:
    """Names of the world, the drive that asks, and what was told so far."""

    azure: Azure
    drive: Drive
    move: Move
    subscription: str
    versions: dict[str, str]  # entry -> the version it was recorded with
    told: dict[str, Exchange] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)  # chapter -> where and why
    moved: float = 0.0  # Azure seconds

    def group(self, name: str) -> str:
        return f"/subscriptions/{self.subscription}/resourceGroups/{name}"

    def vault(self, name: str) -> str:
        return f"{self.group('VaultGroup')}/providers/Microsoft.RecoveryServices/vaults/{name}"

    async def tell(self, chapters: Chapters) -> None:
        """Tell chapters in their order; one that stops takes along those that need it."""
        for chapter, needs in chapters.items():
            if needs and needs.__name__ in self.stopped:
                self.stopped[chapter.__name__] = f"needs: {needs.__name__}"
                continue
            try:
                await chapter(self)
            except StoppedError as reason:
                self.stopped[chapter.__name__] = str(reason)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        entry: str = "",
        like: str = "",
        status: int = 0,
    ) -> Exchange:
        """One request, kept as the answer to an entry; `like`: in the version of one.

        Raises: StoppedError for a refusal, unless that status is asked for.
        """
        version = self.versions.get(entry or like) or VERSION
        answer = await self.drive.ask(method, path, body, version)
        code = (answer.body or {}).get("error", {}).get("code") if answer.status >= 400 else ""
        if code not in NOT_BUILT:
            self.keep(entry, answer)
            if answer.status in (status, 200, 201, 202, 204):
                return answer
        raise StoppedError(f"{answer.operation}: {answer.status} {code}")

    async def bare(
        self, method: str, path: str, body: Any = None, *, refused: bool = False, expand: str = ""
    ) -> Exchange:
        """A request about the world around; `refused`: a refusal is what is wanted.

        Raises: StoppedError for any other refusal.
        """
        query = {"$expand": expand} if expand else {}
        status, answer, headers = await self.azure.ask(method, path, body, **query)
        told = Exchange(method, path, body, status, dict(headers), answer or None)
        self.drive.log.append(told)
        if status >= 400 and not refused:
            raise StoppedError(f"{method} {path}: {status} {answer}")
        return told

    async def do(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        entry: str = "",
        running: str = "",
        done: str = "",
        result: str = "",
    ) -> Exchange:
        """A write, followed to its end; `result` is an entry that shows the final body."""
        first = await self.ask(method, path, body, entry=entry)
        at = len(self.drive.log)
        await self.drive.finish(first)
        looks = [one for one in self.drive.log[at:] if _is_look(one)]
        if not looks:
            return first
        if len(looks) > 1:
            self.keep(running, looks[0])
        self.keep(done, looks[-1])
        self.keep(result, self.ended(first))
        if (status := looks[-1].body["status"]) != "Succeeded":
            raise StoppedError(f"{first.operation}: ended {status}")
        return first

    async def until(
        self, path: str, is_so: Callable[[Any], bool], *, step: float = 60.0, entry: str = ""
    ) -> Exchange:
        """GET every so many Azure seconds until the body is so. Raises: StoppedError."""
        for _ in range(300):
            answer = await self.ask("GET", path, like=entry)
            if is_so(answer.body):
                return self.keep(entry, answer)
            self.move(step)
        raise StoppedError(f"GET {path}: never came about")

    def ended(self, first: Exchange) -> Exchange:
        """A write with the body it answered in the end, as the specification shows writes."""
        return replace(first, body=self.drive.log[-1].body)

    def keep(self, entry: str, answer: Exchange) -> Exchange:
        if entry:
            self.told[entry] = answer
        return answer


def job_of(first: Exchange) -> str:
    """The path of the job behind an accepted write (FACTS 1.4)."""
    return first.headers["x-ms-request-id"]


def _is_look(one: Exchange) -> bool:
    return any(word in one.path.lower() for word in STATUS_WORDS)
