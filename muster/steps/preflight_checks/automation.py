"""Can Automation accounts start what the plan wants started: state, place, identity, workers?"""

from __future__ import annotations

from datetime import timedelta

from muster.checks.verdict import Verdict
from muster.gateway.parse import instant, mapping
from muster.plan.durations import format_duration
from muster.steps.preflight_checks.check import Area, S, T, none_of, rows_of
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.vault import region

WORKER_SEEN_WITHIN = timedelta(minutes=30)
"""A hybrid worker asks for work every half minute; Azure shows when it last did."""
FINE = "ok"


def accounts_are_usable(facts: Facts) -> Verdict:
    facts.need("accounts")
    problems = {}
    for account, found in facts.accounts.items():
        name = account.rpartition("/")[2]
        if found is None:
            problems[name] = "it is not there"
        elif (state := str(found.properties.get("state") or FINE)).casefold() != FINE:
            problems[name] = f"its state is {state}"
    return none_of(problems, f"{len(facts.accounts)} accounts are there and Ok")


def accounts_outlive_the_source(facts: Facts) -> Verdict:
    facts.need("accounts")
    problems = {
        found.name: f"it is in {found.location}, the region that may be lost"
        for found in facts.accounts.values()
        if found is not None and region(found.location) == region(facts.plan.source.region)
    }
    return none_of(problems, "no account is in the source region")


def accounts_have_an_identity(facts: Facts) -> Verdict:
    """Run As accounts ended in 2023: a runbook signs in to Azure with the account's identity."""
    facts.need("accounts")
    problems = {
        found.name: "it has no managed identity"
        for found in facts.accounts.values()
        if found is not None
        and str(mapping(found.raw.get("identity")).get("type") or "None").casefold() == "none"
    }
    return none_of(problems, "every account has a managed identity")


def workers_are_alive(facts: Facts) -> Verdict:
    facts.need("workers")
    problems = {}
    for place, workers in facts.workers.items():
        seen = [
            at
            for one in workers
            if (at := instant(mapping(one.get("properties")).get("lastSeenDateTime")))
        ]
        group = place.rpartition("/")[2]
        if not workers:
            problems[group] = "no worker is in it"
        elif not seen or facts.now - max(seen) > WORKER_SEEN_WITHIN:
            ago = format_duration(_minutes(facts.now - max(seen))) + " ago" if seen else "never"
            problems[group] = f"its workers were last heard of {ago}"
    return none_of(problems, "every hybrid worker group has a worker that was heard of lately")


def _minutes(span: timedelta) -> timedelta:
    return timedelta(minutes=max(1, span // timedelta(minutes=1)))


CHECKS = rows_of(
    Area.RUNBOOKS,
    ("PRE-088", "every Automation account is there and usable", S, S,
     "Look at the account in the portal: a suspended one starts nothing.", accounts_are_usable),
    ("PRE-089", "no Automation account is in the source region", T, T,
     "Use an account in the target region: one in the source's is lost with it.",
     accounts_outlive_the_source),
    ("PRE-090", "every Automation account has a managed identity", T, T,
     "Switch on the account's identity and give it the roles its runbooks need.",
     accounts_have_an_identity),
    ("PRE-091", "every hybrid worker group has a live worker", S, S,
     "Start the worker, or correct `run_on`; it has to stand outside the source region, too.",
     workers_are_alive),
)  # fmt: skip
