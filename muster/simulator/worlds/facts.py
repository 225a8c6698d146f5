"""What all facts of a world file share: how names, ids and spans are written."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
ADDRESS = rf"{_OCTET}(\.{_OCTET}){{3}}"
RANGE = rf"{ADDRESS}/([0-9]|[12][0-9]|3[0-2])"
ENDPOINT = (
    rf"{ADDRESS}:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{{2}}|6[0-4][0-9]{{3}}|[1-5][0-9]{{4}}"
    r"|[1-9][0-9]{0,3})"
)
SPAN = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd])"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 3650 * 86400.0
"""Seconds: ten years. What takes longer than that happens in no world."""


def _written(pattern: str, wanted: str) -> BeforeValidator:
    """Only texts of a form, with a sentence that shows it by an example."""
    form = re.compile(pattern)

    def judged(value: Any) -> Any:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ValueError(wanted)
        return value

    return BeforeValidator(judged)


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


def seconds_of(text: str) -> float:
    """The seconds of a written span. Raises: ValueError."""
    found = re.fullmatch(SPAN, text)
    if found is None:
        raise ValueError("a time span is written like 45s, 5m, 4h or 1d")
    return float(found[1]) * _UNITS[found[2]]


def _seconds(value: Any) -> Any:
    return seconds_of(value) if isinstance(value, str) else value


def _network(value: str) -> str:
    network = ip_network(value, strict=False)
    if str(network) != value:
        raise ValueError(f"a range begins with its first address: {network}")
    return value


_GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._()-]{0,89}"

Guid = Annotated[
    str,
    _written(_GUID, "an id is wanted, a GUID in small letters, in quotes if need be"),
    _text(_GUID),
]
Name = Annotated[
    str,
    _written(_NAME, "a name is wanted: up to 90 letters, digits and ._()-, no sign in front"),
    _text(_NAME),
]
Address = Annotated[
    IPv4Address, _written(ADDRESS, "an address is written like 10.1.0.4"), _text(ADDRESS)
]
# The last of them is judged first.
Range = Annotated[
    IPv4Network,
    BeforeValidator(_network),
    _written(RANGE, "a range is written like 10.1.0.0/16"),
    _text(RANGE),
]
Endpoint = Annotated[
    str, _written(ENDPOINT, "address and port are written like 10.1.0.4:1433"), _text(ENDPOINT)
]
Location = Annotated[str, _text(r"[a-z0-9]+")]
"""Judged with the other mistakes of place."""


def _span(number: str, text: str) -> WithJsonSchema:
    forms = [
        {"type": "number", number: 0, "maximum": LONGEST},
        {"type": "string", "pattern": f"^{text}$"},
    ]
    return WithJsonSchema({"anyOf": forms, "examples": ["45s", "5m", "4h", "1d"]})


_Span = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=LONGEST)]
Seconds = Annotated[_Span, _span("minimum", SPAN)]
"""A span of time: `45s`, `5m`, `4h`, `1d`, or a number of seconds."""
SomeSeconds = Annotated[_Span, Field(gt=0), _span("exclusiveMinimum", rf"(?=.*[1-9]){SPAN}")]
"""A span that is not nothing."""


class Facts(BaseModel):
    """Base: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")
