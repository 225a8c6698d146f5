"""Asking the simulator with the unmodified Azure SDKs; the wire is written down by a policy."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.mgmt.automation.aio import AutomationClient
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.recoveryservices.aio import RecoveryServicesClient
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient

from tests.conformance.drives import STATUS_WORDS, STEP, Move
from tests.conformance.entries import Exchange
from tests.conformance.id_patterns import names_in, words_of
from tests.conformance.lossless import losses
from tests.conformance.surface import Method, by_request, methods_of
from tests.unit.simulator.conftest import Azure

GROUPS: dict[type, tuple[str, ...]] = {
    SiteRecoveryManagementClient: (),
    RecoveryServicesClient: ("vaults",),
    ComputeManagementClient: ("virtual_machines",),
    AutomationClient: ("job",),
}
_Policy = AsyncHTTPPolicy[Any, Any]


class _Wire(_Policy):
    """Notes every answer, and lets time pass before each look at an operation."""

    def __init__(self, log: list[Exchange], endpoint: str, move: Move) -> None:
        super().__init__()
        self.log, self.endpoint, self.move = log, endpoint, move

    async def send(self, request: Any) -> Any:
        sent = request.http_request
        if sent.method == "GET" and any(word in sent.url.lower() for word in STATUS_WORDS):
            self.move(STEP)
        answer = await self.next.send(request)
        got = answer.http_response
        # Read twice, an empty body is an error of the SDK's.
        empty = got.status_code == 204 or got.headers.get("Content-Length") == "0"
        text = "" if empty else (await got.read()).decode()
        self.log.append(
            Exchange(
                sent.method,
                sent.url.removeprefix(self.endpoint),
                json.loads(sent.content) if sent.content else None,
                got.status_code,
                dict(got.headers),
                json.loads(text) if text else None,
            )
        )
        return answer


class _Unhurried(AioHttpTransport):
    """Waits for nothing, whatever `Retry-After` says: the story moves the time by itself."""

    async def sleep(self, duration: float) -> None:
        await asyncio.sleep(0)


class Sdk:
    """The SDKs' own methods, each found by the request it sends."""

    def __init__(self, azure: Azure, move: Move) -> None:
        self.azure, self.move = azure, move
        self.log: list[Exchange] = []
        self.answered: set[str] = set()  # methods that came to a good end
        self.judged = 0
        self.lost: dict[str, list[str]] = {}  # method -> what a model lost of an answer
        self._methods: dict[tuple[str, str], Method] = {}
        self._clients: dict[type, Any] = {}
        self._open: dict[int, tuple[Method, Any]] = {}

    async def ask(self, method: str, path: str, body: Any, version: str) -> Exchange:
        """Call the method that sends this request; the SDK chooses the version."""
        called = await self._method(method, path)
        group = getattr(await self._client(called.client), called.group)
        names = names_in(path, all_of_them=True)[1:]  # the client knows the subscription
        given = [*names[: called.names], *([body or {}] if called.body else [])]
        at = len(self.log)
        with contextlib.suppress(HttpResponseError):  # the story looks at the answer
            await self._call(called, getattr(group, called.name)(*given), at)
        return self.log[at]

    async def _call(self, called: Method, asked: Any, at: int) -> None:
        if called.name.startswith("begin_"):
            poller = await asked
            self._open[id(self.log[at])] = (called, poller)
        elif hasattr(asked, "__aiter__"):
            found = [each async for each in asked]
            self._judge(called, found, self.log[at].body["value"])
        else:
            self._judge(called, await asked, self.log[at].body)

    async def finish(self, first: Exchange) -> None:
        called, poller = self._open.pop(id(first))
        try:
            result = await poller.result()
        except HttpResponseError:
            return
        self._judge(called, result, self.log[-1].body)

    def _judge(self, method: Method, result: Any, raw: Any) -> None:
        self.answered.add(method.title)
        if result is None:
            return
        self.judged += 1
        if found := losses(result, raw):
            self.lost.setdefault(method.title, []).extend(found)

    async def _method(self, verb: str, path: str) -> Method:
        if not self._methods:
            for client, groups in GROUPS.items():
                self._methods |= by_request(await methods_of(client, groups))
        return self._methods[verb, words_of(path)]

    async def _client(self, kind: type) -> Any:
        if kind not in self._clients:
            wire = _Wire(self.log, self.azure.endpoint, self.move)
            azure = self.azure
            credential = await azure.stack.enter_async_context(azure.credential())
            self._clients[kind] = await azure.stack.enter_async_context(
                kind(
                    credential,
                    azure.settings["MUSTER_SUBSCRIPTION"],
                    base_url=azure.endpoint,
                    transport=_Unhurried(connection_verify=azure.ca),
                    polling_interval=0,
                    per_retry_policies=[wire],
                )
            )
        return self._clients[kind]
