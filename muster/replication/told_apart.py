"""Two ids as people read them, so that they can be told apart. Pure."""

from __future__ import annotations

from muster.gateway.ids import parse_id

IN_SUBSCRIPTION = " of subscription "


def told_apart(before: str, after: str) -> tuple[str, str]:
    """Names of two things; with the group, then the subscription, where the names are alike.

    Args:
        before: Id of what is there.
        after: Id of what is wanted.
    """
    names = before.rpartition("/")[2], after.rpartition("/")[2]
    if names[0].casefold() != names[1].casefold():
        return names
    one, other = parse_id(before), parse_id(after)
    if (one.resource_group or "").casefold() != (other.resource_group or "").casefold():
        return f"{names[0]} in {one.resource_group}", f"{names[1]} in {other.resource_group}"
    return (
        f"{names[0]}{IN_SUBSCRIPTION}{one.subscription}",
        f"{names[1]}{IN_SUBSCRIPTION}{other.subscription}",
    )
