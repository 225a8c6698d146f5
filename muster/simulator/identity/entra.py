"""Microsoft Entra: the token endpoint for applications, and the documents clients look up."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from muster.simulator.counters import note
from muster.simulator.identity import refusals
from muster.simulator.identity.assertions import Assertions
from muster.simulator.identity.clouds import Clouds
from muster.simulator.identity.refusals import Refused
from muster.simulator.identity.roles import Identity
from muster.simulator.identity.tokens import Mint


class Entra:
    """The endpoints of one tenant."""

    def __init__(
        self,
        mint: Mint,
        identities: Mapping[str, Identity],
        endpoint: str,
        replayed_assertion: Literal["accepted", "refused"],
    ) -> None:
        self.mint, self.identities, self.endpoint = mint, identities, endpoint
        base = f"{endpoint}/{mint.tenant}".lower()
        names = (f"{base}/oauth2/v2.0/token", f"{base}/oauth2/token", f"{base}/v2.0", base)
        self.assertions = Assertions(identities, frozenset(names), replayed_assertion)

    def routes(self) -> list[web.RouteDef]:
        return [
            *Clouds(self.endpoint, self.mint.tenant).routes(),
            web.post("/{tenant}/oauth2/v2.0/token", self.token),
            web.post("/{tenant}/oauth2/token", self.token),
            web.get("/{tenant}/oauth2/v2.0/token", self.not_by_get),
            web.get("/{tenant}/oauth2/token", self.not_by_get),
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self.configuration),
            web.get("/{tenant}/discovery/v2.0/keys", self.keys),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """POST …/oauth2/v2.0/token (or the older …/oauth2/token), grant client_credentials."""
        note("token")
        form = await _form(request) | _basic(request.headers.get("Authorization", ""))
        try:
            self._demand_tenant(request)
            _demand_grant(form)
            identity, proof = self._client(form)
            note("token", identity)
            audience = self._audience(form)
        except Refused as refused:
            return refused.answer()
        token = self.mint.issue(identity, audience, proof)
        old = not request.path.lower().endswith("/v2.0/token")
        body = self._old_form(form, token) if old else self._form(token)
        return web.json_response(body, headers={"Cache-Control": "no-store, no-cache"})

    def _form(self, token: str) -> dict[str, str | int]:
        lifetime = int(self.mint.lifetime)
        return {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }

    def _old_form(self, form: Mapping[str, str], token: str) -> Mapping[str, str | int]:
        """As the v1 endpoint answers [DOC:v1-oauth2-client-creds-grant-flow]: texts throughout."""
        claims = self.mint.claims_of(token)
        return {key: str(value) for key, value in self._form(token).items()} | {
            "expires_on": str(claims["exp"]),
            "not_before": str(claims["nbf"]),
            "resource": form.get("resource", "").strip() or str(claims["aud"]),
        }

    async def not_by_get(self, _: web.Request) -> web.Response:
        """GET of the token endpoint: it takes a POST alone."""
        note("token")
        return refusals.only_post().answer()

    async def configuration(self, request: web.Request) -> web.Response:
        """GET the OpenID document, which MSAL asks for before a token."""
        note("openid-configuration")
        try:
            self._demand_tenant(request)
        except Refused as refused:
            return refused.answer()
        base = f"{self.endpoint}/{self.mint.tenant}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "response_types_supported": ["code", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        """GET the public keys."""
        note("keys")
        return web.json_response(self.mint.keys())

    def _demand_tenant(self, request: web.Request) -> None:
        tenant = request.match_info["tenant"]
        if tenant.lower() != self.mint.tenant:
            raise refusals.no_tenant(tenant)

    def _client(self, form: Mapping[str, str]) -> tuple[Identity, Literal["secret", "key"]]:
        """Who asks, and what they proved it by. Raises: Refused."""
        if form.get("client_assertion"):
            return self.assertions.client(form), "key"
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        identity = self.identities.get(client_id.lower())
        if identity is None:
            raise refusals.no_application(client_id)
        if not secret:
            raise refusals.no_credential()
        if identity.secret is None or not hmac.compare_digest(
            secret.encode(), identity.secret.encode()
        ):
            raise refusals.wrong_secret(client_id)
        return identity, "secret"

    def _audience(self, form: Mapping[str, str]) -> str:
        """What the token is for: a v2.0 scope `<resource>/.default`, or a v1 `resource`."""
        if "scope" not in form and (resource := form.get("resource", "").strip()):
            return self.mint.audience(resource)
        scope = form.get("scope", "").strip()
        if not scope:
            raise refusals.missing("scope" if "resource" not in form else "resource")
        resource, _, permission = scope.rpartition("/")
        if permission != ".default":
            raise refusals.no_default(scope)
        return self.mint.audience(resource)


async def _form(request: web.Request) -> dict[str, str]:
    """What was sent as a form; nothing of any other body, and `�` for what is no text."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    text = (await request.read()).decode(errors="replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def _demand_grant(form: Mapping[str, str]) -> None:
    grant = form.get("grant_type")
    if not grant:
        raise refusals.missing("grant_type")
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
    except ValueError:  # no base64, or no text in it
        return {}
    return {"client_id": unquote(name), "client_secret": unquote(secret)}
