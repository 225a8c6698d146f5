"""A plan that was changed while its run was left open: said, and not taken for heeded."""

from __future__ import annotations

import json

import pytest

from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating_plans import from_nothing

SIZE = "Standard_E16s_v5"


def sizes(came: Replicated) -> set[str]:
    """Sizes that sql1 is to have after a failover."""
    return {
        str(one["target"]["size"])
        for one in came.azure.world.items.values()
        if one["vm_name"] == "sql1"
    }


@pytest.fixture(scope="module")
def changed() -> Replicated:
    async def script(bench: Bench) -> None:
        await bench.replicate(killed_at_write=3)
        plan = json.loads(bench.plan.read_text(encoding="utf-8"))  # which is YAML, too
        sql1 = plan["groups"][0]["vms"][0]
        assert sql1["name"] == "sql1"
        sql1["size"] = SIZE
        bench.plan.write_text(json.dumps(plan), encoding="utf-8")
        await bench.replicate()
        bench.came.kept = (list(bench.came.said), sizes(bench.came))
        await bench.replicate()

    return replicated(from_nothing(), script)


def test_the_run_ends_by_the_plan_that_it_began_with_and_not_with_0(changed):
    said, size = changed.kept
    assert changed.refused == []
    assert (changed.results[0].outcome, changed.results[0].exit_code) == ("passed", 1)
    assert SIZE not in size
    assert "The plan changed since; this run ends by the plan that it began with." in said
    assert said[-1] == (
        "What the plan says now is not heeded yet, so this ends with 1: "
        "run `muster replicate contoso-erp`."
    )


def test_the_next_run_heeds_it_and_ends_with_0(changed):
    assert [one.exit_code for one in changed.results[1:]] == [0]
    assert sizes(changed) == {SIZE}
