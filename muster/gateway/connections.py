"""The SDK's clients of one run: one session, credential and budget, the same policies for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import policies
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.mgmt.automation.aio import AutomationClient
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy
from azure.mgmt.recoveryservices.aio import RecoveryServicesClient
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient

from muster import __version__
from muster.gateway.budget import Budget, BudgetPolicy
from muster.gateway.credential import scope_of
from muster.gateway.date_watch import Dates, DateWatch
from muster.gateway.recording import RecordingPolicy
from muster.gateway.retry import REPEATABLE, RetryPolicy
from muster.gateway.road import Https, Road
from muster.settings import Settings

ClientT = TypeVar("ClientT")


class Connections:
    """Open with `async with`; clients are made when first asked for and live until it closes."""

    def __init__(self, settings: Settings, budget: Budget, road: Road | None = None) -> None:
        """`road` leads to the settings' endpoint: over HTTPS unless another one is handed in.

        Raises:
            SettingsError: As `open_credential`.
        """
        self._settings = settings
        self._budget = budget
        self._road = road or Https(settings)
        # Against Azure nobody moves time; a worker's own clock may be wrong there, and is its.
        self.dates = Dates(settings.clock, is_one=settings.target == "simulator")
        self.scope = scope_of(settings)
        self._clients: dict[tuple[type[Any], str], Any] = {}
        self._plain: AsyncPipelineClient[Any, Any] | None = None

    async def __aenter__(self) -> Connections:
        await self._road.__aenter__()
        return self

    @property
    def credential(self) -> AsyncTokenCredential:
        """Who we are to Azure; raises as `Road.credential`."""
        return self._road.credential

    async def __aexit__(self, *exc: object) -> None:
        for client in [*self._clients.values(), self._plain]:
            if client is not None:
                await client.close()
        self._clients.clear()
        self._plain = None
        await self._road.__aexit__(*exc)

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
        self,
        method: str,
        path: str,
        api_version: str | None,
        body: Any = None,
        *,
        repeatable: bool = False,
    ) -> AsyncHttpResponse:
        """Any request, through the same policies; the answer as it came.

        Args:
            method: HTTP's.
            path: An ARM path, or a whole address, which must be of our endpoint.
            api_version: None sends none, as does a path that has its own query.
            body: JSON, or a str that is sent as it is.
            repeatable: Whether it may be sent again however it ended: a question that is POSTed.

        Raises:
            Whatever the SDK raises; call it `in_our_words`.
        """
        if self._plain is None:
            self._plain = AsyncPipelineClient(
                self._settings.arm_endpoint,
                policies=self._policies(),
                transport=self._road.transport(),
            )
        params = {} if "?" in path or api_version is None else {"api-version": api_version}
        given = {"content": body} if isinstance(body, str) else {"json": body}
        request = HttpRequest(
            method, self._address(path), params=params, **(given if body is not None else {})
        )
        options = {REPEATABLE: True} if repeatable else {}
        return cast("AsyncHttpResponse", await self._plain.send_request(request, **options))

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
                transport=self._road.transport(),
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
            DateWatch(self.dates),
            *self._recording(),
        ]

    def _recording(self) -> list[Any]:
        folder = self._settings.record
        return [] if folder is None else [RecordingPolicy(folder)]
