"""Microsoft Entra: the token endpoint for client secrets, and the documents clients look up."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from aiohttp import web

from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint
from muster.simulator.json_types import Json


class Refused(Exception):
    """An error of the token endpoint: HTTP status, OAuth error, AADSTS number, text."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text


class Entra:
    """The endpoints of one tenant."""

    def __init__(self, mint: Mint, identities: Mapping[str, Identity], endpoint: str) -> None:
        self.mint, self.identities, self.endpoint = mint, identities, endpoint

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/{tenant}/oauth2/v2.0/token", self.token),
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.configuration),
            web.get("/{tenant}/discovery/v2.0/keys", self.keys),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """POST …/oauth2/v2.0/token, grant client_credentials."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        try:
            self._demand_tenant(request)
            _demand_grant(form)
            identity = self._client(form | _basic(request.headers.get("Authorization", "")))
            audience = self._audience(form.get("scope", ""))
        except Refused as refused:
            return web.json_response(_error(refused), status=refused.status)
        issuer = f"{self.endpoint}/{self.mint.tenant}/v2.0"
        lifetime = int(self.mint.lifetime)
        body = {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": self.mint.issue(identity, audience, issuer),
        }
        return web.json_response(body, headers={"Cache-Control": "no-store, no-cache"})

    async def configuration(self, request: web.Request) -> web.Response:
        """GET the OpenID document, which MSAL asks for before a token."""
        try:
            self._demand_tenant(request)
        except Refused as refused:
            return web.json_response(_error(refused), status=refused.status)
        base = f"{self.endpoint}/{self.mint.tenant}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                ],
                "response_types_supported": ["code", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        """GET the public keys."""
        return web.json_response(self.mint.keys())

    def _demand_tenant(self, request: web.Request) -> None:
        tenant = request.match_info["tenant"]
        if tenant.lower() != self.mint.tenant:
            raise Refused(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make "
                "sure you have the correct tenant ID and are signing into the correct "
                "cloud.",
            )

    def _client(self, form: Mapping[str, str]) -> Identity:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        identity = self.identities.get(client_id.lower())
        if identity is None:
            raise Refused(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory.",
            )
        if not hmac.compare_digest(secret.encode(), identity.secret.encode()):
            raise Refused(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the "
                "secret being sent in the request is the client secret value, not the client "
                f"secret ID, for a secret added to app '{client_id}'.",
            )
        return identity

    def _audience(self, scope: str) -> str:
        resource, _, permission = scope.strip().rpartition("/")
        if permission != ".default" or resource.rstrip("/") not in self.mint.audiences:
            raise Refused(
                400,
                "invalid_resource",
                500011,
                f"The resource principal named {resource} was not found in the tenant.",
            )
        return resource


def _demand_grant(form: Mapping[str, str]) -> None:
    grant = form.get("grant_type")
    if grant != "client_credentials":
        message = f"The app requested an unsupported grant type '{grant}'."
        raise Refused(400, "unsupported_grant_type", 70003, message)


def _basic(header: str) -> dict[str, str]:
    """Client id and secret from a Basic header, or nothing."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def _error(refused: Refused) -> Json:
    now = datetime.now(UTC)
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    return {
        "error": refused.error,
        "error_description": f"AADSTS{refused.number}: {refused.text} Trace ID: {trace} "
        f"Correlation ID: {correlation} Timestamp: {now:%Y-%m-%d %H:%M:%SZ}",
        "error_codes": [refused.number],
        "timestamp": f"{now:%Y-%m-%d %H:%M:%SZ}",
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={refused.number}",
    }
