"""One request as a handler sees it, the answer it gives, and what a row of the routes says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import Target, parse
from muster.simulator.identity.roles import Identity
from muster.simulator.json_types import Json
from muster.simulator.world import World


def version_in(query: Mapping[str, str]) -> str:
    """The api-version of a query, whatever the casing of its key; "" if there is none."""
    return next((value for key, value in query.items() if key.lower() == "api-version"), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body (None: empty) or text, and headers besides the usual ones."""

    status: int
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request; `world.now` stands still while it is handled."""

    world: World
    method: str
    target: Target
    query: Mapping[str, str]
    body: Any
    caller: Identity
    endpoint: str  # https://127.0.0.1:port
    client_request_id: str
    route: Callable[[str, Target], Handler]  # who answers a verb at a path
    only_new: bool = False  # `If-None-Match: *`: nothing that is there is to be replaced

    @property
    def api_version(self) -> str:
        return version_in(self.query)

    def object(self) -> Json:
        """The body, which has to be a JSON object."""
        if not isinstance(self.body, dict):
            raise bad_request(
                "InvalidRequestContent", "The request content was invalid: an object was expected."
            )
        return self.body

    def properties(self) -> Json:
        """The body's `properties`, an object; missing ones count as none."""
        found = self.object().get("properties") or {}
        if not isinstance(found, dict):
            raise bad_request("InvalidRequestContent", "'properties' has to be an object.")
        return found

    def retry_after(self, azure_seconds: float) -> str:
        """A `Retry-After`, which clients wait on the wall clock: it shrinks as time runs faster.

        Whole seconds, rounded up, since the SDKs read an integer; a 0 they take for none, and then
        wait for their own 30 s.
        """
        return str(max(1, math.ceil(self.world.clock.wall(azure_seconds))))

    def get(self, path: str) -> Answer:
        """What a GET of another path answers, for the same caller. Raises: AzureError."""
        target = parse(path)
        query = {"api-version": self.api_version}
        return self.route("get", target)(
            replace(self, method="GET", target=target, body={}, query=query)
        )


Handler = Callable[[Call], Answer]
Rests = Literal["recorded", "specified", "inferred", "not modelled"]


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the table of routes: who answers, and what the answer rests on.

    `recorded`: its form follows a public recording; `specified`: the API's specification, its SDK
    or Microsoft's pages; `inferred`: our guess; `not modelled`: refused. `note` names what is not
    known.
    """

    handler: Handler
    rests: Rests
    note: str = ""


Routes = Mapping[tuple[str, str], Route]
"""(type in Azure's casing, verb) -> row. Verbs: get, list, head, put, patch, delete, post."""


def listed(values: list[Json]) -> Answer:
    """A list on one page; nextLink is present and null [CLI]."""
    return Answer(200, {"value": values, "nextLink": None})
