"""Are there recovery points, new ones, of the kind that is wanted, and without gaps?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from muster.checks.verdict import Verdict
from muster.gateway.values import RecoveryPoint
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import Area, N, S, T, does_not_apply, each, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.told import age, known

WINDOW = timedelta(hours=2)
"""Points lie close (one in five minutes) for two hours back; then Azure keeps one an hour.
https://learn.microsoft.com/azure/site-recovery/azure-to-azure-common-questions"""
GAP = timedelta(minutes=20)
"""Three points that were not made, one after the other; also since the last one."""
APP, CRASH = "appconsistent", "crashconsistent"
KINDS = {"app-consistent": APP, "crash-consistent": CRASH}

Points = tuple[RecoveryPoint, ...]


def _each(facts: Facts, problem: Callable[[Points], str | None], fine: str) -> Verdict:
    facts.need("items", "points")
    return each({vm: facts.points.get(vm, ()) for vm in facts.items}, problem, fine)


def a_point_exists(facts: Facts) -> Verdict:
    return _each(
        facts, lambda points: None if points else "no recovery point", "every item has points"
    )


def newest_is_young(facts: Facts) -> Verdict:
    limit = facts.plan.drill.max_point_age

    def problem(points: Points) -> str | None:
        old = min(_ages(points, facts))
        return f"the newest point is {format_duration(_whole(old))} old" if old > limit else None

    return _each(facts, problem, f"every newest point is within {format_duration(limit)}")


def without_gaps(facts: Facts) -> Verdict:
    """From now back to two hours ago, or to the first point of an item that is younger."""

    def problem(points: Points) -> str | None:
        ages = sorted(_ages(points, facts))
        near = [one for one in ages if one <= WINDOW]
        edges = [timedelta(), *near, *([WINDOW] if ages[-1] > WINDOW else [])]
        gap = max(earlier - later for later, earlier in pairwise(edges))
        return f"a gap of {format_duration(_whole(gap))}" if gap > GAP else None

    fine = f"no gap of more than {format_duration(GAP)} within {format_duration(WINDOW)}"
    return _each(facts, problem, fine)


def app_consistent_in_time(facts: Facts) -> Verdict:
    every = facts.plan.replication.policy.app_consistent_every
    if not every:
        return does_not_apply("the plan asks for no app-consistent points")

    def problem(points: Points) -> str | None:
        if max(_ages(points, facts)) < 2 * every:
            return None  # it was protected too lately for one to be due
        of_apps = _ages_of_kind(points, APP, facts)
        if of_apps and min(of_apps) <= 2 * every:
            return None
        last = format_duration(_whole(min(of_apps))) + " ago" if of_apps else "never"
        return f"the last app-consistent point was {last}"

    return _each(facts, problem, f"app-consistent points every {format_duration(every)}")


def wanted_kind_exists(facts: Facts) -> Verdict:
    choice = facts.plan.drill.recovery_point
    kind = KINDS.get(choice)

    def problem(points: Points) -> str | None:
        _ages(points, facts)
        if kind is None:
            return None  # it takes a point of any kind
        return None if _ages_of_kind(points, kind, facts) else f"no {choice} point"

    any_kind = f"every item has points, and `{choice}` takes one of any kind"
    return _each(facts, problem, f"every item has a {choice} point" if kind else any_kind)


def _ages(points: Points, facts: Facts) -> list[timedelta]:
    """How old each point is, one at least; raises NotRead, also for a point of the future."""
    if not points:
        raise NotRead("it has no recovery point to judge by")
    return [age(point.time, facts.now, "the time of a recovery point") for point in points]


def _ages_of_kind(points: Points, kind: str, facts: Facts) -> list[timedelta]:
    of_kind = tuple(
        point for point in points if known(point.type, "a point's kind").casefold() == kind
    )
    return _ages(of_kind, facts) if of_kind else []


def _whole(span: timedelta) -> timedelta:
    """To the minute, as people say it; never less than one."""
    return timedelta(minutes=max(1, round(span.total_seconds() / 60)))


CHECKS = rows_of(
    Area.POINTS,
    ("PRE-056", "every item has a recovery point", S, S, N,
     "Wait for the first point; one is made minutes after the initial replication.",
     a_point_exists),
    ("PRE-057", "every newest recovery point is young enough", S, S, N,
     "Look at why no new points are made; `drill.max_point_age` is the limit.",
     newest_is_young),
    ("PRE-058", "recovery points come without gaps", T, T, N,
     "Look at the churn of the VM and at its way to the cache storage account.", without_gaps),
    ("PRE-059", "app-consistent points come as often as the plan asks", T, T, N,
     "Look at VSS or the pre- and post-scripts in the VM; the policy has to ask for them, too.",
     app_consistent_in_time),
    ("PRE-060", "there is a point of the kind that the plan takes", S, S, N,
     "Wait for one, or choose another `drill.recovery_point`.", wanted_kind_exists),
)  # fmt: skip
