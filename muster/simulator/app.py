"""The front of Azure Resource Manager: who asks, what for, may they, and the answer's headers."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from muster.simulator import dates, exchange, routes
from muster.simulator.arm import activity, subscriptions, versions, wire
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import Target, parse
from muster.simulator.arm.meter import Meter, kind_of
from muster.simulator.call import Answer, Call
from muster.simulator.counters import Counters, note
from muster.simulator.exchange import Request, Response
from muster.simulator.faults.wire import Course, course_of
from muster.simulator.guests.desk import Desk
from muster.simulator.identity import access, linked
from muster.simulator.identity.roles import Identity, action_of, demand
from muster.simulator.identity.tokens import Mint
from muster.simulator.keeping import Keeper
from muster.simulator.mishaps import Mishaps
from muster.simulator.page.calls import Calls
from muster.simulator.taking_back import whole_or_nothing
from muster.simulator.world import World

# Their answers hold only one's own.
OPEN_TO_ALL = {
    ("microsoft.resources/subscriptions", "list"),
    ("microsoft.resources/tenants", "list"),
}
# Anyone who may call ARM at all may ask what they may do.
OPEN_KINDS = {"microsoft.authorization/permissions"}
# Role definitions at the tenant's root are read by whoever is in the tenant (from memory).
OPEN_AT_ROOT = {"microsoft.authorization/roledefinitions"}


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
        mishaps: Mishaps,
    ) -> None:
        self.world, self.mint, self.identities = world, mint, identities
        self.endpoint, self.keeper, self.desk, self.mishaps = endpoint, keeper, desk, mishaps
        self.meter = Meter(world.settings.throttling, world.clock.speed)
        self.wake = asyncio.Event()  # the next event may have come nearer

    def move(self) -> None:
        """Bring the world to the present, and let the guests follow."""
        self.mishaps.advance(self.world)
        self.settle()

    def settle(self) -> None:
        if self.world.changed:
            self.keeper.changed()
            self.world.changed = False
            self.wake.set()
        self.desk.dispatch()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, from the wire to the wire."""
        response = await self.answer(await exchange.from_wire(request))
        return await exchange.to_wire(request, response)

    async def answer(self, request: Request) -> Response:
        """One request, whoever carries it; answered once what came of it is kept."""
        body = wire.body_of(request)
        self.move()
        await self.desk.carried()
        headers = self._headers(request)
        target = parse(request.path)
        caller, course, answer = self._judged(request, target, body, headers)
        if not course.is_lost_before:
            activity.note(self.world, caller, request.method, request.path, answer, headers)
        self.settle()
        if message := await self.kept():
            answer = Answer(500, {"error": {"code": "StateNotKept", "message": message}})
        await course.held_up()
        return course.delivered(_response(answer, headers))

    def _judged(
        self, request: Request, target: Target, body: wire.Body, headers: dict[str, str]
    ) -> tuple[Identity | None, Course, Answer]:
        """Who asks, which faults the call meets, and what it is answered."""
        verb = routes.verb_of(request.method, target)
        what = routes.operation_of(verb, target)
        note(what)
        caller: Identity | None = None
        course = Course(self.world, target)
        try:
            caller = self._caller(request)
            note(what, caller)
            course = course_of(self.world, what, target, caller.name)
            answer = course.instead()
            if answer is None:
                answer = course.told(self._answer(caller, request, target, body, headers))
        except AzureError as error:
            answer = Answer(error.status, error.body())
            if error.status == 401:
                headers["WWW-Authenticate"] = self.mint.challenge(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours: ARM answers in JSON then
            self.mishaps.note(self.world, what, error)
            message = "The server encountered an internal error. Please retry the request."
            answer = Answer(500, AzureError(500, "InternalServerError", message).body())
        return caller, course, answer

    async def kept(self) -> str:
        """Wait until the state of this instant is durable; answers why it is not, or nothing."""
        try:
            await self.keeper.kept()
        except OSError as err:
            return f"The simulator cannot keep its state: {err}"
        except Exception as err:  # noqa: BLE001 - a state that cannot be written is a bug of ours
            self.mishaps.note(self.world, "the keeping of the state", err)
            return "The simulator cannot keep its state: it holds what cannot be written."
        return ""

    def _headers(self, request: Request) -> dict[str, str]:
        """Those on every answer. `Date` is Azure time, as all of Azure's clocks here."""
        correlation = wire.told_in(request.headers, "x-ms-correlation-request-id")
        correlation = correlation or str(uuid.uuid4())
        headers = {
            "Date": dates.http_date(self.world.now),
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
            "Expires": "-1",
            "x-ms-request-id": str(uuid.uuid4()),
            "x-ms-correlation-request-id": correlation,
            "x-ms-routing-request-id": f"SIMULATOR:{correlation}",
        }
        if mine := wire.told_in(request.headers, "x-ms-client-request-id"):
            headers["x-ms-client-request-id"] = mine
        return headers

    def _answer(
        self,
        caller: Identity,
        request: Request,
        target: Target,
        body: wire.Body,
        headers: dict[str, str],
    ) -> Answer:
        self._meter(caller, request.method, target, headers)
        versions.demand_readable(request.query, target)
        subscriptions.demand_known(self.world, target)
        verb = routes.verb_of(request.method, target)
        call = Call(
            world=self.world,
            method=request.method,
            target=target,
            query=request.query,
            body=self._allowed(caller, verb, target, body),
            caller=caller,
            endpoint=self.endpoint,
            client_request_id=headers.get("x-ms-client-request-id", str(uuid.uuid4())),
            route=routes.handler_for,
            only_new=wire.told_in(request.headers, "If-None-Match").strip() == "*",
        )
        return whole_or_nothing(routes.handler_for(verb, target), call)

    def _allowed(self, caller: Identity, verb: str, target: Target, sent: wire.Body) -> Any:
        """The body, once the caller may do this, here and to all that the body names."""
        action = action_of(verb, target.type)
        if not _is_open(verb, target):
            demand(caller, action, routes.scope_of(target))
        body = wire.value_of(sent)
        linked.demand(caller, verb, action, target, body, self.world.state["subscriptions"])
        return body

    def _meter(
        self, caller: Identity, method: str, target: Target, headers: dict[str, str]
    ) -> None:
        """Count the request, and refuse it if the caller has none left."""
        subscription = target.subscription.lower()
        if subscription not in self.world.state["subscriptions"]:
            subscription = ""
        reading = self.meter.take(caller.object_id, method, subscription, self.world.now)
        headers.update(reading.headers)
        if reading.wait is None:
            return
        headers["Retry-After"] = str(reading.wait)
        whose = f"subscription '{subscription}'" if subscription else "tenant"
        raise AzureError(  # words as in a public log; those for a tenant are UNCERTAIN
            429,
            "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled",
            f"Number of '{kind_of(method).removesuffix('s')}' requests for {whose} actor "
            f"'{caller.object_id}' exceeded. Please try again after '{reading.wait}' seconds "
            "after additional tokens are available. Refer to https://aka.ms/arm-throttling for "
            "additional information.",
        )

    def _caller(self, request: Request) -> Identity:
        """Who sent it, with what they may do at this moment. Raises: AzureError, a 401."""
        client = self.mint.client_of(request.headers.get("Authorization"))
        identity = self.identities.get(client)
        if identity is None:
            raise AzureError(401, "InvalidAuthenticationToken", "The access token is invalid.")
        return replace(identity, grants=access.grants_of(self.world, identity.object_id))


def application(
    front: Front, others: list[web.RouteDef], counters: Counters, calls: Calls
) -> web.Application:
    """The whole web application: Entra's routes, and ARM for all the rest."""
    middlewares = [counters.middleware(), calls.middleware()]
    app = web.Application(client_max_size=exchange.LARGEST_BODY, middlewares=middlewares)
    app.add_routes(others)
    app.router.add_route("*", "/{path:.*}", front.handle)
    return app


def _is_open(verb: str, target: Target) -> bool:
    if (target.kind, verb) in OPEN_TO_ALL or target.kind in OPEN_KINDS:
        return True
    return not target.scope and verb in ("get", "list") and target.kind in OPEN_AT_ROOT


def _response(answer: Answer, headers: Mapping[str, str]) -> Response:
    every = {**headers, **answer.headers}
    if answer.text is not None:
        kind, body = "text/plain", answer.text.encode()
    elif answer.body is not None:
        kind, body = "application/json", json.dumps(answer.body).encode()
    else:
        return Response(answer.status, every)
    return Response(answer.status, {**every, "Content-Type": f"{kind}; charset=utf-8"}, body)
