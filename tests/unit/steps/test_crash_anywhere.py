"""Whatever write a process dies at, before it or behind it: the next one sends nothing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from muster.journal.events import Observed
from muster.journal.stores import MemoryStore
from tests.builders import a_plan, group_data
from tests.fakes.clock import VirtualClock
from tests.fakes.desk import Act
from tests.fakes.gateway import FakeGateway
from tests.unit.steps.drilling import Drill

SCRIPTS = {"scripts/promote.sh": b"echo promoted"}
SENT = {"put_resource", "start_test_failover", "start_command", "start_runbook", "start_cleanup"}
REMOVED = {"delete_command", "delete_resource"}
OPENING = 3  # writes: the register, `opened` with `owner`, `started`; no cleanup follows these
PARTS = 4


@dataclass(frozen=True)
class Moment:
    """All that outlives a process which dies at one instant: Azure and the journal's store."""

    write: int
    stored: bool
    gateway: FakeGateway
    contents: dict[str, bytes]

    @property
    def at(self) -> str:
        return f"{'behind' if self.stored else 'before'} write {self.write}"

    @property
    def is_being_cleaned(self) -> bool:
        return any(act.kind == "start_cleanup" for act in self.gateway.acts)

    def left(self, drill: Drill) -> Drill:
        """What the dead process leaves to others; each time anew."""
        clock = VirtualClock(elapsed=self.gateway.clock.elapsed)  # nobody sleeps any more
        gateway = deepcopy(self.gateway, {id(self.gateway.clock): clock})
        store = MemoryStore()
        store.contents.update(self.contents)
        return replace(drill, world=gateway.world, clock=clock, gateway=gateway, store=store)


class WatchedStore(MemoryStore):
    """Keeps the moments right before and right after each write."""

    def __init__(self) -> None:
        super().__init__()
        self.gateway: FakeGateway | None = None
        self.moments: list[Moment] = []
        self.writes = 0

    def create(self, name: str, content: bytes) -> None:
        self.writes += 1
        self._keep(stored=False)
        super().create(name, content)
        self._keep(stored=True)

    def _keep(self, *, stored: bool) -> None:
        if self.gateway is None:
            return
        clock = VirtualClock(elapsed=self.gateway.clock.elapsed)
        gateway = deepcopy(self.gateway, {id(self.gateway.clock): clock})
        self.moments.append(Moment(self.writes, stored, gateway, dict(self.contents)))


def two_vms_a_script_and_a_runbook():
    after = [
        {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}},
        {"runbook": {"account": "aa", "name": "Register"}, "touches": "test"},
    ]
    checks = [{"tcp": {"vm": "db1", "port": 5432}}]
    return a_plan(groups=[group_data("database", ["db1", "db2"], after=after, checks=checks)])


async def _drilled() -> tuple[Drill, list[Moment]]:
    store = WatchedStore()
    drill = await Drill.begin(two_vms_a_script_and_a_runbook(), scripts=SCRIPTS, store=store)
    store.gateway = drill.gateway
    outcomes = await drill.walk_in_order()
    assert all(outcome.is_ok for outcome in outcomes.values())
    return drill, store.moments


@cache
def a_whole_drill() -> tuple[Drill, list[Moment]]:
    return asyncio.run(_drilled())


def key(act: Act) -> tuple[str, str, Any]:
    """What makes two acts one and the same: what was sent to whom, under which name of ours."""
    return act.kind, act.subject, act.details.get("name") or act.details.get("job")


def nothing_was_sent_twice(drill: Drill, at: str = "") -> None:
    acts = Counter(map(key, drill.gateway.acts))
    assert {one: n for one, n in acts.items() if one[0] in SENT and n > 1} == {}, at
    # What is removed is gone, however often: whoever died may not have heard of it.
    assert {one: n for one, n in acts.items() if n > 2} == {}, at


def all_is_clean_and_closed(drill: Drill, at: str) -> None:
    assert drill.copies() == [], at
    assert not drill.network_is_there(), at
    assert drill.observed(Observed.INVENTORY)[-1]["clean"] is True, at
    assert drill.run.journal.is_closed, at


# A loop of its own for each: nothing that the dead process awaited goes on.
async def _clean_up(left: Drill) -> Drill:
    again = await left.crashed()
    again.graph = again.run.graph
    await again.finalise()
    return again


async def _go_on(left: Drill) -> Drill:
    """No command does this to a drill: it is what makes sending once a matter of the journal."""
    again = await left.crashed()
    again.run.scripts = SCRIPTS
    outcomes = await again.walk_in_order()
    assert {one: o.error for one, o in outcomes.items() if not o.is_ok} == {}
    return again


def test_the_drill_that_is_interrupted_does_every_kind_of_act():
    drill, moments = a_whole_drill()
    assert set(drill.kinds()) == SENT | REMOVED
    nothing_was_sent_twice(drill)
    assert len([act for act in drill.gateway.acts if act.kind == "start_command"]) == 2
    # Every write has a moment before it and one behind it.
    assert [(one.write, one.stored) for one in moments] == [
        (write, stored)
        for write in range(OPENING + 1, moments[-1].write + 1)
        for stored in (False, True)
    ]
    assert len(moments) > 200


@pytest.mark.parametrize("part", range(PARTS))
def test_a_drill_that_dies_at_any_write_is_cleaned_up_and_sends_nothing_twice(part):
    drill, moments = a_whole_drill()
    for moment in moments[part:-1:PARTS]:  # behind the last write there is nothing to do
        again = asyncio.run(_clean_up(moment.left(drill)))
        nothing_was_sent_twice(again, moment.at)
        all_is_clean_and_closed(again, moment.at)


@pytest.mark.parametrize("part", range(PARTS))
def test_whoever_goes_on_with_it_sends_nothing_twice_either(part):
    drill, moments = a_whole_drill()
    under_way = [one for one in moments if one.gateway.acts and not one.is_being_cleaned]
    assert len(under_way) > 100
    for moment in under_way[part::PARTS]:
        again = asyncio.run(_go_on(moment.left(drill)))
        nothing_was_sent_twice(again, moment.at)
        all_is_clean_and_closed(again, moment.at)
