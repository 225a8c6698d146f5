"""What a run's journal proves that it enabled."""

from __future__ import annotations

from typing import Any

import pytest

from muster.journal.events import GENESIS, Event, EventKind
from muster.runs.enablings import enablings_of
from tests.fakes.clock import START

ITEM = "/vaults/v/replicationProtectedItems/db1"
JOB = "/vaults/v/replicationJobs/j1"
Written = tuple[EventKind, dict[str, Any]]

ASKED: Written = (
    EventKind.INTENDED,
    {
        "act": "enable", "subject": ITEM, "attempt": 1,
        "request": {
            "properties": {
                "policyId": "/p", "providerSpecificDetails": {"fabricObjectId": "/vms/db1"},
            }
        },
    },
)  # fmt: skip
TAKEN: Written = (EventKind.ACCEPTED, {"act": "enable", "subject": ITEM, "job_id": JOB})


def noted(what: str) -> Written:
    return EventKind.NOTED, {"act": "enable", "subject": ITEM, "what": what}


def job(state: str) -> Written:
    data = {"what": "job", "act": "enable", "vm": "db1", "job_id": JOB.upper(), "state": state}
    return EventKind.OBSERVED, data


def seen(lifecycle_id: str | None, item: str = ITEM) -> Written:
    data = {"what": "replication", "vm": "db1", "item_id": item, "lifecycle_id": lifecycle_id}
    return EventKind.OBSERVED, data


def found(*written: Written) -> tuple[int, int, str | None]:
    """How many are sure, how many perhaps, and the id that the sure one's item has."""
    events = [
        Event(n, kind, START, START, 0.0, "p", "protect:db1", data, GENESIS)
        for n, (kind, data) in enumerate(written, start=1)
    ]
    both = enablings_of(events, "erp-1", "erp")
    lifecycles = [one.lifecycle_id for one in both.sure]
    return len(both.sure), len(both.perhaps), lifecycles[0] if lifecycles else None


@pytest.mark.parametrize(
    ("written", "sure", "perhaps"),
    [
        ((ASKED,), 0, 1),
        ((ASKED, noted("no answer")), 0, 1),
        ((ASKED, noted("refused")), 0, 0),
        ((ASKED, noted("not sent")), 0, 0),
        ((ASKED, TAKEN), 1, 0),
        ((ASKED, TAKEN, job("Succeeded")), 1, 0),
        ((ASKED, TAKEN, job("Failed")), 0, 0),
        ((ASKED, TAKEN, job("Cancelled")), 0, 0),
        ((ASKED, noted("refused"), ASKED, TAKEN), 1, 0),
        ((ASKED, TAKEN, job("Failed"), ASKED), 0, 1),
    ],
)
def test_only_what_azure_took_counts_and_what_nobody_answered_is_perhaps(written, sure, perhaps):
    assert found(*written)[:2] == (sure, perhaps)


def test_the_items_own_id_is_the_first_that_the_run_saw_of_it_afterwards():
    before, of_other = seen("a"), seen("b", ITEM + "-other")
    assert found(before, ASKED, TAKEN, of_other, seen(None), seen("c"), seen("d")) == (1, 0, "c")
    assert found(before, ASKED, TAKEN) == (1, 0, None)
