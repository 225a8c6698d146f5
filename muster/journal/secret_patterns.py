"""What a secret looks like: the one list, for the journal, for logs and for messages of Azure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

SCRUBBED = "***"

_KINDS_OF_KEY = (
    "api|access|account|shared|shared[_-]?access|subscription|private|storage|function|master|host"
)
_WORD = (
    r"(?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|client[_-]?assertion"
    rf"|(?:{_KINDS_OF_KEY})[_-]?key|shared[_-]?access[_-]?signature|connection[_-]?string"
    r"|(?<=[a-z0-9]_)(?:pass|pw)|(?-i:(?<=[a-z])P(?:ass|w)))(?:[_-]?\d{1,3})?"
)
"""A name that ends like this names a secret. `pass` alone is a word, in `DB_PASS` it is not."""

_QUOTED_WORD = rf"(?:{_WORD}|\b(?:pass|pw|sig))"
_QUOTE = r"\\{0,15}[\"']"  # JSON within JSON within JSON; bounded, for long runs of backslashes
_BARE = r"(?![\[{(<\"'\\=])(?:[^\s\"'<>;,\\}\])]|[,}\])](?![\s,;}\])\"'\\]|\Z)|\\(?![\"']))+"
"""A value without quotes: up to a blank, a `;` or what closes the list it stands in."""

_STRING = rf"(?:\"[^\"]*\"|'[^']*'|{_BARE})"
_PROSE = (
    r"(?!(?:to|is|or|and|for|with|in|was|not|of|from|the|a|an|as|by|on|at|it|no|none|null|nil|true"
    r"|false|yes|unset|expired|invalid|missing|required|empty|unknown|refused|rejected|failed|ok"
    r"|flag|option|argument|must|needs|cannot|can|has|will|ends?|begins?)[.,;:!?]*(?:\s|\Z))"
)
"""Words that follow in a sentence about secrets, where no value stands."""

_SIGNS_OF_WORD = ("pass", "pw", "sig", "secret", "token", "assertion", "key", "connection")
"""Wherever `_WORD` or `_QUOTED_WORD` matches, one of these stands: see there."""


class Rule(NamedTuple):
    """One look of secrets."""

    pattern: re.Pattern[str]
    instead: str
    signs: tuple[str, ...]  # in small letters; a text without any of them the pattern never meets


def _rule(
    pattern: str,
    instead: str = rf"\g<1>{SCRUBBED}",
    flags: int = re.IGNORECASE,
    signs: tuple[str, ...] = _SIGNS_OF_WORD,
) -> Rule:
    return Rule(re.compile(pattern, flags), instead, signs)


PATTERNS: tuple[Rule, ...] = (
    _rule(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        SCRUBBED,
        re.DOTALL,
        ("-----begin",),
    ),
    # Values that are secrets by their looks alone: JSON web tokens, GitHub's tokens, secrets of
    # Entra applications, keys of storage accounts (64 bytes in base64)
    _rule(r"\beyJ[\w-]{5,}\.[\w-]{6,}(\.[\w-]*)*", SCRUBBED, 0, ("eyj",)),
    _rule(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})",
        SCRUBBED,
        re.ASCII,
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ),
    _rule(r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{28,40}(?![\w.~-])", SCRUBBED, re.ASCII, ("q~",)),
    _rule(r"(?<![\w+/=])[A-Za-z0-9+/]{86}==(?![\w+/=])", SCRUBBED, re.ASCII, ("==",)),
    _rule(r"(authorization[\"']?\s*[:=]\s*[\"']?\w+\s+)[^\s\"',;]+", signs=("authorization",)),
    _rule(
        r"\b((?:bearer|sharedkey|basic)\s+)(?=\S{20}|\S*\d)[\w.~+/:-]{8,}=*",
        signs=("bearer", "sharedkey", "basic"),
    ),
    # `user:password@` of any address; of https also a name alone, which may be a token
    _rule(r"(?<=://)()[^\s/?#\"'<>@:]*:[^\s/?#\"'<>]+(?=@)", signs=("@",)),
    _rule(r"(https?://)[^\s/?#\"'<>@]+(?=@)", signs=("@",)),
    _rule(rf"(<[\w:.-]*{_WORD}(?:\s[^<>]*)?>)[^<]+"),
    # where the value's name stands beside it, as in lists of parameters
    _rule(
        rf"({_QUOTE}name{_QUOTE}\s*:\s*{_QUOTE}[^\"'\\]*{_WORD}{_QUOTE}\s*,\s*{_QUOTE}value{_QUOTE}"
        rf"\s*:\s*({_QUOTE}))(?!\2).+?(?:(?<!\\)(?=\2)|\Z)",
        flags=re.IGNORECASE | re.DOTALL,
    ),
    # `"password": "…"`, also where quotes are escaped because JSON stands inside a JSON text, and
    # where the text was cut off before the closing quote; `password = '…'`
    # secure parameters of ARM: "password": {"value": "…"}
    _rule(
        rf"({_QUOTED_WORD}{_QUOTE}\s*:\s*\{{\s*{_QUOTE}\w+{_QUOTE}\s*:\s*({_QUOTE}))(?!\2).+?"
        rf"(?:(?<!\\)(?=\2)|\Z)",
        flags=re.IGNORECASE | re.DOTALL,
    ),
    _rule(
        rf"({_QUOTED_WORD}{_QUOTE}\s*(?::|=>?)\s*({_QUOTE}))(?!\2).+?(?:(?<!\\)(?=\2)|\Z)",
        flags=re.IGNORECASE | re.DOTALL,
    ),
    _rule(
        rf"({_WORD}\s*(?::|=>?)\s*({_QUOTE}))(?!\2).+?(?:(?<!\\)(?=\2)|\Z)",
        flags=re.IGNORECASE | re.DOTALL,
    ),
    _rule(rf"({_QUOTED_WORD}{_QUOTE}\s*:\s*)(?!(?:null|true|false)\b){_BARE}"),
    _rule(rf"({_WORD}\s*=>?\s*)(?!=){_BARE}"),
    _rule(rf"(\bpass\s*=\s*)(?!(?:\d+|true|false)\b){_BARE}"),
    _rule(rf"({_WORD}\s*:(?:\s+|(?!\d{{1,5}}\b|/)))(?!//){_PROSE}{_BARE}"),
    # on a command line
    _rule(rf"((?<![\w-])--?[\w-]*(?:{_WORD}|(?<=-)pass)\s+)(?!-){_PROSE}{_STRING}"),
    _rule(
        rf"(\bConvertTo-SecureString\s+(?:-String\s+)?)(?!-){_STRING}",
        signs=("convertto-securestring",),
    ),
    _rule(
        rf"(\b(?i:sqlcmd|osql|isql|bcp)\b[^\n|;&]{{0,1000}}?\s-P\s*){_STRING}",
        flags=0,
        signs=("sql", "bcp"),
    ),
    _rule(
        rf"(\b(?i:mysql\w*|mariadb\w*)\b[^\n|;&]{{0,1000}}?\s-p){_STRING}",
        flags=0,
        signs=("mysql", "mariadb"),
    ),
    # shared access signatures, and Azure's signed poll addresses (azure-async-operation, Location)
    _rule(r"\b(sig=)[^\s&\"'<>;]+", signs=("sig=",)),
    _rule(r"([?&][tcsh]=)[^\s&\"'<>]{8,}", flags=0, signs=("t=", "c=", "s=", "h=")),
)
"""Each with what stands instead; applying one twice changes nothing more."""


def without_secrets(text: str) -> str:
    """A text in which every pattern's meaning is replaced, one pattern after the other.

    Most texts of a run are names and states, so that a look for signs spares them two dozen
    patterns. It is of use for ASCII alone: what regular expressions take for one letter in
    different cases goes beyond what `str.lower` says.
    """
    signs_in = text.lower() if text.isascii() else None
    for pattern, instead, signs in PATTERNS:
        if signs_in is not None and not any(sign in signs_in for sign in signs):
            continue
        replaced = pattern.sub(instead, text)
        if replaced is not text and replaced != text:
            text = replaced
            signs_in = text.lower() if text.isascii() else None
    return text


TELLTALE_KEY = re.compile(
    r"passw(or)?d|passwd|passphrase|secret|authorization|credential|apikey|accesskey|accountkey"
    r"|sharedkey|privatekey|subscriptionkey|connectionstring|cookie|token$|^pwd$|^sig$|^signature$"
    r"|sastoken|clientassertion"
)
_LAST_WORDS = frozenset({"pass", "pw", "pwd", "sas"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=4096)  # the same keys stand in every event and every answer
def tells(key: str) -> bool:
    """Whether the name of a value says that it is a secret: clientSecret, adminPw, DB_PASS."""
    if TELLTALE_KEY.search(re.sub(r"[\W_]", "", key).casefold()):
        return True
    words = [word.casefold() for word in _WORDS.findall(key) if not word.isdigit()]
    return bool(words) and words[-1] in _LAST_WORDS
