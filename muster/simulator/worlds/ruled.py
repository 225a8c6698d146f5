"""Mistakes in what a world rules: scopes, policies, quotas, and resources in ARM's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from muster.simulator.arm import policy_rules, quota
from muster.simulator.arm.types import KINDS
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.raw import Mistake, Raw, as_dict, as_list, entries, names

_FAMILY = re.compile(r"standard\w+Family", re.IGNORECASE)
_OWN_SECTION = {
    "microsoft.compute/virtualmachines": "vms",
    "microsoft.recoveryservices/vaults": "vaults",
    "microsoft.automation/automationaccounts": "automation",
    "microsoft.automation/automationaccounts/runbooks": "automation",
    "microsoft.authorization/locks": "locks",
    "microsoft.authorization/policyassignments": "policies",
}


def mistakes(raw: Raw) -> Iterator[Mistake]:
    """Every such mistake, with where it is."""
    yield from _scopes(raw)
    for n, policy in entries(raw, "policies"):
        if "rule" in policy:
            for place, sentence in policy_rules.mistakes_in(policy["rule"]):
                yield ("policies", n, "rule", *place), sentence
    for n, told in entries(raw, "quotas"):
        for name in as_dict(told.get("limits")):
            if not quota.is_name(name) and not _FAMILY.fullmatch(name):
                yield ("quotas", n, "limits", name), f"no quota is called '{name}'"
    for n, resource in entries(raw, "resources"):
        yield from _resource(n, resource)


_WHOLE = {False: {""}, True: {"", "/"}}
"""The whole subscription; for roles also the tenant's root."""


def _named_scopes(raw: Raw) -> list[tuple[Loc, Any]]:
    """Every scope that a world file names, with its place."""
    found: list[tuple[Loc, Any]] = []
    for n, identity in entries(raw, "identities"):
        found += [(("identities", n, "roles", a, "scope"), assignment.get("scope"))
                  for a, assignment in entries(identity, "roles")]  # fmt: skip
    for key in ("locks", "policies"):
        for n, entry in entries(raw, key):
            found.append(((key, n, "scope"), entry.get("scope")))
            found += [((key, n, "not_scopes", i), each)
                      for i, each in enumerate(as_list(entry.get("not_scopes")))]  # fmt: skip
    return found


def _scopes(raw: Raw) -> Iterator[Mistake]:
    """A scope begins with a slash, and a group in it exists."""
    groups = {str(name).lower() for name in names(raw, "groups")}
    for loc, scope in _named_scopes(raw):
        if not isinstance(scope, str) or scope.startswith("/subscriptions/"):
            continue
        if scope in _WHOLE[loc[0] == "identities"]:
            continue
        words = scope.strip("/").split("/")
        if words[0].lower() != "resourcegroups" or len(words) < 2 or scope[0] != "/":
            yield loc, f"'{scope}' is no scope: they begin with /resourceGroups/<name>"
        elif words[1].lower() not in groups:
            yield loc, f"there is no group '{words[1]}'"


def _resource(n: int, resource: Raw) -> Iterator[Mistake]:
    kind, name = resource.get("type"), resource.get("name")
    if not isinstance(kind, str):
        return
    key = kind.lower()
    known = KINDS.get(key)
    if key in _OWN_SECTION:
        yield ("resources", n, "type"), f"these are written under '{_OWN_SECTION[key]}'"
    elif known is None:
        yield ("resources", n, "type"), f"this simulator knows no type '{kind}'"
    elif known.inline:
        yield ("resources", n, "type"), f"these are written inside their '{key.split('/')[1]}'"
    elif isinstance(name, str) and name.count("/") + 1 != kind.count("/"):
        yield (
            ("resources", n, "name"),
            f"'{name}' does not fit the type: a name for each of {kind.partition('/')[2]}",
        )
