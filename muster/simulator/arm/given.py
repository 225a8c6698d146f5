"""What a body says of location, tags and name, checked before a resource is made of it."""

from __future__ import annotations

import re

from muster.simulator.arm import forms
from muster.simulator.arm.errors import bad_request
from muster.simulator.arm.locations import known
from muster.simulator.call import Call
from muster.simulator.json_types import Json
from muster.simulator.regions import PUBLIC, as_location

_NAME = re.compile(r"[\w.@*()$-]{1,260}", re.ASCII)


def location_of(call: Call, given: Json) -> str:
    """The body's location in its plain form, or nothing. Raises: AzureError for one there is not.

    Code and words of the refusal: MEMORY.
    """
    forms.check(str, given.get("location"), "location")
    place = as_location(given.get("location") or "")
    if place and place not in PUBLIC and place != "global" and place not in known(call.world):
        raise bad_request(
            "LocationNotAvailableForResourceType",
            f"The provided location '{place}' is not available for resource type "
            f"'{call.target.type}'. List of available regions for the resource type is "
            f"'{','.join(known(call.world))}'.",
        )
    return place


def tags_of(given: Json) -> dict[str, str]:
    """The body's tags: names and values are texts."""
    forms.check({...: str}, given.get("tags"), "tags")
    tags: dict[str, str | None] = given.get("tags") or {}
    for name in tags:
        if not name or any(sign in name for sign in "<>%&\\?/"):
            raise bad_request(
                "InvalidTagNameCharacters",
                f"The tag names '{name}' have reserved characters '<,>,%,&,\\,?,/' or control "
                "characters.",
            )
    return {name: value or "" for name, value in tags.items()}


def demand_name(call: Call) -> None:
    """Refuse a name no resource can have."""
    if not _NAME.fullmatch(call.target.name):
        raise bad_request(
            "InvalidResourceName",
            f"Resource name '{call.target.name}' is invalid: it may hold letters, digits, '.', "
            "'_', '-', '(' and ')'.",
        )
