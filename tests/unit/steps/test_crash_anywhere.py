"""Whatever event a process dies at, another one cleans up and sends nothing twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from muster.journal.events import Observed
from muster.journal.stores import MemoryStore
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import Drill


class Killed(BaseException):
    """The process is gone: no handler of ours may catch it."""


class DyingStore(MemoryStore):
    """Dies at one write: before it is stored, or right after."""

    def __init__(self, at: int, *, stored: bool) -> None:
        super().__init__()
        self.at, self.stored, self.writes, self.is_dead = at, stored, 0, False

    def create(self, name: str, content: bytes) -> None:
        self.writes += 1
        if self.writes == self.at and not self.is_dead:
            self.is_dead = True
            if self.stored:
                super().create(name, content)
            raise Killed
        super().create(name, content)


def one_vm_plan():
    checks = [{"tcp": {"vm": "db1", "port": 5432}}]
    return a_plan(groups=[group_data("database", ["db1"], checks=checks)])


async def drilled_until_death(at: int, *, stored: bool) -> tuple[Drill, bool]:
    store = DyingStore(at, stored=stored)
    drill = await Drill.begin(one_vm_plan(), store=store)
    try:
        await drill.walk_in_order()
    except Killed:
        return drill, True
    return drill, False


async def writes_of_a_whole_drill() -> int:
    store = DyingStore(10**9, stored=True)
    drill = await Drill.begin(one_vm_plan(), store=store)
    await drill.walk_in_order()
    return store.writes


async def die_and_clean_up(at: int, *, stored: bool) -> tuple[Drill, Drill]:
    drill, died = await drilled_until_death(at, stored=stored)
    assert died, at
    again = await drill.crashed()
    again.graph = again.run.graph
    await again.finalise()
    return drill, again


# The first writes open the run, the last one closes it: no cleanup follows either.
@pytest.mark.parametrize("part", range(4))
def test_a_drill_that_dies_at_any_event_is_cleaned_up_and_sends_nothing_twice(part):
    last = asyncio.run(writes_of_a_whole_drill())
    assert last > 60
    for at in range(6 + part, last, 4):
        # A loop of its own for each: what the dead process left behind must not go on.
        drill, again = asyncio.run(die_and_clean_up(at, stored=at // 4 % 2 == 0))
        acts = Counter((act.kind, act.subject) for act in drill.gateway.acts)
        sends = {
            key: n for key, n in acts.items() if key[0].startswith(("start_test", "start_cl"))
        }
        assert all(count == 1 for count in sends.values()), (at, sends)
        assert again.copies() == [], at
        assert not again.network_is_there(), at
        inventory = again.observed(Observed.INVENTORY)[-1]
        assert inventory["clean"] is True, (at, inventory)
        assert again.run.journal.is_closed, at
