"""A browser's side of the page's stream: what was sent, put together as the page does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .conftest import Azure


@dataclass
class Watching:
    """The tables as they stand after all that was heard."""

    answer: aiohttp.ClientResponse
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[Any] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)

    async def hear(self) -> Any:
        """The next message, taken in; None at the end of the stream."""
        async for line in self.answer.content:
            if line.startswith(b"data: "):
                return self.take(json.loads(line.removeprefix(b"data: ")))
        return None

    def take(self, message: Any) -> Any:
        self.messages.append(message)
        if message["whole"]:
            self.tables, self.calls = {}, []
        for name, gone in message["gone"].items():
            for key in gone:
                del self.tables[name][key]
        for name, rows in message["set"].items():
            self.tables.setdefault(name, {}).update(rows)
        self.calls += message["calls"]
        return message

    async def until(self, is_so: Callable[[], Any], within: float = 60.0) -> Any:
        """Hear until it is so."""
        async with asyncio.timeout(within):
            while not (found := is_so()):
                assert await self.hear() is not None, "the stream ended"
        return found

    def machine(self, name: str) -> Any:
        return named(self.tables["machines"], name)


def named(table: dict[str, Any], name: str) -> Any:
    """The row of a name."""
    return next(row for row in table.values() if row["name"] == name)


@asynccontextmanager
async def watching(azure: Azure) -> AsyncIterator[Watching]:
    """A page that is open, after its first message."""
    url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/stream"
    async with azure.http.get(url) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        found = Watching(answer)
        assert (await found.hear())["whole"]
        yield found


async def picture(azure: Azure) -> Any:
    """GET /world."""
    url = azure.settings["MUSTER_SIMULATOR_CONTROL"] + "/world"
    async with azure.http.get(url) as answer:
        assert answer.status == 200
        return await answer.json()
