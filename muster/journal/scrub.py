"""Keeps secrets out of everything that is written down (safety rule 5)."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from muster.journal.secret_patterns import SCRUBBED, tells, without_secrets

__all__ = [
    "SCRUBBED",
    "forget_secrets",
    "register_secret",
    "register_secrets_of",
    "scrub",
    "scrub_text",
]

SHORTEST = 6
"""A shorter secret cannot be told from ordinary text: replacing it would shred the record."""

SHORT = 500  # characters of a text that is remembered once it was looked through

_SECRET_VARIABLES = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_PASSWORD",
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_SERVER_API_AUTH_STRING",
    "IDENTITY_HEADER",  # of a managed identity's endpoint
    "MSI_SECRET",
    "MUSTER_SIMULATOR_CONTROL",  # an address that opens the simulator's control port
)
_URL_VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "MUSTER_WORKER_PROXY",
    "PREFECT_API_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
)

_lock = threading.Lock()
_secrets: set[str] = set()
_known: re.Pattern[str] | None = None


def register_secret(value: str) -> bool:
    """Never let this exact value, nor its usual encodings, into anything stored from now on.

    Returns:
        Whether it will be kept out; False for a value under six characters, which cannot be.
    """
    global _known  # noqa: PLW0603 - secrets belong to the process, as its environment does
    if len(value) < SHORTEST or not value.strip(SCRUBBED):
        return False
    with _lock:
        _secrets.update(form for form in _forms(value) if len(form) >= SHORTEST)
        longest_first = sorted(_secrets, key=lambda form: (-len(form), form))
        _known = re.compile("|".join(map(re.escape, longest_first)))
    return True


def register_secrets_of(environ: Mapping[str, str]) -> None:
    """Register every secret that Muster, the SDKs and Prefect find in an environment.

    Called before anything is journalled: these values can then not come back to us, say in an
    error that quotes a request, and be kept.
    """
    for secret in _secrets_in(environ):
        register_secret(secret)


def _secrets_in(environ: Mapping[str, str]) -> Iterator[str]:
    for name in _SECRET_VARIABLES:
        yield environ.get(name, "")
    for name in ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"):
        yield environ.get(name, "").partition(":")[2]  # user:password
    for name in _URL_VARIABLES:
        for spelling in (name, name.lower()):
            yield from _credentials_in(environ.get(spelling, ""))


def _credentials_in(url: str) -> Iterator[str]:
    """The password of an address as it stands and as it is meant, alone and with its user."""
    try:
        user, _, _ = urlsplit(url if "://" in url else f"http://{url}").netloc.rpartition("@")
    except ValueError:
        return
    password = user.partition(":")[2]
    if password:
        yield from (user, unquote(user), password, unquote(password))


def forget_secrets() -> None:
    """Forget what was registered: a process that serves one run after another begins anew."""
    global _known  # noqa: PLW0603 - see register_secret
    with _lock:
        _secrets.clear()
        _known = None
    _without_patterns.cache_clear()
    tells.cache_clear()


def scrub(value: Any) -> Any:
    """A JSON value without its secrets: keys that tell, patterns that tell, values registered."""
    match value:
        case str():
            return scrub_text(value)
        case dict():
            return _scrub_object(value)
        case list():
            return [scrub(item) for item in value]
        case _ if _known is not None and isinstance(value, int | float):
            return SCRUBBED if _known.search(json.dumps(value)) else value
        case _:
            return value


def scrub_text(text: str) -> str:
    """A text without what looks like, or is known as, a secret."""
    text = _without_known(_scrub_document(text))
    text = _without_patterns(text) if len(text) <= SHORT else without_secrets(text)
    return _without_known(text)  # a replacement may have moved two halves together


# A run tells the same names, ids and states again and again; two dozen patterns take their time.
_without_patterns = lru_cache(maxsize=4096)(without_secrets)


def _scrub_document(text: str) -> str:
    """A text that is JSON as a whole is judged by its keys; one without secrets stays as it is."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        value = json.loads(text)
        scrubbed = scrub(value)
        return text if scrubbed == value else json.dumps(scrubbed)
    except (ValueError, RecursionError):
        return text


def _without_known(text: str) -> str:
    pattern = _known
    if pattern is None:
        return text
    while (shorter := pattern.sub(SCRUBBED, text)) != text:
        text = shorter
    return text


def _scrub_object(value: dict[str, Any]) -> dict[str, Any]:
    scrubbed: dict[str, Any] = {}
    named = _is_named_as_secret(value)
    for key, item in value.items():
        name = _without_known(key)
        while name in scrubbed:  # two keys may only have differed in what was taken out
            name += "'"
        is_telling = _tells_of(key, item) or (named and key.casefold().endswith("value"))
        scrubbed[name] = SCRUBBED if is_telling and _may_be_secret(item) else scrub(item)
    return scrubbed


def _tells_of(key: str, item: object) -> bool:
    # {"pass": 5, "fail": 0} counts; a password that is called so is a text.
    return tells(key) and not (key.casefold() == "pass" and isinstance(item, int | float))


def _is_named_as_secret(value: dict[str, Any]) -> bool:
    """{"name": "SqlPassword", "value": …}: the name of the value stands beside it."""
    return any(
        key.casefold() in ("name", "key") and isinstance(item, str) and tells(item)
        for key, item in value.items()
    )


def _may_be_secret(item: object) -> bool:
    """Truth values and nothing at all say something useful and hide nothing."""
    return item is not None and not isinstance(item, bool) and item not in ("", [], {})


def _forms(value: str) -> set[str]:
    """The value as it stands in addresses, in JSON inside JSON, and in base64."""
    raw = value.encode("utf-8", "replace")
    return {
        value,
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }
