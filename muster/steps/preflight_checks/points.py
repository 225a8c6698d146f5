"""Are there recovery points, new ones, of the kind that is wanted, and without gaps?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from muster.checks.verdict import Verdict
from muster.gateway.values import RecoveryPoint
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import Area, S, T, none_of, rows_of
from muster.steps.preflight_checks.facts import Facts

WINDOW = timedelta(hours=2)
"""Points lie close (one in five minutes) for two hours back; then Azure keeps one an hour.
https://learn.microsoft.com/azure/site-recovery/azure-to-azure-common-questions"""
GAP = timedelta(minutes=20)
"""Three points that were not made, one after the other."""
APP, CRASH = "appconsistent", "crashconsistent"
KINDS = {"app-consistent": APP, "crash-consistent": CRASH}

Points = tuple[RecoveryPoint, ...]


def _each(facts: Facts, problem: Callable[[Points], str | None], fine: str) -> Verdict:
    facts.need("items", "points")
    found = {vm: what for vm, points in facts.points.items() if (what := problem(points))}
    return none_of(found, fine)


def a_point_exists(facts: Facts) -> Verdict:
    return _each(
        facts, lambda points: None if points else "no recovery point", "every item has points"
    )


def newest_is_young(facts: Facts) -> Verdict:
    limit = facts.plan.drill.max_point_age

    def problem(points: Points) -> str | None:
        if not points:
            return None  # told by the check for points at all
        age = facts.now - points[-1].time
        return f"the newest point is {format_duration(_whole(age))} old" if age > limit else None

    return _each(facts, problem, f"every newest point is within {format_duration(limit)}")


def without_gaps(facts: Facts) -> Verdict:
    def problem(points: Points) -> str | None:
        near = [point.time for point in points if facts.now - point.time <= WINDOW]
        gap = max((later - earlier for earlier, later in pairwise(near)), default=timedelta())
        return f"a gap of {format_duration(_whole(gap))}" if gap > GAP else None

    fine = f"no gap of more than {format_duration(GAP)} within {format_duration(WINDOW)}"
    return _each(facts, problem, fine)


def app_consistent_in_time(facts: Facts) -> Verdict:
    every = facts.plan.replication.policy.app_consistent_every
    if not every:
        return none_of({}, "the plan asks for no app-consistent points")

    def problem(points: Points) -> str | None:
        if not points or facts.now - points[0].time < 2 * every:
            return None  # it was protected too lately for one to be due
        of_apps = [point.time for point in points if point.type.casefold() == APP]
        if of_apps and facts.now - of_apps[-1] <= 2 * every:
            return None
        last = format_duration(_whole(facts.now - of_apps[-1])) + " ago" if of_apps else "never"
        return f"the last app-consistent point was {last}"

    return _each(facts, problem, f"app-consistent points every {format_duration(every)}")


def wanted_kind_exists(facts: Facts) -> Verdict:
    choice = facts.plan.drill.recovery_point
    kind = KINDS.get(choice)
    if kind is None:
        return none_of({}, f"`{choice}` takes a point of any kind")

    def problem(points: Points) -> str | None:
        if not points or any(point.type.casefold() == kind for point in points):
            return None
        return f"no {choice} point"

    return _each(facts, problem, f"every item has a {choice} point")


def _whole(span: timedelta) -> timedelta:
    """To the minute, as people say it; never less than one."""
    return timedelta(minutes=max(1, round(span.total_seconds() / 60)))


CHECKS = rows_of(
    Area.POINTS,
    ("PRE-056", "every item has a recovery point", S, S,
     "Wait for the first point; one is made minutes after the initial replication.",
     a_point_exists),
    ("PRE-057", "every newest recovery point is young enough", S, S,
     "Look at why no new points are made; `drill.max_point_age` is the limit.",
     newest_is_young),
    ("PRE-058", "recovery points come without gaps", T, T,
     "Look at the churn of the VM and at its way to the cache storage account.", without_gaps),
    ("PRE-059", "app-consistent points come as often as the plan asks", T, T,
     "Look at VSS or the pre- and post-scripts in the VM; the policy has to ask for them, too.",
     app_consistent_in_time),
    ("PRE-060", "there is a point of the kind that the plan takes", S, S,
     "Wait for one, or choose another `drill.recovery_point`.", wanted_kind_exists),
)  # fmt: skip
