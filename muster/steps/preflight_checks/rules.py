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
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.held import (
    READ_ONLY,
    held_by,
    is_enforced,
    level_and_scope,
    locks_by_name,
)
from muster.steps.preflight_checks.policy_rules import Made
from muster.steps.preflight_checks.raw import details_of, disks_of
from muster.steps.preflight_checks.set_up import locks_let_set_up, policies_let_set_up
from muster.steps.preflight_checks.told import text

MACHINE = "Microsoft.Compute/virtualMachines"


def cleanup_may_delete(facts: Facts) -> Verdict:
    """A lock on what was there before keeps nobody from removing a copy beside it."""
    facts.need("locks")
    above = key_of(facts.target_group_id) + "/"

    def problem(lock: Json) -> str | None:
        level, scope = level_and_scope(lock)
        is_above = above.startswith(key_of(scope) + "/")
        return f"{level} at {scope}: nothing in it can be deleted" if is_above else None

    fine = "no lock keeps a cleanup from deleting what a drill made"
    return _no_lock(facts, problem, fine, {facts.target_group_id: facts.target_group})


def locks_let_write(facts: Facts) -> Verdict:
    """In the network that VMs come up in each of them joins a subnet, which is a write."""
    if facts.operation is Operation.REPLICATE:
        return locks_let_set_up(facts)
    facts.need("locks")
    is_drill = facts.operation is Operation.DRILL
    network = facts.drill_network_id if is_drill else facts.target_network_id
    places = [key_of(one) + "/" for one in (facts.target_group_id, facts.vault_ref.id, network)]

    def problem(lock: Json) -> str | None:
        level, scope = level_and_scope(lock)
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
    judged = each(locks_by_name(facts.locks), problem, fine) if facts.locks else passed(fine)
    absent = {place: "it was not found" for place, found in where.items() if found is None}
    return unknown(said_of(absent), **absent) if absent and judged.word == "passed" else judged


def policies_allow(facts: Facts) -> Verdict:
    """What is made (VMs, cards, disks; in a drill a network) is held against every deny policy."""
    if facts.operation is Operation.REPLICATE:
        return policies_let_set_up(facts)
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
        denied, unsure = held_by(facts, properties, made)
        if denied:
            problems[name] = denied
        elif unsure:
            unclear[name] = unsure
    return none_of_or_unknown(problems, unclear, "no policy denies what will be made")


def _concerns(facts: Facts, assignment: Json) -> bool:
    if not is_enforced(assignment):
        return False
    here = key_of(facts.target_group_id) + "/"
    return not any(
        here.startswith(key_of(one) + "/") for one in texts(assignment.get("notScopes"))
    )


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
    ("PRE-092", "no lock keeps a cleanup from deleting what a drill made", S, N, N,
     "Take the lock away, or put it on what it is to keep instead of on the group.",
     cleanup_may_delete),
    ("PRE-093", "no lock makes the target or the vault read-only", S, S, S,
     "Take the lock away: under it nothing is made, and no failover is accepted.",
     locks_let_write),
    ("PRE-094", "no policy denies what will be made, or a drill's cleanup", S, S, S,
     "Exempt the resource group of what is named (the target's) from the policy, or make what it "
     "asks for come with the copies (tags of the source VMs do).", policies_allow),
)  # fmt: skip
