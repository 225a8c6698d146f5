"""Managed identities: tokens for what runs on a machine, without a secret of its own.

Two forms, over plain HTTP on the loopback, as on a real machine:

- the instance metadata service (IMDS), https://learn.microsoft.com/entra/identity/
  managed-identities-azure-resources/how-to-use-vm-token. azure-identity asks it at
  AZURE_POD_IDENTITY_AUTHORITY_HOST, else at 169.254.169.254 (read in azure-identity 1.27 and
  MSAL 1.39 for Python);
- App Service's endpoint, https://learn.microsoft.com/azure/app-service/overview-managed-identity:
  IDENTITY_ENDPOINT with IDENTITY_HEADER, which all SDKs know and take first.

All managed identities of the world are assigned to this machine. What App Service says of a bad
request is UNCERTAIN.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Mapping

from aiohttp import web

from muster.simulator.counters import note
from muster.simulator.identity.refusals import Refused
from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint
from muster.simulator.json_types import Json

IMDS, APP_SERVICE = "/metadata/identity/oauth2/token", "/msi/token"
_BY_CLIENT, _BY_OBJECT = ("client_id", "clientid"), ("object_id", "principal_id")
_BY_RESOURCE = ("mi_res_id", "msi_res_id", "resource_id")  # App Service, IMDS, azure-identity


class MetadataService:
    """Answers both forms; `secret` is what IDENTITY_HEADER holds."""

    def __init__(self, mint: Mint, identities: Iterable[Identity], secret: str) -> None:
        self.mint, self.secret = mint, secret
        self.identities = [each for each in identities if each.managed is not None]

    def routes(self) -> list[web.RouteDef]:
        return [web.get(IMDS, self.imds), web.get(APP_SERVICE, self.app_service)]

    async def imds(self, request: web.Request) -> web.Response:
        """GET /metadata/identity/oauth2/token, with `Metadata: true`."""
        note("managed identity")
        try:
            _demand_metadata(request)
            identity, token = self._token(request)
        except _Refusal as refusal:
            body = {"error": refusal.error, "error_description": refusal.text}
            return web.json_response(body, status=400)
        return self._answer(request, identity, token)

    async def app_service(self, request: web.Request) -> web.Response:
        """GET the IDENTITY_ENDPOINT, with `X-IDENTITY-HEADER`."""
        note("managed identity")
        told = request.headers.get("X-IDENTITY-HEADER", "")
        if not hmac.compare_digest(told.encode(errors="replace"), self.secret.encode()):
            body: Json = {"statusCode": 401, "message": "Invalid or missing X-IDENTITY-HEADER."}
            return web.json_response(body, status=401)
        try:
            identity, token = self._token(request)
        except _Refusal as refusal:
            body = {"statusCode": 400, "message": refusal.text}
            return web.json_response(body, status=400)
        return self._answer(request, identity, token)

    def _token(self, request: web.Request) -> tuple[Identity, str]:
        query = request.query
        for name, missing in (
            ("api-version", "Required query variable 'api-version' is missing"),
            ("resource", "Required audience parameter not specified"),
        ):
            if not query.get(name):
                raise _Refusal("invalid_request", missing)
        identity = self._asked_for(query)
        try:
            audience = self.mint.audience(query["resource"])
        except Refused as refused:
            raise _Refusal("invalid_resource", f"AADSTS{refused.number}: {refused.text}") from None
        return identity, self.mint.issue(identity, audience, "managed")

    def _asked_for(self, query: Mapping[str, str]) -> Identity:
        """The identity a query names; without a name the system's own, or the only one."""
        for words, values in (
            (_BY_CLIENT, {each.client_id: each for each in self.identities}),
            (_BY_OBJECT, {each.object_id: each for each in self.identities}),
            (_BY_RESOURCE, {_resource(each): each for each in self.identities}),
        ):
            asked = next((query[word] for word in words if query.get(word)), None)
            if asked is not None:
                found = values.get(asked.lower())
                if found is None:
                    raise _Refusal("invalid_request", "Identity not found")
                return found
        own = [
            each for each in self.identities if each.managed and each.managed.assigned == "system"
        ]
        candidates = own or self.identities
        if len(candidates) != 1:
            raise _Refusal(
                "invalid_request",
                "Multiple user assigned identities exist, please specify the clientId / "
                "resourceId of the identity in the token request",
            )
        return candidates[0]

    def _answer(self, request: web.Request, identity: Identity, token: str) -> web.Response:
        """Numbers are strings here, unlike those of the token endpoint."""
        note("managed identity", identity)
        now, lifetime = int(time.time()), int(self.mint.lifetime)
        return web.json_response(
            {
                "access_token": token,
                "client_id": identity.client_id,
                "expires_in": str(lifetime),
                "expires_on": str(now + lifetime),
                "ext_expires_in": str(lifetime),
                "not_before": str(now),
                "resource": request.query["resource"],
                "token_type": "Bearer",
            },
            headers={"Cache-Control": "no-store, no-cache"},
        )


class _Refusal(Exception):
    """An error identifier of IMDS, with its description."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error, self.text = error, text


def _demand_metadata(request: web.Request) -> None:
    """Refuse what a page or a proxy may have been tricked into sending."""
    if request.headers.get("Metadata") != "true" or "X-Forwarded-For" in request.headers:
        raise _Refusal("bad_request_102", "Required metadata header not specified")


def _resource(identity: Identity) -> str:
    return identity.managed.resource.lower() if identity.managed else ""
