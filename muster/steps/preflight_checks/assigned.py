"""What an assigned policy says of things that would be made, or removed, at one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, text_of
from muster.gateway.values import Json
from muster.steps.preflight_checks.made import called
from muster.steps.preflight_checks.policy_reach import is_exempt, reaches
from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps
from muster.steps.preflight_checks.policy_sets import Assigned, assigned_by, parameters_of

DENY, DENY_ACTION = "deny", "denyaction"
WITH_OWN_TAGS = frozenset({"Microsoft.Network/networkInterfaces", "Microsoft.Compute/disks"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where things would be made, and what was read of the policies there."""

    group_id: str
    group: Mapping[str, Any] | None  # body of the resource group; None: it is not known
    region: str
    definitions: Mapping[str, Json]  # by id, those that could be read
    exemptions: Sequence[Json]
    exemptions_unread: str | None  # why not all of them could be read
    now: datetime


@dataclass(slots=True)
class Said:
    """What was found of an assignment, each in the order it was found."""

    denied: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # nobody can tell beforehand
    by_tags: list[str] = field(default_factory=list)  # it hangs on whose tags they bear
    unread: list[str] = field(default_factory=list)  # definitions
    if_not_exempt: list[str] = field(default_factory=list)  # and nobody knows whether it is
    exemptions_unread: str = "one does not read"

    @property
    def denial(self) -> str:
        """What it denies, as a sentence; "": nothing that is known."""
        return f"it denies {_listed(self.denied)}" if self.denied else ""

    @property
    def doubt(self) -> str:
        """Why nobody can tell whether it denies more; "": everybody can."""
        return "; ".join(self._reasons())

    def _reasons(self) -> Iterator[str]:
        if self.unread:
            yield f"{_listed(self.unread)} cannot be read from here"
            return
        if self.if_not_exempt:
            yield (
                f"it denies {_listed(self.if_not_exempt)}, unless an exemption frees it: that "
                f"could not be read: {self.exemptions_unread}"
            )
        if self.by_tags:
            yield (
                f"whether it denies {_listed(self.by_tags)} hangs on tags that the source VM and "
                "its own disks and cards do not have alike, or that could not be read"
            )
        if self.unsure:
            yield f"whether it denies {_listed(self.unsure)} is not known beforehand"


def said_by(assignment: Json, made: Sequence[Made], place: Place) -> Said:
    """What an assignment at or above a place says of what would be made, or removed, there.

    Args:
        assignment: Its body.
        made: What would be made there.
        place: Where.
    """
    said = Said()
    if place.exemptions_unread:
        said.exemptions_unread = place.exemptions_unread
    properties = mapping(assignment.get("properties"))
    found = [(one, reaches(properties, one, place.group_id)) for one in made]
    reached = [(one, is_reached) for one, is_reached in found if is_reached is not False]
    if not reached:
        return said
    for applied in assigned_by(properties, place.definitions, place.region):
        if applied.definition is None:
            said.unread.append(applied.name or "its rules")
            continue
        for one, is_reached in reached:
            _judge(place, assignment, applied, one, said, is_sure=is_reached is True)
    return said


def _listed(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _judge(
    place: Place, assignment: Json, applied: Assigned, made: Made, said: Said, *, is_sure: bool
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
    found = _readings(rule.get("if"), made, parameters, place)
    if found == [False]:
        return
    what = f"removal of {called(made)}" if is_about_removal else called(made)
    exempt = _exempt(place, text_of(assignment.get("id")), applied.name, made)
    if exempt:
        return
    if len(found) > 1:
        said.by_tags.append(what)
    elif found == [None] or effect is None or not is_sure:
        said.unsure.append(what)
    else:
        (said.denied if exempt is False else said.if_not_exempt).append(what)


def _readings(
    rule: Any, made: Made, parameters: Mapping[str, Any], place: Place
) -> list[bool | None]:
    """Whether a rule holds: once, or by each set of tags that the thing may come to bear."""
    ways = [made] if made.type not in WITH_OWN_TAGS else [made, replace(made, tags=made.or_tags)]
    return list(dict.fromkeys(holds(rule, one, parameters, place.group) for one in ways))


def _exempt(place: Place, assignment_id: str, name: str, made: Made) -> bool | None:
    """Whether an exemption frees it; what could not be read may be the one that does."""
    found = is_exempt(
        place.exemptions, key_of(assignment_id), name, made, place.group_id, place.now
    )
    return None if found is False and place.exemptions_unread else found
