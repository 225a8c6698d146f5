"""Running a step again makes no second mutating call."""

from __future__ import annotations

import pytest

from muster.compile.graph import StepKind
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import Drill

SCRIPT = {"scripts/promote.sh": b"echo promoted"}


def a_plan_with_everything():
    after = [
        {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}},
        {"runbook": {"account": "aa", "name": "Register", "context": "asr"}, "touches": "test"},
        {"manual": {"ask": "All well?", "within": "1m", "otherwise": "continue"}},
        {"wait": {"for": "30s", "why": "The cache warms up."}},
    ]
    checks = [
        {"tcp": {"vm": "db1", "port": 5432}},
        {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}},
    ]
    return a_plan(groups=[group_data("database", ["db1"], after=after, checks=checks)])


async def test_every_step_done_twice_acts_once():
    drill = await Drill.begin(a_plan_with_everything(), scripts=SCRIPT)
    for step in (*drill.graph.steps, *drill.graph.finalisers):
        if step.kind is StepKind.CLOSE:
            continue
        first = await drill.do(step.id)
        assert first.is_ok, (step.id, first.error)
        acts = len(drill.gateway.acts)
        again = await drill.do(step.id)
        assert again.is_ok, (step.id, again.error)
        assert len(drill.gateway.acts) == acts, step.id


async def test_a_script_that_was_sent_is_waited_for_by_whoever_takes_over():
    drill = await Drill.begin(a_plan_with_everything(), scripts=SCRIPT)
    await drill.up_to("test-failover:db1", "boot:db1", "action:database.after.1")
    again = await drill.crashed()
    again.run.scripts = SCRIPT
    assert (await again.do("action:database.after.1")).is_ok
    assert again.kinds().count("start_command") == 1


@pytest.mark.parametrize("step", ["preflight", "recovery-points"])
async def test_a_step_that_is_settled_reads_little_when_asked_again(step):
    drill = await Drill.begin()
    await drill.up_to("test-failover:db1")
    reads = drill.gateway.reads
    assert (await drill.do(step)).is_ok
    assert drill.gateway.reads == reads


async def test_a_closed_record_stays_as_it_is():
    drill = await Drill.begin()
    await drill.walk()
    events = len(drill.events)
    assert (await drill.do("close")).is_ok
    assert not (await drill.do("preflight")).is_ok
    assert len(drill.events) == events
