"""A source that is named wrongly is told as that, with the plan's line; not VM by VM."""

from __future__ import annotations

import copy
from dataclasses import replace

from muster.errors import PlanError
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, replicated
from tests.in_process.test_replicating_plans import from_nothing


def test_a_source_group_that_is_not_there_is_told_with_its_line():
    scenario = from_nothing()
    plan = copy.deepcopy(dict(scenario.plan))
    plan["source"] = {**plan["source"], "resource_group": "rg-nope"}

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = bench.plan.read_text(encoding="utf-8").splitlines()

    came = replicated(replace(scenario, plan=plan), script)
    (refused,) = came.refused
    assert isinstance(refused, PlanError)
    (problem,) = refused.problems
    assert problem.code == "PLAN-121"
    assert "`source.resource_group: rg-nope` is not there" in problem.message
    assert "rg-nope" in came.kept[problem.line - 1]
    assert came.sent() == []
