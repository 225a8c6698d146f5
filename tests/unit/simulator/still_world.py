"""The small world in process, without sockets: time stands still until a test lets it pass."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from muster.simulator import routes
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import parse
from muster.simulator.azure_time import AzureTime
from muster.simulator.call import Answer, Call
from muster.simulator.identity.roles import Grant, Identity
from muster.simulator.taking_back import whole_or_nothing
from muster.simulator.world import World
from muster.simulator.worlds.build import new_state
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.model import Settings

from .conftest import SUBSCRIPTION, WORLD

EPOCH = 1_800_000_000.0
ROOT = Identity("root", "client", "object", "secret", grants=(Grant(SUBSCRIPTION, ("*",), ()),))


class StillTime(AzureTime):
    """Azure time that a test moves by hand."""

    def __init__(self, epoch: float, speed: float) -> None:
        super().__init__(epoch, speed)
        self.at = [epoch]

    def seconds(self) -> float:
        return self.at[0]


@cache
def _first_day(file: Path, seed: str) -> Any:
    facts, digest = load_world(file)
    facts = facts.model_copy(update={"seed": seed or facts.seed})
    return new_state(facts, digest, AzureTime(EPOCH, 1.0), routes.EFFECTS)


class StillWorld:
    """A world, and requests that are answered at once."""

    def __init__(self, file: Path = WORLD, seed: str = "", **settings: Any) -> None:
        self.clock = StillTime(EPOCH, 1.0)
        state = copy.deepcopy(_first_day(file, seed))
        self.world = World(state, Settings(**settings), self.clock, routes.EFFECTS)
        self.world.now = EPOCH

    def pass_by(self, seconds: float) -> None:
        """Let Azure time pass, and what is due happen."""
        self.clock.at[0] += seconds
        self.world.advance()

    def next_thing(self) -> bool:
        """Let time pass until the next thing has happened; False if nothing is to come."""
        due = self.world.next_due()
        if due is None:
            return False
        self.pass_by(max(0.0, due - self.clock.seconds()) + 0.001)
        return True

    def settle(self) -> None:
        """Let time pass until nothing is to come any more."""
        while self.next_thing():
            pass

    def ask(self, method: str, path: str, properties: Any = None, **query: str) -> Answer:
        """Answer a request as the service would; errors are answers too."""
        body = {} if properties is None else {"properties": properties}
        return self.answer(method, path, body, **query)

    def answer(self, method: str, path: str, body: Any, **query: str) -> Answer:
        """As `ask`, with the whole body."""
        target = parse(path)
        verb = routes.verb_of(method, target)
        call = Call(
            world=self.world,
            method=method,
            target=target,
            query={"api-version": "2025-08-01"} | query,
            body=copy.deepcopy(body),
            caller=ROOT,
            endpoint="https://127.0.0.1",
            client_request_id="11111111-1111-4111-8111-111111111111",
            route=routes.handler_for,
        )
        try:
            return whole_or_nothing(routes.handler_for(verb, target), call)
        except AzureError as error:
            return Answer(error.status, error.body())

    def get(self, path: str, **query: str) -> Any:
        answer = self.ask("GET", path, **query)
        assert answer.status == 200, answer.body
        return answer.body  # put together for this answer

    def job_of(self, answer: Answer) -> Any:
        """The job that a write began, as the world keeps it."""
        assert answer.status == 202, answer.body
        name = answer.headers["x-ms-request-id"].rpartition("/")[2]
        return self.world.table("jobs")[name]
