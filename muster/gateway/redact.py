"""Takes secrets out of any text that may reach a message, a log or the journal (safety rule 5)."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_TELLING_NAMES = (
    r"client_?secret|client_?assertion|password|passwd|pwd|secret|account_?key|shared_?access_?key"
    r"|shared_?access_?signature|access_?token|refresh_?token|id_?token|api_?key|sig"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|\Z)", re.S), HIDDEN),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]*(?:\.[\w-]*)?"), HIDDEN),  # JSON web tokens
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.I), rf"\1 {HIDDEN}"),
    # ARM signs its own polling URLs, and a SAS is all query: nothing behind the `?` is of use.
    (re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+", re.I), rf"\1?{HIDDEN}"),
    (re.compile(r"(https?://)[^\s/@\"'<>]+@", re.I), rf"\1{HIDDEN}@"),
    (
        re.compile(
            rf"(?i)\b({_TELLING_NAMES})\b([\"']?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"'}}]+)"
        ),
        rf"\1\2{HIDDEN}",
    ),
)


def redact(text: str) -> str:
    """The text without secrets, tokens, signatures and keys; doing it twice changes nothing."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text
