"""`$filter` of a vault's events: `EventType eq 'VmHealth' and StartTime eq '…'`.

The fields are those of the SDK's EventQueryParameter; the grammar is UNCERTAIN.
"""

from __future__ import annotations

import re

from muster.simulator import dates
from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.ids import name_of, same
from muster.simulator.json_types import Json

Term = tuple[str, str]

_TERM = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*")
_FIELDS = {
    "eventcode": "eventCode",
    "severity": "severity",
    "eventtype": "eventType",
    "affectedobjectfriendlyname": "affectedObjectFriendlyName",
    "affectedobjectcorrelationid": "affectedObjectCorrelationId",
    "fabricid": "fabricId",
    "fabricname": "fabricId",  # compared with its last name
}
_BOUNDS = ("starttime", "endtime")


def read(text: str) -> list[Term]:
    """(field, value) of each term. Raises: AzureError for what is not understood."""
    wanted = []
    for term in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        found = _TERM.fullmatch(term)
        if found is None or found[1].lower() not in (*_FIELDS, *_BOUNDS):
            raise bad_request(
                "InvalidFilter", f"The filter '{text}' is not understood by the simulator."
            )
        name, value = found[1].lower(), found[2]
        if name in _BOUNDS:
            value = str(_instant(text, value))
        wanted.append((name, value))
    return wanted


def _instant(text: str, value: str) -> float:
    try:
        return dates.instant(value)
    except ValueError as err:
        raise bad_request("InvalidFilter", f"The filter '{text}' has no time in it.") from err


def matches(event: Json, terms: list[Term]) -> bool:
    """Whether an event is what all terms say."""
    return all(_matches(event["properties"], *term) for term in terms)


def _matches(properties: Json, name: str, value: str) -> bool:
    if name in _BOUNDS:
        at = dates.instant(properties["timeOfOccurrence"])
        return at >= float(value) if name == "starttime" else at <= float(value)
    told = str(properties[_FIELDS[name]])
    return same(name_of(told) if name == "fabricname" else told, value)
