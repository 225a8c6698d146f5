"""Would a lock or a policy keep copies from being made, or from being removed?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import mapping, text_of, texts
from muster.gateway.values import Json, Resource
from muster.plan.actions import Operation
from muster.steps.isolation.mirror import TAG
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    each,
    none_of_or_unknown,
    passed,
    rows_of,
    said_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.policy_rules import Made, effect_of, holds, keeps
from muster.steps.preflight_checks.policy_sets import assigned_by, parameters_of
from muster.steps.preflight_checks.raw import details_of, disks_of
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import part, text

READ_ONLY = "readonly"
MACHINE = "Microsoft.Compute/virtualMachines"
DENY_ACTION = "denyaction"
LOCK = "/providers/microsoft.authorization/locks/"


def cleanup_may_delete(facts: Facts) -> Verdict:
    """A lock on what was there before keeps nobody from removing a copy beside it."""
    facts.need("locks")
    above = key_of(facts.target_group_id) + "/"

    def problem(lock: Json) -> str | None:
        level, scope = _level_and_scope(lock)
        is_above = above.startswith(key_of(scope) + "/")
        return f"{level} at {scope}: nothing in it can be deleted" if is_above else None

    fine = "no lock keeps a cleanup from deleting what a drill made"
    return _no_lock(facts, problem, fine, {facts.target_group_id: facts.target_group})


def locks_let_write(facts: Facts) -> Verdict:
    """In the network that VMs come up in each of them joins a subnet, which is a write."""
    facts.need("locks")
    is_drill = facts.operation is Operation.DRILL
    network = facts.drill_network_id if is_drill else facts.target_network_id
    places = [key_of(one) + "/" for one in (facts.target_group_id, facts.vault_ref.id, network)]

    def problem(lock: Json) -> str | None:
        level, scope = _level_and_scope(lock)
        is_ours = any(place.startswith(key_of(scope) + "/") for place in places)
        return f"{level} at {scope}" if level.casefold() == READ_ONLY and is_ours else None

    fine = "no lock makes the target or the vault read-only"
    where = {facts.target_group_id: facts.target_group, facts.vault_ref.id: facts.vault}
    return _no_lock(facts, problem, fine, where)


def _no_lock(
    facts: Facts,
    problem: Callable[[Json], str | None],
    fine: str,
    where: Mapping[str, Resource | None],
) -> Verdict:
    """As `each`, of the locks; none is fine, but where that which they would lock is missing."""
    judged = each(_locks(facts), problem, fine) if facts.locks else passed(fine)
    absent = {place: "it was not found" for place, found in where.items() if found is None}
    return unknown(said_of(absent), **absent) if absent and judged.word == "passed" else judged


def _locks(facts: Facts) -> Mapping[str, Json]:
    """Locks by name; a lock without an id is one of its own."""
    return by_name(
        (text_of(lock.get("id") or f"{lock.get('name')}, number {number} of those told"), lock)
        for number, lock in enumerate(facts.locks, start=1)
    )


def _level_and_scope(lock: Json) -> tuple[str, str]:
    """What a lock forbids, and where; raises NotRead."""
    arm_id = text(lock, "id")
    at = arm_id.casefold().rfind(LOCK)
    level = text(part(lock, "properties"), "level")
    if at < 0 or level.casefold() not in {READ_ONLY, "cannotdelete"}:
        raise NotRead(f"where it holds, or what its level {level} means, is not known")
    return level, arm_id[:at]


def policies_allow(facts: Facts) -> Verdict:
    """What is made (VMs, cards, disks; in a drill a network) is held against every deny policy."""
    facts.need("assignments", "definitions", "items")
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    made = list(_made(facts))
    if not facts.items:
        return unknown("what would be made is not known")
    for assignment in facts.assignments:
        properties = mapping(assignment.get("properties"))
        name = text_of(properties.get("displayName") or assignment.get("name"))
        if not _concerns(facts, properties):
            continue
        denied, unsure, unread = _of_assignment(facts, properties, made)
        if denied:
            problems[name] = f"it denies {', '.join(denied)}"
        elif unread:
            unclear[name] = f"{', '.join(unread)} cannot be read from here"
        elif unsure:
            unclear[name] = f"whether it denies {', '.join(unsure)} is not known beforehand"
    return none_of_or_unknown(problems, unclear, "no policy denies what will be made")


def _of_assignment(
    facts: Facts, properties: Json, made: list[Made]
) -> tuple[list[str], list[str], list[str]]:
    """What an assignment denies, what nobody can tell of, and what of it cannot be read."""
    denied: dict[str, None] = {}
    unsure: dict[str, None] = {}
    unread: list[str] = []
    for one in assigned_by(properties, facts.definitions):
        if one.definition is None:
            unread.append(one.name or "its rules")
            continue
        sure, perhaps = _judged({"parameters": one.parameters}, one.definition, made)
        denied |= dict.fromkeys(sure)
        unsure |= dict.fromkeys(perhaps)
    return list(denied), list(unsure), unread


def _concerns(facts: Facts, assignment: Json) -> bool:
    if text_of(assignment.get("enforcementMode")).casefold() == "donotenforce":
        return False
    here = key_of(facts.target_group_id) + "/"
    return not any(
        here.startswith(key_of(one) + "/") for one in texts(assignment.get("notScopes"))
    )


def _judged(assignment: Json, definition: Json, made: list[Made]) -> tuple[list[str], list[str]]:
    """What an assigned definition denies to make or to remove, and what nobody can tell of."""
    parameters = parameters_of(assignment, definition)
    rule = mapping(definition.get("policyRule"))
    effect = effect_of(rule, parameters)
    is_about_removal = effect == DENY_ACTION and keeps(rule)
    if effect not in {"deny", None} and not is_about_removal:
        return [], []
    found = {True: [], None: [], False: []}  # type: dict[bool | None, list[str]]
    for one in made:
        if one.is_removed or not is_about_removal:
            said = f"removal of {_called(one)}" if is_about_removal else _called(one)
            found[holds(rule.get("if"), one, parameters)].append(said)
    sure = found[True] if effect is not None else []
    return sure, [*found[None], *(found[True] if effect is None else [])]


def _called(made: Made) -> str:
    kind = made.type.rpartition("/")[2]
    return f"{kind} {made.name}" if made.name else kind


def _made(facts: Facts) -> Iterator[Made]:
    """One of each kind that the operation makes: copies bear their sources' tags."""
    where, is_drill = facts.plan.target.region, facts.operation is Operation.DRILL
    one = partial(Made, location=where, is_removed=is_drill)
    for vm, item in facts.items.items():
        source = facts.sources.get(vm)
        tags = dict(source.tags) if source else {}
        name = text(details_of(item), "tfoAzureVMName" if is_drill else "recoveryAzureVMName")
        yield one(MACHINE, name, tags=tags)
        yield one("Microsoft.Network/networkInterfaces", None, tags=tags)
        for disk in disks_of(item) if is_drill else ():
            yield one("Microsoft.Compute/disks", text(disk, "tfoDiskName"), tags=tags)
    if _looks_inside(facts):
        yield one(f"{MACHINE}/runCommands", None)
    if is_drill and (network := facts.plan.drill.network.create):
        for kind in ("virtualNetworks", "networkSecurityGroups", "routeTables"):
            yield one(f"Microsoft.Network/{kind}", network, tags={TAG: "a run"})


def _looks_inside(facts: Facts) -> bool:
    """Whether something runs inside a copy: a check, or a script of the plan's."""
    plan = facts.plan
    return bool(
        plan.checks
        or any(group.checks for group in plan.groups)
        or any(action.run_command for *_, action in plan.actions())
    )


CHECKS = rows_of(
    Area.RULES,
    ("PRE-092", "no lock keeps a cleanup from deleting what a drill made", S, N,
     "Take the lock away, or put it on what it is to keep instead of on the group.",
     cleanup_may_delete),
    ("PRE-093", "no lock makes the target or the vault read-only", S, S,
     "Take the lock away: under it no VM is made, and no failover is accepted.",
     locks_let_write),
    ("PRE-094", "no policy denies what will be made, or a drill's cleanup", S, S,
     "Exempt the target's resource group from the policy, or make what it asks for come with "
     "the copies (tags of the source VMs do).", policies_allow),
)  # fmt: skip
