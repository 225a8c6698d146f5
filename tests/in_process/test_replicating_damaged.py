"""A closed run whose journal was cut afterwards is damaged: the plan runs again beside it."""

from __future__ import annotations

import pytest

from muster.gateway.port import Gateway
from muster.journal.verify import verify_run
from muster.plan.actions import Operation
from muster.plan.loader import load_plan
from muster.replication.decision import Decision
from muster.runs.ahead import open_ahead
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, replicated
from tests.in_process.test_releasing import disabled
from tests.in_process.test_replicating import empty, states


def cut(bench: Bench) -> None:
    """The newest segment of the last run ends in the middle of a line."""
    folder = f"runs/{bench.came.results[-1].run}/"
    name = max(one for one in bench.store.names(folder) if one.endswith(".jsonl"))
    bench.store.contents[name] = bench.store.contents[name][:-20]


@pytest.mark.parametrize("then", [Operation.REPLICATE, Operation.DISABLE])
def test_a_plan_runs_again_beside_a_damaged_closed_run(then: Operation):
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        cut(bench)

        async def look(gateway: Gateway, _: Decision) -> None:
            loaded = load_plan(bench.plan)
            bench.came.kept = await open_ahead(gateway, bench.store, loaded, then, bench.settings)

        await bench.by_hand(look)
        await (disabled(bench) if then is Operation.DISABLE else bench.replicate())

    came = replicated(empty(), script)
    assert came.kept is None  # no run is told to be open
    assert came.refused == []
    first, last = came.results[0], came.results[-1]
    assert first.run != last.run
    assert last.outcome == "passed", last.causes
    assert bool(states(came)) is (then is Operation.REPLICATE)
    broken = [
        one for one in verify_run((came.store, first.run)).findings if one.severity == "error"
    ]
    assert broken  # it stays damaged
