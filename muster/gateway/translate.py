"""What the SDKs raise, in our words: a kind with code and hint, Azure's causes, no secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import (
    AzureError as SdkError,
)
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.identity import CredentialUnavailableError

from muster.errors import GatewayError
from muster.gateway.kinds import (
    AzureError,
    BadAnswer,
    BadCertificate,
    Conflict,
    CredentialRefused,
    Forbidden,
    NoCredential,
    NotFound,
    Refused,
    ServerError,
    Throttled,
    Unreachable,
)
from muster.gateway.parse import mapping, rows, text_of
from muster.gateway.redact import redact
from muster.gateway.retry import is_about_certificates, never_sent

_ACTION = re.compile(r"perform action '([^']+)'")
_KINDS: dict[int, type[AzureError]] = {
    401: CredentialRefused,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    429: Throttled,
}
_TLS_WORDS = ("certificate verify failed", "certificate_verify_failed", "sslcertverification")
_CONNECTION_WORDS = (
    "cannot connect to host",
    "connection refused",
    "name or service not known",
    "temporary failure in name resolution",
    "server disconnected",
    "timeout on reading",
    "connection reset",
)


@contextmanager
def in_our_words(what: str) -> Iterator[None]:
    """Translate whatever the SDK raises inside.

    Args:
        what: What was being asked of Azure, as the beginning of a sentence: "Reading vault rsv1".
    """
    try:
        yield
    except GatewayError:
        raise
    except (SdkError, ValueError, OSError) as error:
        raise translated(what, error) from error


def translated(what: str, error: Exception) -> AzureError:
    """The kind of ours that an error of the SDK is."""
    match error:
        case ClientAuthenticationError() if error.response is None:
            return _without_token(what, error)
        case HttpResponseError():
            return _answered(what, error)
        case ServiceRequestError() | ServiceResponseError() | OSError():
            if is_about_certificates(error):
                return BadCertificate(f"{what}: {_short(error)}")
            return Unreachable(f"{what}: {_short(error)}", maybe_accepted=not never_sent(error))
        case _:
            # A body that is no JSON, or not of the shape the SDK expects.
            text = f"{what}: the answer could not be read ({_short(error)})"
            return BadAnswer(text, maybe_accepted=True)


def _without_token(what: str, error: ClientAuthenticationError) -> AzureError:
    """No token: the chain of credentials tells why in its text alone."""
    if isinstance(error, CredentialUnavailableError):
        text = str(error.message or error)
        return NoCredential(f"{what}: {_attempts(text) or _short(error)}")
    text = str(error.message or error)
    lower = text.casefold()
    reason = _short(text.partition("\nTo mitigate")[0])
    if any(word in lower for word in _TLS_WORDS):
        return BadCertificate(f"{what}: no token, for the authority's certificate fails. {reason}")
    if "aadsts" in lower or "authentication failed" in lower or "invalid_client" in lower:
        return CredentialRefused(f"{what}: {reason}", status=401)
    if any(word in lower for word in _CONNECTION_WORDS):
        hint = "Check AZURE_AUTHORITY_HOST, proxy and firewall between this machine and it."
        return Unreachable(f"{what}: the authority did not answer. {reason}", hint=hint)
    return NoCredential(f"{what}: {_attempts(text) or reason}")


def _attempts(text: str) -> str:
    """Which credentials of a chain were tried: each says at length that it is not set up."""
    _, said, tried = text.partition("Attempted credentials:")
    names = re.findall(r"^\s*(\w+Credential)\b", tried, re.MULTILINE)
    return f"no way to sign in is set up (tried: {', '.join(names)})" if said and names else ""


def _answered(what: str, error: HttpResponseError) -> AzureError:
    status = error.status_code or 0
    body = error_body(error)
    if not body:
        return _without_body(what, error, status)
    code = text_of(body.get("code"))
    message = redact(f"{what}: {sentence_of(body)}")
    if status == 403:
        found = _ACTION.search(text_of(body.get("message")))
        return Forbidden(message, action=found[1] if found else None, azure_code=code)
    if status >= 500:
        return ServerError(message, status=status, azure_code=code, maybe_accepted=True)
    return _KINDS.get(status, Refused)(message, status=status, azure_code=code)


def _without_body(what: str, error: HttpResponseError, status: int) -> AzureError:
    """An answer that is not ARM's JSON: its status is believed, its text is not shown."""
    told = f"{what}: HTTP {status} without an error that can be read"
    if status in {401, 404, 429}:
        return _KINDS[status](told, status=status)
    if status == 403:
        return Forbidden(told)
    if status >= 500:
        return ServerError(told, status=status, maybe_accepted=True)
    return BadAnswer(f"{told} ({_short(error.reason or '')})", status=status, maybe_accepted=True)


def error_body(error: HttpResponseError) -> Mapping[str, Any]:
    """The `error` object of an answer; an empty mapping where the body is none (HTML, nothing)."""
    if error.response is None:
        return {}
    try:
        body = error.response.json()  # type: ignore[attr-defined]
    except (ValueError, SdkError):  # HTML, a cut body, a stream that was read already
        return {}
    return mapping(mapping(body).get("error")) or (body if "code" in mapping(body) else {})


def sentence_of(body: Mapping[str, Any]) -> str:
    """Code and message of an error object, with Site Recovery's own causes and recommendation."""
    parts = [
        text_of(body.get("message")).strip() or "Azure gave no reason",
        f"({body.get('code')})",
    ]
    for detail in [body, *rows(body.get("details"))]:
        said = text_of(detail.get("message")).strip()
        if detail is not body and said and said not in parts:
            parts.append(said)
        for key, words in (("possibleCauses", "Causes"), ("recommendedAction", "Do")):
            if said := text_of(detail.get(key)).strip():
                parts.append(f"{words}: {said}")
    return " ".join(dict.fromkeys(" ".join(part.split()) for part in parts))


def _short(error: object, limit: int = 600) -> str:
    text = redact(" ".join(str(error).split()))
    return text if len(text) <= limit else f"{text[:limit]}…"
