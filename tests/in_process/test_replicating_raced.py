"""Two plans that name the same VMs on equal terms, begun at once: one has them, the other's run
sends nothing to what it did not enable.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from muster.steps.replicating.deciding import decide
from tests.in_process.looking import looked
from tests.in_process.replicating import Bench, Json, Replicated, fault, replicated
from tests.in_process.test_releasing import play_as
from tests.in_process.test_replicating import VMS, states
from tests.in_process.test_replicating_overtaken import WEB, erp_web_alike
from tests.in_process.test_replicating_plans import from_nothing

ENABLE = "put *replicationProtectedItems"


def sized(plan: Json, size: str) -> None:
    web = [group for group in plan["groups"] if group["name"] == "web"]
    web[0]["vms"] = [{"name": vm, "size": size} for vm in WEB]


def ours(plan: Json) -> None:
    sized(plan, "Standard_D4s_v5")


def theirs(plan: Json) -> None:
    """Alike but for the size after a failover, so that either would change what it finds."""
    erp_web_alike(plan)
    sized(plan, "Standard_D8s_v5")


def theirs_without_a_disk(plan: Json) -> None:
    """Of the database alone, and it leaves a disk out that ours would add."""
    erp_web_alike(plan)
    plan["groups"] = [{"name": "db", "vms": ["sql1"]}]
    plan["replication"]["disks"] = {"exclude": ["sql1-data"]}


def raced(apart: float, change=theirs, *, ours_later: bool = False, faults=()) -> Replicated:
    """Ours and theirs upon one world and one register; `kept` is what came of theirs."""

    async def script(bench: Bench) -> None:
        other = Bench(bench.scenario, bench.plan, bench.settings, bench.azure, bench.loop)
        other.store = bench.store
        bench.decide = other.decide = decide
        play_as(bench, ours)
        play_as(other, change)

        async def later(one: Bench) -> None:
            await bench.settings.clock.sleep(timedelta(seconds=apart))
            await one.replicate()

        first, second = (other, bench) if ours_later else (bench, other)
        await asyncio.gather(first.replicate(), later(second))
        for one in (bench, other):  # what a run finds that comes after both
            one.came.kept = (await looked(one)).decision
        bench.came.kept = (other.came, bench.came.kept)

    return replicated(from_nothing(), script, faults)


def patched(came: Replicated, *vms: str) -> list[str]:
    """Which items a run asked to be changed, and how."""
    changes = [path for method, path in came.sent() if method in ("PATCH", "POST")]
    return sorted({path for path in changes for vm in vms if f"/{vm}" in path.casefold()})


def refused_vms(came: Replicated) -> dict[str, str]:
    (result,) = came.results
    assert came.refused == []
    return {one["step"].partition(":")[2]: one["code"] for one in result.causes}


@pytest.mark.parametrize(("apart", "ours_later"), [(0.0, False), (0.0, True), (20.0, False)])
def test_of_two_plans_begun_at_once_only_the_one_that_enabled_sends_more(
    apart: float, ours_later: bool
):
    came = raced(apart, ours_later=ours_later)
    other, decision = came.kept
    told = {"ours": refused_vms(came), "theirs": refused_vms(other)}
    for vm in WEB:
        (loser,) = [who for who, codes in told.items() if vm in codes]
        assert told[loser][vm] == "STEP-051"
        lost, won = (came, other) if loser == "ours" else (other, came)
        assert patched(lost, vm) == []
        assert len(patched(won, vm)) == 1
    assert set(states(came).values()) == {"Protected"}
    refused = {"ours": decision, "theirs": other.kept}
    for who, one in refused.items():
        acts = {change.name: change.act.value for change in one.changes if change.name in WEB}
        for vm in WEB:
            assert (acts[vm] == "refuse") == (vm in told[who]), (who, acts)


def test_a_disk_is_not_added_to_an_item_that_another_plan_enabled_meanwhile():
    came = raced(20.0, theirs_without_a_disk, ours_later=True)
    other, _ = came.kept
    assert refused_vms(other) == {}
    assert refused_vms(came) == {"sql1": "STEP-051"}
    assert patched(came, "sql1") == []
    (cause,) = came.results[0].causes
    assert f"run {other.results[0].run} of plan erp-web enabled it" in cause["message"]


def test_an_item_whose_own_enabling_was_not_answered_is_still_the_runs_own():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, ours)
        await bench.replicate()

    came = replicated(from_nothing(), script, (fault(ENABLE, "1-3", lose="answer"),))
    assert refused_vms(came) == {}
    assert states(came) == dict.fromkeys(VMS, "Protected")
    assert len(patched(came, *WEB)) == len(WEB)
