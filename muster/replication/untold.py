"""What Azure always tells of rules and routes and an answer lacks: nobody knows the way out then.

An absent value is never taken for the one that lets replication out. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from muster.gateway.parse import id_at, mapping, rows, text_of, text_or_none, texts
from muster.gateway.values import Json

_ENDS = ("sourceAddressPrefix", "destinationAddressPrefix", "destinationPortRange")
_NAMED_BY = ("networkSecurityGroup", "routeTable")


def told_of_end(rule: Json, key: str) -> tuple[str, ...]:
    """What a rule's properties tell of one end, addresses or ports; empty: nothing.

    `…Prefix` and `…Prefixes`: Azure fills one of the two, or both, or names application groups.
    """
    single = text_or_none(rule.get(key))
    plural = f"{key}es" if key.endswith("Prefix") else f"{key}s"
    found = (*((single,) if single else ()), *texts(rule.get(plural)))
    groups = key.replace("AddressPrefix", "ApplicationSecurityGroups")
    return found or tuple(text_of(one.get("id")) for one in rows(rule.get(groups)))


def untold_of_group(raw: Json) -> str:
    """Why the rules of a security group are not known; "": they are."""
    return _first_of(raw, "securityRules", _lacking_in_rule)


def untold_of_routes(raw: Json) -> str:
    """Why the routes of a table are not known; "": they are."""
    return _first_of(raw, "routes", _lacking_in_route)


def untold_of_subnet(raw: Json) -> str:
    """Why nobody knows which group and table a subnet has; "": it is known.

    Azure leaves out the key of what a subnet does not have.
    """
    properties = raw.get("properties")
    if not isinstance(properties, Mapping):
        return "Azure does not tell its `properties`"
    named = (key for key in _NAMED_BY if properties.get(key) is not None)
    garbled = [key for key in named if id_at(properties, key) is None]
    return f"Azure does not tell the id of its `{garbled[0]}`" if garbled else ""


def _first_of(raw: Json, key: str, lacking: Callable[[Json], Iterable[str]]) -> str:
    """Of a list that Azure always tells, empty where there is nothing."""
    listed = mapping(raw.get("properties")).get(key)
    if not isinstance(listed, list) or len(rows(listed)) != len(listed):
        return f"Azure does not tell its `{key}`"
    for row in listed:
        for word in lacking(mapping(row.get("properties"))):
            return f"Azure does not tell `{word}` of {text_of(row.get('name')) or 'one of them'}"
    return ""


def _lacking_in_rule(rule: Json) -> Iterable[str]:
    """Of a rule for what comes in nothing else is asked."""
    direction = text_of(rule.get("direction")).casefold()
    if direction == "inbound":
        return
    if direction != "outbound":
        yield "direction"
    if not isinstance(rule.get("priority"), int):
        yield "priority"
    if text_of(rule.get("access")).casefold() not in {"allow", "deny"}:
        yield "access"
    if not text_of(rule.get("protocol")):
        yield "protocol"
    yield from (key for key in _ENDS if not told_of_end(rule, key))


def _lacking_in_route(route: Json) -> Iterable[str]:
    return (key for key in ("addressPrefix", "nextHopType") if not text_of(route.get(key)))
