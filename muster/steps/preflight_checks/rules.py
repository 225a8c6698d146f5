"""Would a lock or a policy keep copies from being made, or from being removed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import Json, Resource
from muster.plan.actions import Operation
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    each,
    passed,
    rows_of,
    unknown,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.held import READ_ONLY, level_and_scope, locks_by_name
from muster.steps.preflight_checks.not_set_up import no_group, no_vault
from muster.steps.preflight_checks.policies import policies_allow
from muster.steps.preflight_checks.set_up import locks_let_set_up


def cleanup_may_delete(facts: Facts) -> Verdict:
    """A lock on what was there before keeps nobody from removing a copy beside it."""
    facts.need("locks")
    above = key_of(facts.target_group_id) + "/"

    def problem(lock: Json) -> str | None:
        level, scope = level_and_scope(lock)
        is_above = above.startswith(key_of(scope) + "/")
        return f"{level} at {scope}: nothing in it can be deleted" if is_above else None

    fine = "no lock keeps a cleanup from deleting what a drill made"
    return _no_lock(facts, problem, fine, {no_group(facts): facts.target_group})


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
    where = {no_group(facts): facts.target_group, no_vault(facts): facts.vault}
    return _no_lock(facts, problem, fine, where)


def _no_lock(
    facts: Facts,
    problem: Callable[[Json], str | None],
    fine: str,
    where: Mapping[str, Resource | None],
) -> Verdict:
    """As `each`, of the locks; none is fine, but where that which they would lock is missing.

    Args:
        facts: What was read.
        problem: As `each` has it.
        fine: The same.
        where: What would be locked, by what is said where it is not there.
    """
    judged = each(locks_by_name(facts.locks), problem, fine) if facts.locks else passed(fine)
    missing = [said for said, found in where.items() if found is None]
    return unknown("; ".join(missing)) if missing and judged.word == "passed" else judged


CHECKS = rows_of(
    Area.RULES,
    ("PRE-092", "no lock keeps a cleanup from deleting what a drill made", S, N, N,
     "Take the lock away, or put it on what it is to keep instead of on the group.",
     cleanup_may_delete),
    ("PRE-093", "no lock makes a place that is written to read-only", S, S, S,
     "Take the lock named away: under it nothing is made, and no failover is accepted.",
     locks_let_write),
    ("PRE-094", "no policy denies what will be made, or a drill's cleanup", S, S, S,
     "Exempt the place of what is named (its resource group, or the subscription) from the policy "
     "(an exemption, Waiver or Mitigated), or have the plan keep to it: a location that is denied "
     "is another `target.region`, or `vault.region`. Tags that a drill's copies lack come with "
     "them: Site Recovery carries those of VMs, cards and disks over once in 24 hours. A network "
     "that a drill makes bears no tag of yours: drill in one that is there "
     "(`drill.network.use`).", policies_allow),
)  # fmt: skip
