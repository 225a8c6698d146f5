"""Can Automation accounts start what the plan wants started: state, place, identity, workers?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.parse import instant
from muster.gateway.values import Json, Resource
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import Area, N, S, T, each, rows_of
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.telling import by_name
from muster.steps.preflight_checks.told import age, known, part, text
from muster.steps.preflight_checks.vault import region

WORKER_SEEN_WITHIN = timedelta(minutes=30)
"""A hybrid worker asks for work every half minute; Azure shows when it last did."""
FINE = "ok"
NONE_STARTED = "nothing is started in an Automation account"


def accounts_are_usable(facts: Facts) -> Verdict:
    facts.need("accounts")

    def problem(found: Resource | None) -> str | None:
        if found is None:
            return "it is not there"
        state = text(found.properties, "state")
        return None if state.casefold() == FINE else f"its state is {state}"

    named = by_name(facts.accounts.items())
    return each(named, problem, f"{len(named)} accounts are there and Ok", if_none=NONE_STARTED)


def accounts_outlive_the_source(facts: Facts) -> Verdict:
    def problem(found: Resource) -> str | None:
        where = known(found.location, "its region")
        is_lost = region(where) == region(facts.plan.source.region)
        return f"it is in {where}, the region that may be lost" if is_lost else None

    return _each_account(facts, problem, "no account is in the source region")


def accounts_have_an_identity(facts: Facts) -> Verdict:
    """Run As accounts ended in 2023: a runbook signs in to Azure with the account's identity."""

    def problem(found: Resource) -> str | None:
        if not found.raw.get("identity"):
            return "it has no managed identity"  # Azure leaves the key out where there is none
        kind = text(part(found.raw, "identity"), "type")
        return "it has no managed identity" if kind.casefold() == "none" else None

    return _each_account(facts, problem, "every account has a managed identity")


def _each_account(facts: Facts, problem: Callable[[Resource], str | None], fine: str) -> Verdict:
    """As `each`, of the accounts that are there; of the others nothing is known."""
    facts.need("accounts")

    def judge(found: Resource | None) -> str | None:
        if found is None:
            raise NotRead("it was not found")
        return problem(found)

    named = by_name(facts.accounts.items())
    return each(named, judge, fine, if_none=NONE_STARTED)


def workers_are_alive(facts: Facts) -> Verdict:
    facts.need("workers")

    def problem(workers: tuple[Json, ...]) -> str | None:
        if not workers:
            return "no worker is in it"
        seen = [instant(text(part(one, "properties"), "lastSeenDateTime")) for one in workers]
        ago = min(age(at, facts.now, "when a worker was last heard of") for at in seen)
        if ago <= WORKER_SEEN_WITHIN:
            return None
        return f"its workers were last heard of {format_duration(_minutes(ago))} ago"

    groups = by_name(facts.workers.items())
    fine = "every hybrid worker group has a worker that was heard of lately"
    return each(groups, problem, fine, if_none="nothing is started on a hybrid worker")


def _minutes(span: timedelta) -> timedelta:
    return timedelta(minutes=max(1, span // timedelta(minutes=1)))


CHECKS = rows_of(
    Area.RUNBOOKS,
    ("PRE-088", "every Automation account is there and usable", S, S, N,
     "Look at the account in the portal: a suspended one starts nothing.", accounts_are_usable),
    ("PRE-089", "no Automation account is in the source region", T, T, N,
     "Use an account in the target region: one in the source's is lost with it.",
     accounts_outlive_the_source),
    ("PRE-090", "every Automation account has a managed identity", T, T, N,
     "Switch on the account's identity and give it the roles its runbooks need.",
     accounts_have_an_identity),
    ("PRE-091", "every hybrid worker group has a live worker", S, S, N,
     "Start the worker, or correct `run_on`; it has to stand outside the source region, too.",
     workers_are_alive),
)  # fmt: skip
