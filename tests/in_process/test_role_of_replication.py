"""The role that is shipped for replication: all that it sends is allowed, and no failover."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

from muster.gateway.values import Permission
from muster.steps.preflight_checks.permissions import ASSIGN, FOR_A_FAILOVER, is_allowed
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, replicated
from tests.in_process.test_releasing import disabled
from tests.in_process.test_replicating import empty, states

AZURE = Path(__file__).parents[2] / "deployments" / "azure"
ROLE = json.loads((AZURE / "muster-replication-role.json").read_text(encoding="utf-8"))


def test_it_is_enough_to_replicate_from_nothing_and_to_end_that():
    scenario = empty()
    world = copy.deepcopy(dict(scenario.world))
    given = {"actions": ROLE["Actions"], "not_actions": ROLE["NotActions"]}
    world.setdefault("roles", {})["shipped"] = given
    me = next(one for one in world["identities"] if one["name"] == world["client"])
    me["roles"] = [{"role": "shipped"}]

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = dict(states(bench.came))
        await disabled(bench)

    came = replicated(replace(scenario, world=world), script)
    assert came.refused == []
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 2
    assert set(came.kept.values()) == {"Protected"}
    assert states(came) == {}
    verdicts = {
        one.data["check"]: one.data["verdict"]
        for one in came.events(came.results[0].run)
        if one.data.get("kind") == "preflight"
    }
    assert verdicts["PRE-140"] == "passed"


def test_it_fails_nothing_over_and_gives_no_rights():
    given = (Permission(tuple(ROLE["Actions"]), tuple(ROLE["NotActions"])),)
    acts = [*(one for one in FOR_A_FAILOVER if not one.endswith("/read")), ASSIGN]
    assert [one for one in acts if is_allowed(given, one)] == []
