"""Would a lock or a policy keep copies from being made, or from being removed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.parse import text_of
from muster.gateway.values import Json, Resource
from muster.plan.actions import Operation
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    each,
    passed,
    rows_of,
    said_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.policies import policies_allow
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import part, text

READ_ONLY = "readonly"
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


CHECKS = rows_of(
    Area.RULES,
    ("PRE-092", "no lock keeps a cleanup from deleting what a drill made", S, N,
     "Take the lock away, or put it on what it is to keep instead of on the group.",
     cleanup_may_delete),
    ("PRE-093", "no lock makes the target or the vault read-only", S, S,
     "Take the lock away: under it no VM is made, and no failover is accepted.",
     locks_let_write),
    ("PRE-094", "no policy denies what will be made, or a drill's cleanup", S, S,
     "Exempt the target's resource group from the policy (a policy exemption, Waiver or "
     "Mitigated), or make what it asks for come with the copies: Site Recovery carries the tags "
     "of VMs, cards and disks over once in 24 hours. What Muster makes for a drill's network "
     "bears no tag of yours: drill in one that is there (`drill.network.use`).", policies_allow),
)  # fmt: skip
