"""Entra's refusals: AADSTS numbers with their words, and the body they come in.

Numbers and words as people quote them (threads at MSAL, azure-cli and azure-docs); which HTTP
status and OAuth error go with a number is inferred where none of them shows it.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from aiohttp import web

from muster.simulator.json_types import Json


class Refused(Exception):
    """An error of the token endpoint: HTTP status, OAuth error, AADSTS number, text."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def answer(self) -> web.Response:
        return web.json_response(_body(self), status=self.status)


def no_tenant(tenant: str) -> Refused:
    return Refused(
        400,
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud.",
    )


def no_application(client_id: str) -> Refused:
    return Refused(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory.",
    )


def wrong_secret(client_id: str) -> Refused:
    return Refused(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the "
        f"client secret value, not the client secret ID, for a secret added to app '{client_id}'.",
    )


def no_credential() -> Refused:
    return Refused(
        401,
        "invalid_client",
        7000216,
        "'client_assertion', 'client_secret' or 'request' is required for the "
        "'client_credentials' grant type.",
    )


def missing(parameter: str) -> Refused:
    return Refused(
        400,
        "invalid_request",
        900144,
        f"The request body must contain the following parameter: '{parameter}'.",
    )


def only_post() -> Refused:
    return Refused(
        400,
        "invalid_request",
        900561,
        "The endpoint only accepts POST requests. Received a GET request.",
    )


def no_default(scope: str) -> Refused:
    return Refused(
        400,
        "invalid_scope",
        1002012,
        f"The provided value for scope {scope} is not valid. Client credential flows must have a "
        "scope value with /.default suffixed to the resource identifier (application ID URI).",
    )


def no_resource(resource: str) -> Refused:
    return Refused(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant.",
    )


def malformed_assertion(why: str = "") -> Refused:
    return Refused(
        400,
        "invalid_request",
        50027,
        f"JWT token is invalid or malformed.{' ' + why if why else ''}",
    )


def _body(refused: Refused) -> Json:
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
