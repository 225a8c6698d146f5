"""Others at work in the vault, and answers that get lost: a thing is judged by how it stands."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from muster.journal.events import EventKind
from muster.simulator.faults.file import named
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, fault, replicated
from tests.in_process.test_replicating import VMS, made, states
from tests.in_process.test_replicating_plans import from_nothing

MAPPING, NETWORKS = (
    "put *replicationProtectionContainerMappings",
    "put *replicationNetworkMappings",
)


async def once(bench: Bench) -> None:
    bench.decide = decide
    await bench.replicate()


def outcomes(came: Replicated) -> list[tuple[str, list[tuple[str, str]]]]:
    assert came.refused == []
    causes = [[(one["step"], one["code"]) for one in result.causes] for result in came.results]
    return [(result.outcome, told) for result, told in zip(came.results, causes, strict=True)]


@pytest.mark.parametrize(
    ("call", "nth", "status"), [(MAPPING, "1", 503), (MAPPING, "2", 503), (NETWORKS, "2", 500)]
)
def test_a_send_that_was_not_taken_is_sent_again_whatever_else_the_vault_made(call, nth, status):
    came = replicated(from_nothing(), once, (fault(call, nth, answer={"status": status}),))
    assert outcomes(came) == [("passed", [])]
    parts = [path.rpartition("/")[2] for _, path in came.sent() if call[4:].strip("*") in path]
    assert sorted(Counter(parts).values()) == [1, 2]


def test_a_send_whose_answer_was_lost_is_told_by_the_thing_itself():
    came = replicated(from_nothing(), once, (fault(MAPPING, "1", lose="answer"),))
    assert outcomes(came) == [("passed", [])]
    sent = [path for _, path in came.sent() if "ContainerMappings" in path]
    assert len(sent) == len(set(sent)) == 2
    adopted = [
        event.data
        for event in came.events(came.results[0].run)
        if event.kind is EventKind.ACCEPTED and event.data.get("adopted")
    ]
    assert [(one["act"], one["job_id"]) for one in adopted] == [
        ("map-containers", adopted[0]["subject"])
    ]
    assert adopted[0]["evidence"]["stands"] == "as wanted"


@pytest.mark.parametrize("symptom", ["F15", "F17"])
def test_ids_in_another_case_and_a_fabric_that_shows_late_stop_nothing(symptom):
    came = replicated(from_nothing(), once, named((symptom,)))
    assert outcomes(came) == [("passed", [])]
    assert states(came) == dict.fromkeys(VMS, "Protected")


@pytest.mark.parametrize("apart", [0.0, 20.0, 120.0])
def test_two_runs_from_two_machines_at_once_both_come_to_their_end(apart):
    async def script(bench: Bench) -> None:
        other = Bench(bench.scenario, bench.plan, bench.settings, bench.azure, bench.loop)
        bench.decide = other.decide = decide

        async def later() -> None:
            await bench.settings.clock.sleep(timedelta(seconds=apart))
            await other.replicate()

        await asyncio.gather(bench.replicate(), later())
        bench.came.kept = other.came

    came = replicated(from_nothing(), script)
    assert outcomes(came) == outcomes(came.kept) == [("passed", [])]
    assert states(came) == dict.fromkeys(VMS, "Protected")
    ways = Counter(made(came, came.results[0].run).values())
    ways += Counter(made(came.kept, came.kept.results[0].run).values())
    assert ways["half made"] == 0
