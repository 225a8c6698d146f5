"""Mistakes in what a world rules: scopes, policies, quotas, and resources in ARM's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from muster.simulator.arm import policy_rules, quota
from muster.simulator.arm.types import KINDS
from muster.simulator.asr import policies
from muster.simulator.worlds.facts import seconds_of
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
    yield from _terms(raw)


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
            found += [((key, n, name, i), each)
                      for name in ("not_scopes", "exempt")
                      for i, each in enumerate(as_list(entry.get(name)))]  # fmt: skip
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


def _terms(raw: Raw) -> Iterator[Mistake]:
    """A vault's policy is one that Site Recovery would have taken."""
    if as_dict(raw.get("settings")).get("policy_limits") == "none":
        return
    for n, vault in entries(raw, "vaults"):
        policy, place = as_dict(vault.get("policy")), ("vaults", n, "policy")
        every = _minutes(policy.get("app_consistent_every"))
        kept = _minutes(policy.get("keep_recovery_points"))
        if every and not policies.SHORTEST <= every <= policies.LONGEST:
            yield (
                (*place, "app_consistent_every"),
                f"Azure takes {policies.SHORTEST} to {policies.LONGEST} minutes, or 0s for none",
            )
        if kept is not None and kept > policies.LONGEST_HISTORY:
            yield (
                (*place, "keep_recovery_points"),
                f"Azure keeps points for at most {policies.LONGEST_HISTORY // (24 * 60)} days",
            )


def _minutes(span: Any) -> float | None:
    """Of a span that is one; the model tells the others."""
    try:
        seconds = seconds_of(span) if isinstance(span, str) else span
    except ValueError:
        return None
    return seconds / 60 if isinstance(seconds, (int, float)) else None


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
