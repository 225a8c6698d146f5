"""The plan that ships with Muster, replicated from an empty subscription as it is written."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, made, states


def from_nothing() -> Scenario:
    scenario = contoso()
    return replace(scenario, world=bare(scenario.world))


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = copy.deepcopy(states(bench.came))
        await bench.replicate()

    return replicated(from_nothing(), script)


def test_every_vm_of_the_plan_is_protected(twice):
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 2
    assert twice.kept == dict.fromkeys(VMS, "Protected")


def test_a_second_time_changes_nothing(twice):
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}
