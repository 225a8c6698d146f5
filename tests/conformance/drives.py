"""Asking the simulator, and writing down what went over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tests.conformance.entries import Exchange
from tests.unit.simulator.conftest import Azure

Move = Callable[[float], None]
"""Lets some Azure seconds pass."""
STEP = 15.0  # Azure seconds between two looks at an operation
MOST_LOOKS = 1000
STATUS_WORDS = ("/replicationoperationstatus/", "/operationstatus/")


class Drive(Protocol):
    """A client: bare HTTP, or the SDKs."""

    log: list[Exchange]

    async def ask(self, method: str, path: str, body: Any, version: str) -> Exchange:
        """Send a request; answers what came back first."""

    async def finish(self, first: Exchange) -> None:
        """Follow an accepted request to its end, as clients do; all of it is in the log."""


class Bare:
    """HTTP and JSON, nothing else."""

    def __init__(self, azure: Azure, move: Move) -> None:
        self.azure, self.move = azure, move
        self.log: list[Exchange] = []

    async def ask(self, method: str, path: str, body: Any, version: str) -> Exchange:
        status, answer, headers = await self.azure.ask(method, path, body, version=version)
        plain = path.removeprefix(self.azure.endpoint)
        told = Exchange(method, plain, body, status, dict(headers), answer or None)
        self.log.append(told)
        return told

    async def finish(self, first: Exchange) -> None:
        if "Azure-AsyncOperation" not in first.headers:
            return  # done when it was answered
        for _ in range(MOST_LOOKS):
            look = await self.ask("GET", first.headers["Azure-AsyncOperation"], None, "")
            if (look.body or {}).get("status") != "InProgress":
                break
            self.move(STEP)
        if first.method in ("PUT", "PATCH"):
            await self.ask("GET", first.path, None, "2024-10-01")
        elif first.method == "POST" and "Location" in first.headers:
            await self.ask("GET", first.headers["Location"], None, "")
