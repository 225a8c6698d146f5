"""Would a policy that is assigned where the copies come up deny what will be made, or removed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.check import none_of_or_unknown, unknown
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.made import called, things_made
from muster.steps.preflight_checks.policy_reach import is_exempt, reaches
from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps
from muster.steps.preflight_checks.policy_sets import Assigned, assigned_by, parameters_of

DENY, DENY_ACTION = "deny", "denyaction"


@dataclass(slots=True)
class _Said:
    """What was found of an assignment, each in the order it was found."""

    denied: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # nobody can tell beforehand
    by_tags: list[str] = field(default_factory=list)  # it hangs on whose tags they bear
    unread: list[str] = field(default_factory=list)  # definitions
    if_not_exempt: list[str] = field(default_factory=list)  # and nobody knows whether it is


def policies_allow(facts: Facts) -> Verdict:
    """What is made (VMs, cards, disks; in a drill a network) is held against every deny policy."""
    facts.need("assignments", "definitions", "items")
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    made = list(things_made(facts))
    if not facts.items:
        return unknown("what would be made is not known")
    for assignment in facts.assignments:
        properties = mapping(assignment.get("properties"))
        name = text_of(properties.get("displayName") or assignment.get("name"))
        said = _of_assignment(facts, assignment, made)
        if said.denied:
            problems[name] = f"it denies {_listed(said.denied)}"
        elif reasons := list(_reasons(facts, said)):
            unclear[name] = "; ".join(reasons)
    return none_of_or_unknown(problems, unclear, "no policy denies what will be made")


def _reasons(facts: Facts, said: _Said) -> Iterator[str]:
    """Why nobody can tell, of the first reason that there is the things it is about."""
    if said.unread:
        yield f"{_listed(said.unread)} cannot be read from here"
        return
    if said.if_not_exempt:
        why = facts.unread.get("exemptions", "one does not read")
        yield (
            f"it denies {_listed(said.if_not_exempt)}, unless an exemption frees it: that could "
            f"not be read: {why}"
        )
    if said.by_tags:
        yield (
            f"whether it denies {_listed(said.by_tags)} hangs on tags that the source VM and its "
            "own disks and cards do not have alike, or that could not be read"
        )
    if said.unsure:
        yield f"whether it denies {_listed(said.unsure)} is not known beforehand"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _of_assignment(facts: Facts, assignment: Json, made: list[Made]) -> _Said:
    said = _Said()
    properties = mapping(assignment.get("properties"))
    found = [(one, reaches(properties, one, facts.target_group_id)) for one in made]
    reached = [(one, is_reached) for one, is_reached in found if is_reached is not False]
    if not reached:
        return said
    for applied in assigned_by(properties, facts.definitions, facts.plan.target.region):
        if applied.definition is None:
            said.unread.append(applied.name or "its rules")
            continue
        for one, is_reached in reached:
            _judge(facts, assignment, applied, one, said, is_sure=is_reached is True)
    return said


def _judge(
    facts: Facts, assignment: Json, applied: Assigned, made: Made, said: _Said, *, is_sure: bool
) -> None:
    """Note what a definition, as it is applied, says of one thing."""
    definition = mapping(applied.definition)
    parameters = parameters_of({"parameters": applied.parameters}, definition)
    rule = mapping(definition.get("policyRule"))
    effect = effect_of(rule, parameters)
    is_about_removal = effect == DENY_ACTION and keeps(rule)
    if effect not in {DENY, None} and not is_about_removal:
        return
    if is_about_removal and not made.is_removed:
        return
    found = _readings(facts, rule.get("if"), made, parameters)
    if found == [False]:
        return
    what = f"removal of {called(made)}" if is_about_removal else called(made)
    exempt = _exempt(facts, text_of(assignment.get("id")), applied.name, made)
    if exempt:
        return
    if len(found) > 1:
        said.by_tags.append(what)
    elif found == [None] or effect is None or not is_sure:
        said.unsure.append(what)
    else:
        (said.denied if exempt is False else said.if_not_exempt).append(what)


def _readings(
    facts: Facts, rule: Any, made: Made, parameters: Mapping[str, Any]
) -> list[bool | None]:
    """Whether a rule holds: once, or by each set of tags that the thing may come to bear."""
    group = None if facts.target_group is None else facts.target_group.raw
    ways = [made] if made.type not in WITH_OWN_TAGS else [made, replace(made, tags=made.or_tags)]
    return list(dict.fromkeys(holds(rule, one, parameters, group) for one in ways))


WITH_OWN_TAGS = frozenset({"Microsoft.Network/networkInterfaces", "Microsoft.Compute/disks"})


def _exempt(facts: Facts, assignment_id: str, name: str, made: Made) -> bool | None:
    """Whether an exemption frees it; what could not be read may be the one that does."""
    found = is_exempt(
        facts.exemptions, key_of(assignment_id), name, made, facts.target_group_id, facts.now
    )
    return None if found is False and "exemptions" in facts.unread else found
