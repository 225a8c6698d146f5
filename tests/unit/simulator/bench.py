"""A world whose time the test moves itself: its handlers asked directly, no wire, no waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from muster.simulator import routes
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import parse
from muster.simulator.azure_time import AzureTime
from muster.simulator.call import Call
from muster.simulator.identity.roles import Grant, Identity
from muster.simulator.world import World
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world

from .conftest import CONTAINER_ID, ITEMS, VAULT, WORLD

START = 1_790_000_000.0
ANYBODY = Identity("anybody", "id", "object", "", (Grant("", ("*",), ()),))


@dataclass(frozen=True)
class HandTime(AzureTime):
    """Azure time that stands still until it is moved."""

    moved: list[float] = field(default_factory=lambda: [START])

    def seconds(self) -> float:
        return self.moved[0]


class Bench:
    """One world, asked as over the wire but without it."""

    def __init__(self, file: Path = WORLD, seed: str = "", **settings: Any) -> None:
        facts, digest = load_world(file)
        facts = facts.model_copy(update={"seed": seed or facts.seed})
        self.clock = HandTime(START, 1.0)
        state = new_state(facts, digest, self.clock, routes.EFFECTS)
        known = facts.settings.model_copy(update=settings)
        self.world = World(state, known, self.clock, routes.EFFECTS)

    def pass_(self, seconds: float) -> None:
        """Let Azure time pass."""
        self.clock.moved[0] += seconds
        self.world.advance()

    def until_quiet(self) -> None:
        """Let time pass until nothing is planned any more."""
        while (due := self.world.next_due()) is not None:
            self.pass_(max(0.0, due - self.clock.seconds()))

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any, Any]:
        """Status, body and headers of a request, as `Front` gives them."""
        path, _, asked = path.partition("?")
        target = parse(path)
        verb = routes.verb_of(method, target)
        call = Call(
            world=self.world,
            method=method,
            target=target,
            query={"api-version": "2025-08-01"} | dict(parse_qsl(asked)) | query,
            body=body if body is not None else {},
            caller=ANYBODY,
            endpoint="https://bench",
            client_request_id="6ab4e2b3-7705-478c-9bbc-7596cf4384db",
            route=routes.handler_for,
        )
        self.world.advance()
        try:
            answer = routes.handler_for(verb, target)(call)
        except AzureError as error:
            return error.status, error.body(), {}
        return answer.status, answer.body, answer.headers

    def get(self, path: str, **query: str) -> Any:
        status, body, _ = self.ask("GET", path, **query)
        assert status == 200, body
        return body

    def job(self, job: str) -> Any:
        return self.get(f"{VAULT}/replicationJobs/{job}")["properties"]

    def item(self, vm: str) -> Any:
        return self.get(f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}")["properties"]

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """A write, and its job once nothing more happens by itself."""
        job = self.send(method, path, body)
        self.until_quiet()
        self.pass_(10.0)
        return self.job(job)

    def send(self, method: str, path: str, body: Any = None) -> str:
        """A write that is accepted; answers its job's id."""
        status, told, headers = self.ask(method, path, body)
        assert status == 202, told
        return str(headers["x-ms-request-id"].rpartition("/")[2])
