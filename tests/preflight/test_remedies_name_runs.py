"""A remedy that is about a run which is known names it, as the command can be typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from muster.journal.events import EventKind
from muster.journal.journal import Journal
from muster.journal.stores import MemoryStore
from muster.steps.isolation.mirror import TAG
from muster.steps.jobs import TEST_FAILOVER
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.judging import Judgement
from muster.steps.preflight_reads.ours import history_of
from tests.fakes.clock import VirtualClock
from tests.preflight.looking import seen_facts

RUN = "contoso-erp-drill-1"


def judged(check: str, facts: Facts) -> Judgement:
    found = next(one for one in CHECKS if one.id == check)
    return Judgement(found, Severity.STOPS, found.verdict(facts), "contoso-erp")


def waiting(facts: Facts) -> None:
    facts.items = {
        vm: replace(one, test_failover_state="WaitingForCompletion") if vm == "sql1" else one
        for vm, one in facts.items.items()
    }


def _own_failover(facts: Facts) -> None:
    waiting(facts)
    facts.ours = replace(facts.ours, failing_over={"sql1": RUN, "web1": "run-of-web1"})


def _network_left(facts: Facts) -> None:
    assert facts.target_network is not None
    facts.drill_network = replace(facts.target_network, id=facts.drill_network_id, tags={TAG: RUN})


def _tagged(facts: Facts) -> None:
    assert facts.target_network is not None
    facts.in_target_group = (replace(facts.target_network, tags={TAG: RUN}),)


def _open(facts: Facts) -> None:
    facts.ours = replace(facts.ours, open_runs=(RUN,))


@pytest.mark.parametrize(
    ("check", "bend"),
    [
        ("PRE-007", _own_failover),
        ("PRE-018", _network_left),
        ("PRE-096", _tagged),
        ("PRE-097", _open),
    ],
)
def test_the_remedy_names_the_run(check: str, bend: Callable[[Facts], None]) -> None:
    facts = seen_facts()
    bend(facts)
    found = judged(check, facts)
    assert found.verdict.word == "failed"
    assert f"`muster cleanup {RUN}`" in found.remedy
    assert "run-of-web1" not in found.remedy
    assert "cleanup RUN" not in found.remedy


def test_a_failover_of_the_plans_own_open_run_is_not_said_to_be_somebody_elses() -> None:
    facts = seen_facts()
    _own_failover(facts)
    assert judged("PRE-007", facts).verdict.why == (
        f"sql1: a test failover is WaitingForCompletion, begun by run {RUN}"
    )


def test_whose_a_failover_is_is_claimed_only_where_the_journal_was_read() -> None:
    facts = seen_facts()
    waiting(facts)
    assert "by no open run of this plan" in judged("PRE-007", facts).verdict.why
    facts.unread["history"] = "the register does not read"
    assert "whose it is is not known" in judged("PRE-007", facts).verdict.why


def test_the_journal_says_which_open_run_began_which_failovers() -> None:
    store = MemoryStore()

    async def write() -> None:
        opened = {"target": "azure", "graph": [], "plan_digest": "sha256:1"}
        run = await Journal.open_run(
            store, VirtualClock(), run=RUN, plan="contoso-erp", operation="drill", opened=opened
        )
        meant = {"act": TEST_FAILOVER, "subject": "sql1", "attempt": 1, "request": {}}
        await run.append(EventKind.INTENDED, {**meant, "not_after": "2026-01-01T00:00:00Z"})
        taken = {"act": TEST_FAILOVER, "subject": "sql1", "job_id": "/j/1", "attempt": 1}
        await run.append(EventKind.ACCEPTED, taken)

    asyncio.run(write())
    assert history_of(store, "contoso-erp", "", "azure").failing_over == {"sql1": RUN}
    assert history_of(store, "contoso-erp", "", "simulator").failing_over == {}


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        (("TestFailoverCleanup", "Commit"), "Azure offers TestFailoverCleanup, Commit only"),
        ((), "Azure offers nothing"),
    ],
)
def test_what_azure_offers_is_told_in_words(offered: tuple[str, ...], said: str) -> None:
    facts = seen_facts()
    facts.items = {"sql1": replace(facts.items["sql1"], allowed_operations=offered)}
    assert judged("PRE-006", facts).verdict.why == f"sql1: {said}"
