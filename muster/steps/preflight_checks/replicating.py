"""Would a replication come about: may the caller make it, is anything or any VM in its way?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from muster.checks.verdict import Verdict
from muster.replication.change import OF_ONE_VM, Act, Change
from muster.replication.outbound_shared import shared
from muster.replication.refusing import refusal_said
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    failed,
    none_of_or_unknown,
    passed,
    rows_of,
    said_of,
)
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.set_up import locks, of_all, of_some, policies, rights


def may_set_up(facts: Facts) -> Verdict:
    return of_all(facts, rights(facts), "the caller is allowed")


def what_some_need_may_be_made(facts: Facts) -> Verdict:
    """Each stops the VMs that need it, which a run tells of at its end, and no other."""
    hindrances = rights(facts), locks(facts), policies(facts)
    fine = "no right, lock or policy stops some VMs alone"
    return of_some(facts, hindrances, fine)


def nothing_in_everybodys_way(facts: Facts) -> Verdict:
    decision = facts.decided
    refused = decision.refusals()
    problems = {f"{one.kind.value} {one.name}": refusal_said(one) for one in refused}
    fine = f"nothing stands in the way of {len(decision.vms)} VMs"
    return _with_remedies(problems, (one.remedy for one in refused), fine, said=_by_kind(refused))


def _by_kind(refused: Iterable[Change]) -> str:
    """The kind is said once where one reason holds for many of it."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in refused:
        names.setdefault((one.kind.value, refusal_said(one)), []).append(one.name)
    return said_of({f"{kind} {', '.join(of)}": why for (kind, why), of in names.items()})


def every_vm_can_be_replicated(facts: Facts) -> Verdict:
    """A VM that cannot be is left out, and stops no other; the run fails of it at its end."""
    decision = facts.decided
    left = decision.left_of(facts.plan)
    refused = [one for one in decision.changes if one.act is Act.REFUSE and one.kind in OF_ONE_VM]
    problems = {one.name: f"{one.kind}: {one.why}" for one in left}
    problems |= {one.name: refusal_said(one) for one in refused}
    remedies = [*(one.remedy for one in left), *(one.remedy for one in refused)]
    return _with_remedies(problems, remedies, f"{len(decision.vms)} VMs can be replicated")


def _with_remedies(
    problems: Mapping[str, str], remedies: Iterable[str], fine: str, *, said: str = ""
) -> Verdict:
    """As `none_of`; what mends many things is said once, behind them."""
    if not problems:
        return passed(fine)
    why = (said or said_of(problems)).removesuffix(".")
    mends = " ".join(dict.fromkeys(filter(None, remedies)))
    return failed(f"{why}. {mends}" if mends else why, **problems)


def _way_out(facts: Facts, *, is_routes: bool) -> Verdict:
    """What was decided of the way out: of routes, or of security groups and subnets."""
    found = [
        one for one in facts.decided.outbound if ("/routetables/" in one.where_id.casefold())
        is is_routes
    ]  # fmt: skip
    problems: dict[str, str] = {}
    unclear: dict[str, str] = {}
    for one in shared(found):
        kept = problems if one.severity == "blocked" else unclear
        command = f" ({one.command})" if one.command else ""
        kept.setdefault(", ".join(one.vms), f"{one.why}. {one.remedy}{command}")
    what = "route" if is_routes else "security group"
    return none_of_or_unknown(problems, unclear, f"no {what} keeps replication in")


def routes_let_replicate(facts: Facts) -> Verdict:
    """As the survey judges it: told of the VMs that it is of, and no other is held up."""
    return _way_out(facts, is_routes=True)


def walls_let_replicate(facts: Facts) -> Verdict:
    """As `routes_let_replicate`, of security groups, and of subnets without a way out."""
    return _way_out(facts, is_routes=False)


CHECKS = (
    *rows_of(
        Area.IDENTITY,
        ("PRE-140", "the caller may do everything that this replication needs", N, N, S,
         "Give it Contributor where things are made (on the subscription, while their group is "
         "not there) and Site Recovery Contributor at the vault, or a role with these actions.",
         may_set_up),
    ),
    *rows_of(
        Area.SET_UP,
        ("PRE-141", "nothing stands in the way of all VMs", N, N, S,
         "Mend what is named, in the plan or in the portal; "
         "`muster replicate PLAN --plan-only` shows the whole.", nothing_in_everybodys_way),
        ("PRE-142", "every VM of the plan can be replicated", N, N, T,
         "Mend the VMs named, or take them out of the plan: the others are replicated, and the "
         "run fails at its end.", every_vm_can_be_replicated),
        ("PRE-143", "what only some VMs need may be made", N, N, T,
         "Give the right named, or take lock or policy away: the other VMs are replicated, and "
         "the run fails at its end.", what_some_need_may_be_made),
    ),
)  # fmt: skip
