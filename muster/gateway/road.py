"""The road to Azure: who we are there, and what carries a request; one for all clients."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Protocol, Self

import aiohttp
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AioHttpTransport, AsyncHttpTransport
from azure.identity.aio import DefaultAzureCredential

from muster.gateway.credential import open_credential
from muster.gateway.kinds import BadCertificate
from muster.gateway.limits import CONNECT_TIMEOUT, READ_TIMEOUT
from muster.settings import Settings

CONNECTIONS = 32  # ARM gives 25 reads a second; more sockets would only queue there


class Road(Protocol):
    """Open with `async with`; whoever opens it closes it."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    @property
    def credential(self) -> AsyncTokenCredential:
        """Who we are to Azure; raises GatewayError where nobody can be trusted."""
        ...

    def transport(self) -> AsyncHttpTransport[Any, Any]:
        """What one client sends through; closing it does not close the road."""
        ...


class Https:
    """Sockets and TLS as the settings say: in production the only road there is."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet.

        Raises:
            SettingsError: As `open_credential`.
        """
        self._settings = settings
        self._credential = open_credential(settings)
        self._unusable: BadCertificate | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
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

    async def __aexit__(self, *exc: object) -> None:
        await self._credential.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def credential(self) -> DefaultAzureCredential:
        """Who we are to Azure.

        Raises:
            BadCertificate: The CA file holds no certificate.
        """
        if self._unusable is not None:
            raise self._unusable
        return self._credential

    def transport(self) -> AioHttpTransport:
        """One client's; the session is shared."""
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
