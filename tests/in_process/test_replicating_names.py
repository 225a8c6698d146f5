"""Storage account names belong to the whole world: one that is taken leads to another."""

from __future__ import annotations

import copy

import pytest

from muster.gateway.ids import parse_id
from muster.gateway.port import Gateway
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.simulator.arm import bodies
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating import VMS, made, states
from tests.in_process.test_replicating_plans import from_nothing

STORAGE = "Microsoft.Storage/storageAccounts"
THEIRS = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg-theirs"


async def taken_by_others(bench: Bench, many: int) -> list[str]:
    """Give so many names that the plan would choose, one after the other, to somebody else."""
    names: list[str] = []

    async def look(gateway: Gateway, _: Decision) -> None:
        plan = RecoveryPlan.model_validate(dict(bench.scenario.plan))
        decision = await decide(gateway, plan, bench.settings.subscription or "")
        accounts = [one.id for one in decision.wanted.resources if f"/{STORAGE}/" in one.id]
        names.extend(parse_id(one).name for one in accounts)

    for _ in range(many):
        await bench.by_hand(look)
        arm_id = f"{THEIRS}/providers/{STORAGE}/{names[-1]}"
        bench.azure.world.put(
            bodies.resource(bench.azure.world, arm_id, STORAGE, "northeurope", {})
        )
    return names


@pytest.fixture(scope="module")
def twice() -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        taken = await taken_by_others(bench, 2)
        await bench.replicate()
        bench.came.kept = taken, copy.deepcopy(states(bench.came))
        await bench.replicate()

    return replicated(from_nothing(), script)


def cache(came: Replicated, run: int = 0) -> list[str]:
    """The cache accounts that a run told of, by name."""
    told = made(came, came.results[run].run)
    return [name.split()[1] for name in told if name.startswith("storageAccounts ")]


def test_a_name_that_is_taken_leads_to_the_next_until_one_is_free(twice):
    taken, protected = twice.kept
    assert twice.refused == []
    assert [(one.outcome, one.causes) for one in twice.results] == [("passed", [])] * 2
    assert protected == dict.fromkeys(VMS, "Protected")
    assert len({*taken, *cache(twice)}) == 3
    held = {disk["storage"] for item in twice.azure.world.items.values() for disk in item["disks"]}
    assert [parse_id(one).name for one in held] == cache(twice)


def test_a_second_run_comes_to_the_same_name_and_asks_for_none(twice):
    assert cache(twice, 1) == cache(twice)
    assert twice.sent(1) == []
    assert set(made(twice, twice.results[1].run).values()) == {"left alone"}


def test_a_name_that_is_free_is_asked_about_once():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    came = replicated(from_nothing(), script)
    asked = [one for one in came.wire if one.path.endswith("/checkNameAvailability")]
    assert len(asked) == 1
    assert len(cache(came)) == 1
