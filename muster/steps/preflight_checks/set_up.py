"""May what a replication sets up be made: by locks, and by policies?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of, lies_in, parse_id
from muster.gateway.parse import mapping, text_of
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.dependence import ids_needed_by
from muster.replication.rights import NOT_THERE, asked_of, is_subscription
from muster.replication.sparing import refused_vms
from muster.replication.wanted import ResourceWanted, VaultWanted, VmWanted
from muster.steps.preflight_checks.assigned import Place, said_by
from muster.steps.preflight_checks.check import none_of_or_unknown
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.held import (
    READ_ONLY,
    level_and_scope,
    locks_by_name,
)
from muster.steps.preflight_checks.policy_rules import Made

SENT = (Act.CREATE, Act.CHANGE)
NOTHING_SENT = "nothing is yet to be made or changed"
_MOST_NAMED = 3
_OF_VMS = OF_ONE_VM | {Kind.RESOURCE, Kind.NETWORK_MAPPING}
"""Kinds of things that a VM may do without; all others every VM needs."""
_GROUP = "microsoft.resources/resourcegroups"
_MAKE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups"
"""What policies call a group, whose id says `resourceGroups` alone."""


def sent(facts: Facts) -> tuple[Change, ...]:
    """What a run makes or changes, with its id; raises NotRead."""
    return tuple(one for one in facts.decided.changes if one.act in SENT and one.id)


def places_of(facts: Facts) -> Mapping[str, tuple[Change, ...]]:
    """What a run makes or changes, by where locks and policies are asked for: its group, or the
    subscription where the group itself is yet to be made; raises NotRead.
    """
    found = facts.decided.found
    there = [*(found.known_ids() if found else ()), *([facts.vault.id] if facts.vault else ())]
    known = {key_of(parse_id(one).group_id) for one in there}  # of a group: itself
    by_place: dict[str, list[Change]] = {}
    for change in sent(facts):
        arm = parse_id(change.id or "")
        subscription = f"/subscriptions/{arm.subscription}"
        is_known = arm.resource_group is not None and key_of(arm.group_id) in known
        by_place.setdefault(arm.group_id if is_known else subscription, []).append(change)
    return {place: tuple(changes) for place, changes in by_place.items()}


def lock_places_of(facts: Facts) -> tuple[str, ...]:
    """Where locks are asked for: as `places_of`, and the groups of VMs that are to be replicated,
    in which nothing may have to be made; raises NotRead.
    """
    sources = (parse_id(vm).group_id for one in sent(facts) if (vm := _enabled_vm(one)))
    return tuple({key_of(place): place for place in (*places_of(facts), *sources)}.values())


def _enabled_vm(change: Change) -> str | None:
    """Id of the source VM that replication is to be enabled of, or None.

    Site Recovery installs its Mobility service on it as an extension, which writes to the VM:
    https://learn.microsoft.com/azure/site-recovery/azure-to-azure-architecture
    """
    if change.act is Act.CREATE and isinstance(change.wanted, VmWanted):
        return change.wanted.source_vm_id
    return None


@dataclass(slots=True)
class Hindrance:
    """What keeps things from being made or changed, or nobody knows whether it does."""

    problems: dict[str, str] = field(default_factory=dict)
    hit: list[Change] = field(default_factory=list)
    unclear: dict[str, str] = field(default_factory=dict)
    unsure: list[Change] = field(default_factory=list)


def of_all(facts: Facts, hindrance: Hindrance, fine: str) -> Verdict:
    """Whether no VM could be replicated: what only some need stops these, and no others."""
    problems = {} if _spares_some(facts, hindrance.hit) else hindrance.problems
    unclear = {} if _spares_some(facts, hindrance.unsure) else hindrance.unclear
    things = len(sent(facts))
    said = f"{fine} {things} things that are to be made or changed" if things else NOTHING_SENT
    if not problems and hindrance.problems:
        said = f"{fine} what every VM needs; of some VMs a check of its own tells"
    return none_of_or_unknown(problems, unclear, said)


def of_some(facts: Facts, hindrances: Iterable[Hindrance], fine: str) -> Verdict:
    """The rest: what stops VMs, and not all."""
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    for one in hindrances:
        if _spares_some(facts, one.hit):
            problems |= one.problems
        if _spares_some(facts, one.unsure):
            unclear |= one.unclear
    return none_of_or_unknown(problems, unclear, fine)


def _spares_some(facts: Facts, hit: Collection[Change]) -> bool:
    """Whether there is a VM that needs none of these things, so that a run goes on for it."""
    if any(one.kind not in _OF_VMS for one in hit):
        return False
    decision = facts.decided
    keys = {key_of(one.id or "") for one in hit}
    names = {one.name for one in hit if one.kind in OF_ONE_VM} | refused_vms(decision.changes)
    return any(
        not keys & set(map(key_of, ids_needed_by(decision.wanted, vm)))
        for vm in decision.wanted.vms
        if vm.name not in names
    )


def locks(facts: Facts) -> Hindrance:
    """A read-only lock keeps everything at and below it from being made and being changed: what
    is sent, and the VM that an extension is installed on.
    """
    facts.need("locks")
    found, things = Hindrance(), sent(facts)
    for name, lock in locks_by_name(facts.locks).items():
        try:
            level, scope = level_and_scope(lock)
        except NotRead as err:
            found.unclear[name] = str(err)
            found.unsure += things
            continue
        held = [one for one in things if lies_in(one.id or "", scope)]
        by_vm = [
            one for one in things if one not in held and lies_in(_enabled_vm(one) or "", scope)
        ]
        if (held or by_vm) and level.casefold() == READ_ONLY:
            found.problems[name] = f"{level} at {scope}: {_kept_from(held, by_vm)}"
            found.hit += (*held, *by_vm)
    return found


def policies(facts: Facts) -> Hindrance:
    """Every resource that is to be made is held against the policies assigned where it will be."""
    facts.need("assignments", "definitions")
    found = Hindrance()
    for place, changes in places_of(facts).items():
        for assignment in facts.assignments_at.get(place, ()):
            told = mapping(assignment.get("properties"))
            name = text_of(told.get("displayName") or assignment.get("name"))
            for change, made in _made(changes):
                said = said_by(assignment, [made], _place(facts, place, change, made))
                if said.denial:
                    found.problems[name] = _both(found.problems.get(name), said.denial)
                    found.hit.append(change)
                elif said.doubt:
                    found.unclear[name] = _both(found.unclear.get(name), said.doubt)
                    found.unsure.append(change)
    return found


def rights(facts: Facts) -> Hindrance:
    """By the rights that every single change needs, and where it needs them."""
    decision, found = facts.decided, Hindrance()
    read = decision.rights
    lacking: dict[str, dict[str, None]] = {}
    asked = asked_of(decision.changes, decision.found) if decision.found else ()
    for change, scope, action in asked:
        if action in read.lacking.get(scope, ()):
            lacking.setdefault(scope, {})[action] = None
            found.hit.append(change)
        elif scope in read.unread:
            found.unclear[scope] = read.unread[scope]
            found.unsure.append(change)
    for scope, actions in lacking.items():
        new = NOT_THERE if is_subscription(scope) else ""
        found.problems[scope] = f"the caller is not allowed {', '.join(actions)}{new}"
    return found


def locks_let_set_up(facts: Facts) -> Verdict:
    return of_all(facts, locks(facts), "no lock is on")


def policies_let_set_up(facts: Facts) -> Verdict:
    return of_all(facts, policies(facts), "no policy denies")


def _kept_from(held: list[Change], by_vm: list[Change]) -> str:
    """What a lock keeps from being made, itself or by the VM that it is of."""
    said = [f"{_some(held)} cannot be made or changed"] if held else []
    if by_vm:
        said.append(
            f"{_some(by_vm)} cannot be made: enabling installs an extension on the source VM"
        )
    return ", and ".join(said)


def _some(changes: list[Change]) -> str:
    names = [f"{one.noun} {one.name}" for one in changes]
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _both(said: str | None, more: str) -> str:
    """Two sentences of one beginning as one: `it denies A, B`."""
    if said is None or said == more:
        return more
    known, fresh = said.split(" "), more.split(" ")
    same = [one for one, other in zip(known[:2], fresh[:2], strict=False) if one == other]
    return f"{said}, {' '.join(fresh[len(same) :])}"


def _place(facts: Facts, place: str, change: Change, made: Made) -> Place:
    """The group that a thing is made in, with what was read where it, or its group, is made."""
    return Place(
        group_id=parse_id(change.id or "").group_id,
        group=None,
        region=made.location,
        definitions=facts.definitions,
        exemptions=facts.exemptions_at.get(place, ()),
        exemptions_unread=facts.unread.get("exemptions"),
        now=facts.now,
    )


def _made(changes: tuple[Change, ...]) -> Iterator[tuple[Change, Made]]:
    """What is made as a resource of its own; parts of a vault are no matter of policies."""
    for change in changes:
        if change.act is not Act.CREATE or change.id is None:
            continue
        arm = parse_id(change.id)
        kind = _MAKE_GROUP if arm.type.casefold() == _GROUP else arm.type
        if isinstance(change.wanted, ResourceWanted):
            body = change.wanted.body
            tags = {str(key): str(value) for key, value in mapping(body.get("tags")).items()}
            yield change, Made(kind, arm.name, text_of(body.get("location")), tags)
        elif isinstance(change.wanted, VaultWanted):
            yield change, Made(kind, arm.name, change.wanted.region)
