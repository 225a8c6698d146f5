"""The SDK's clients of one run: one session, credential and budget, the same policies for all."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.pipeline import policies
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity.aio import DefaultAzureCredential
from azure.mgmt.automation.aio import AutomationClient
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
from azure.mgmt.recoveryservices.aio import RecoveryServicesClient
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from muster import __version__
from muster.gateway.budget import Budget, BudgetPolicy
from muster.gateway.credential import open_credential, scope_of
from muster.gateway.date_watch import Dates, DateWatch
from muster.gateway.kinds import BadCertificate
from muster.gateway.limits import CONNECT_TIMEOUT, READ_TIMEOUT
from muster.gateway.recording import RecordingPolicy
from muster.gateway.retry import RetryPolicy
from muster.settings import Settings

ClientT = TypeVar("ClientT")

CONNECTIONS = 32  # ARM gives 25 reads a second; more sockets would only queue there


class Connections:
    """Open with `async with`; clients are made when first asked for and live until it closes."""

    def __init__(self, settings: Settings, budget: Budget) -> None:
        self._settings = settings
        self._budget = budget
        self.dates = Dates(settings.clock)
        self._credential = open_credential(settings)
        self._unusable: BadCertificate | None = None
        self.scope = scope_of(settings)
        self._clients: dict[tuple[type[Any], str], Any] = {}
        self._plain: AsyncPipelineClient[Any, Any] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Connections:
        # One TLS context for all: azure-core's own handling of a CA file makes a new one, and so a
        # new connection, for every request.
        try:
            trusted = tls_context(self._settings.ca_file)
        except BadCertificate as error:
            # Told by the first call: a run that is open by then closes with it as its cause.
            self._unusable = error
            return self
        connector = aiohttp.TCPConnector(ssl=trusted, limit=CONNECTIONS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=self._settings.target == "azure",  # a proxy does not know our simulator
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self

    @property
    def credential(self) -> DefaultAzureCredential:
        """Who we are to Azure.

        Raises:
            BadCertificate: The CA file holds no certificate.
        """
        if self._unusable is not None:
            raise self._unusable
        return self._credential

    async def __aexit__(self, *exc: object) -> None:
        for client in [*self._clients.values(), self._plain]:
            if client is not None:
                await client.close()
        self._clients.clear()
        self._plain = None
        await self._credential.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def site_recovery(self, subscription: str) -> SiteRecoveryManagementClient:
        return self._client(SiteRecoveryManagementClient, subscription)

    def vaults(self, subscription: str) -> RecoveryServicesClient:
        return self._client(RecoveryServicesClient, subscription)

    def compute(self, subscription: str) -> ComputeManagementClient:
        return self._client(ComputeManagementClient, subscription)

    def automation(self, subscription: str) -> AutomationClient:
        return self._client(AutomationClient, subscription)

    def resources(self, subscription: str) -> ResourceManagementClient:
        return self._client(ResourceManagementClient, subscription)

    async def get_json(self, path: str, api_version: str) -> Mapping[str, Any]:
        """GET what no SDK client has a method for, through the same policies.

        Args:
            path: An ARM path, or the whole address of a next page, which must be of our endpoint.
            api_version: Left out when the address has its own query.

        Raises:
            Whatever the SDK raises; call it `in_our_words`.
        """
        response = await self.send("GET", path, api_version)
        response.raise_for_status()
        return cast("Mapping[str, Any]", response.json())

    async def send(
        self, method: str, path: str, api_version: str | None, body: Any = None
    ) -> AsyncHttpResponse:
        """Any request, through the same policies; the answer as it came.

        Args:
            method: HTTP's.
            path: An ARM path, or a whole address, which must be of our endpoint.
            api_version: None sends none, as does a path that has its own query.
            body: JSON, or a str that is sent as it is.

        Raises:
            Whatever the SDK raises; call it `in_our_words`.
        """
        if self._plain is None:
            self._plain = AsyncPipelineClient(
                self._settings.arm_endpoint, policies=self._policies(), transport=self._transport()
            )
        params = {} if "?" in path or api_version is None else {"api-version": api_version}
        given = {"content": body} if isinstance(body, str) else {"json": body}
        request = HttpRequest(
            method, self._address(path), params=params, **(given if body is not None else {})
        )
        return cast("AsyncHttpResponse", await self._plain.send_request(request))

    def _address(self, path: str) -> str:
        """Never send our token to another host, whatever a nextLink says."""
        base = self._settings.arm_endpoint
        if path.startswith("/"):
            return f"{base}{path}"
        if not path.casefold().startswith(f"{base.casefold()}/"):
            raise ValueError("Azure named a next page at another host")
        return path

    def _client(self, kind: type[ClientT], subscription: str) -> ClientT:
        key = (kind, subscription.casefold())
        if key not in self._clients:
            make = cast("Any", kind)
            self._clients[key] = make(
                self.credential,
                subscription,
                base_url=self._settings.arm_endpoint,
                credential_scopes=[self.scope],
                policies=self._policies(),
                transport=self._transport(),
            )
        return cast("ClientT", self._clients[key])

    def _policies(self) -> list[Any]:
        """For one client, in order.

        Left out of the SDK's own: redirects (ARM sends none; a token would travel), registration
        of providers (an act nobody asked for), and logging of headers.
        """
        return [
            policies.RequestIdPolicy(),
            policies.HeadersPolicy(),
            policies.UserAgentPolicy(base_user_agent=f"muster/{__version__}"),
            policies.ContentDecodePolicy(),
            RetryPolicy(self._settings.clock, self._budget),
            AsyncARMChallengeAuthenticationPolicy(self.credential, self.scope),
            policies.CustomHookPolicy(),
            BudgetPolicy(self._budget),
            *self._watching(),
            *self._recording(),
        ]

    def _watching(self) -> list[Any]:
        """Against Azure nobody moves time; a worker's own clock may be wrong there, and is its."""
        return [DateWatch(self.dates)] if self._settings.target == "simulator" else []

    def _recording(self) -> list[Any]:
        folder = self._settings.record
        return [] if folder is None else [RecordingPolicy(folder)]

    def _transport(self) -> AioHttpTransport:
        if self._session is None:
            raise RuntimeError("the gateway is used outside of its `async with`")
        return AioHttpTransport(
            session=self._session,
            session_owner=False,
            connection_timeout=CONNECT_TIMEOUT.total_seconds(),
            read_timeout=READ_TIMEOUT.total_seconds(),
        )


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """What decides whom we trust: the CA file if there is one, else the machine's store.

    Raises:
        BadCertificate: The file holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (ssl.SSLError, OSError) as error:
        raise BadCertificate(f"The CA file {ca_file} cannot be used: {error}") from error
