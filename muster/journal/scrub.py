"""Keeps secrets out of everything that is written down (safety rule 5)."""

from __future__ import annotations

import base64
import json
import re
import threading
from typing import Any
from urllib.parse import quote, quote_plus

SCRUBBED = "***"
SHORTEST = 6
"""A shorter secret cannot be told from ordinary text: replacing it would shred the record."""

_TELLTALE_KEY = re.compile(
    r"passw(or)?d|passwd|passphrase|secret|authorization|credential|apikey|accesskey|accountkey"
    r"|sharedkey|privatekey|connectionstring|cookie|token$|^pwd$|^sig$|^signature$|sastoken"
)
_WORD = (
    "(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|accountkey"
    "|sharedaccesssignature)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
        ),
        SCRUBBED,
    ),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(\.[\w-]*)*"), SCRUBBED),  # JSON web tokens
    (re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?\w+\s+)[^\s\"',;]+"), rf"\1{SCRUBBED}"),
    (
        re.compile(r"(?i)\b((?:bearer|sharedkey|basic)\s+)(?=\S{20}|\S*\d)[\w.~+/:-]{8,}=*"),
        rf"\1{SCRUBBED}",
    ),
    # `"password": "…"`, also where quotes are escaped because JSON stands inside a JSON text,
    # and where the text was cut off before the closing quote
    (
        re.compile(rf"(?i)({_WORD}\\*[\"']\s*:\s*(\\*[\"']))(?:.+?)(?:(?<!\\)(?=\2)|\Z)", re.S),
        rf"\1{SCRUBBED}",
    ),
    (re.compile(rf"(?i)({_WORD}\s*=\s*[\"']?)([^\s;&\"'<>,]+)"), rf"\1{SCRUBBED}"),
    (re.compile(r"(?i)\b(sig=)[^\s&\"'<>;]+"), rf"\1{SCRUBBED}"),  # shared access signatures
    # Azure's signed poll addresses: t= c= s= h= (azure-async-operation, Location)
    (re.compile(r"([?&][tcsh]=)[^\s&\"'<>]{8,}"), rf"\1{SCRUBBED}"),
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


def forget_secrets() -> None:
    """Forget what was registered: a process that serves one run after another begins anew."""
    global _known  # noqa: PLW0603 - see register_secret
    with _lock:
        _secrets.clear()
        _known = None


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
    text = _without_known(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _without_known(text)  # a replacement may have moved two halves together


def _without_known(text: str) -> str:
    pattern = _known
    if pattern is None:
        return text
    while (shorter := pattern.sub(SCRUBBED, text)) != text:
        text = shorter
    return text


def _scrub_object(value: dict[str, Any]) -> dict[str, Any]:
    scrubbed: dict[str, Any] = {}
    for key, item in value.items():
        name = _without_known(key)
        while name in scrubbed:  # two keys may only have differed in what was taken out
            name += "'"
        scrubbed[name] = SCRUBBED if _tells(key) and _may_be_secret(item) else scrub(item)
    return scrubbed


def _tells(key: str) -> bool:
    return _TELLTALE_KEY.search(re.sub(r"[\W_]", "", key).casefold()) is not None


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
