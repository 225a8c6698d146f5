"""The front of Azure Resource Manager: who asks, what for, may they, and the answer's headers."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from muster.simulator import dates, routes
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import parse
from muster.simulator.arm.meter import Meter
from muster.simulator.call import Answer, Call
from muster.simulator.guests.desk import Desk
from muster.simulator.identity.roles import Identity, action_of, demand
from muster.simulator.identity.tokens import Mint
from muster.simulator.keeping import Keeper
from muster.simulator.world import World

LARGEST_BODY = 4 * 1024**2
OPEN_TO_ALL = {("microsoft.resources/subscriptions", "list")}  # the answer holds only one's own
# Anyone who may call ARM at all may ask what they may do.
OPEN_KINDS = {"microsoft.authorization/permissions"}


class Front:
    """Answers every ARM request; the world moves on before and is saved after."""

    def __init__(
        self,
        world: World,
        mint: Mint,
        identities: Mapping[str, Identity],
        endpoint: str,
        keeper: Keeper,
        desk: Desk,
    ) -> None:
        self.world, self.mint, self.identities = world, mint, identities
        self.endpoint, self.keeper, self.desk = endpoint, keeper, desk
        self.meter = Meter()
        self.wake = asyncio.Event()  # the next event may have come nearer

    def move(self) -> None:
        """Bring the world to the present, and let the guests follow."""
        self.world.advance()
        self.settle()

    def settle(self) -> None:
        if self.world.changed:
            self.keeper.changed()
            self.world.changed = False
            self.wake.set()
        self.desk.dispatch()

    async def handle(self, request: web.Request) -> web.Response:
        """One request, from the wire to the wire."""
        text = await request.text() if request.can_read_body else ""
        self.move()
        await self.desk.carried()
        headers = self._headers(request)
        try:
            answer = self._answer(request, text, headers)
        except AzureError as error:
            answer = Answer(error.status, error.body())
            if error.status == 401:
                headers["WWW-Authenticate"] = (
                    f'Bearer authorization_uri="{self.endpoint}/{self.mint.tenant}", '
                    f'error="invalid_token", error_description="{error.message}"'
                )
        self.settle()
        try:
            await self.keeper.kept()
        except OSError as err:
            message = f"The simulator cannot keep its state: {err}"
            answer = Answer(500, {"error": {"code": "StateNotKept", "message": message}})
        return _response(answer, headers)

    def _headers(self, request: web.Request) -> dict[str, str]:
        """Those on every answer. `Date` is Azure time, as all of Azure's clocks here."""
        correlation = request.headers.get("x-ms-correlation-request-id") or str(uuid.uuid4())
        headers = {
            "Date": dates.http_date(self.world.now),
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
            "Expires": "-1",
            "x-ms-request-id": str(uuid.uuid4()),
            "x-ms-correlation-request-id": correlation,
            "x-ms-routing-request-id": f"SIMULATOR:{correlation}",
        }
        if mine := request.headers.get("x-ms-client-request-id"):
            headers["x-ms-client-request-id"] = mine
        return headers

    def _answer(self, request: web.Request, text: str, headers: dict[str, str]) -> Answer:
        caller = self._caller(request)
        name, left = self.meter.header(caller.client_id, request.method, self.world.now)
        headers[name] = left
        if "api-version" not in request.query:
            raise bad_request(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        target = parse(request.path)
        if not target.namespace or not target.types:
            raise AzureError(
                404,
                "InvalidResourceNamespace",
                f"The path '{request.path}' names no resource type.",
            )
        verb = routes.verb_of(request.method, target)
        if (target.kind, verb) not in OPEN_TO_ALL and target.kind not in OPEN_KINDS:
            demand(caller, action_of(verb, target.type), routes.scope_of(target))
        call = Call(
            world=self.world,
            method=request.method,
            target=target,
            query=request.query,
            body=_json(text),
            caller=caller,
            endpoint=self.endpoint,
            client_request_id=headers.get("x-ms-client-request-id", str(uuid.uuid4())),
            route=routes.handler_for,
        )
        return routes.handler_for(verb, target)(call)

    def _caller(self, request: web.Request) -> Identity:
        client = self.mint.client_of(request.headers.get("Authorization"))
        identity = self.identities.get(client)
        if identity is None:
            raise AzureError(401, "InvalidAuthenticationToken", "The access token is invalid.")
        return identity


def application(front: Front, others: list[web.RouteDef]) -> web.Application:
    """The whole web application: Entra's routes, and ARM for all the rest."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.add_routes(others)
    app.router.add_route("*", "/{path:.*}", front.handle)
    return app


def _json(text: str) -> Any:
    if not text.strip():
        return {}  # several POSTs come without a body
    try:
        return json.loads(text)
    except ValueError as err:
        raise bad_request(
            "InvalidRequestContent",
            f"The request content was invalid and could not be deserialized: '{err}'.",
        ) from err


def _response(answer: Answer, headers: Mapping[str, str]) -> web.Response:
    every = {**headers, **answer.headers}
    if answer.text is not None:
        return web.Response(status=answer.status, text=answer.text, headers=every)
    if answer.body is None:
        return web.Response(status=answer.status, headers=every)
    return web.json_response(answer.body, status=answer.status, headers=every)
