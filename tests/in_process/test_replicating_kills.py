"""Killed at any instant and run again, replication comes to the same end, and nothing is doubled.

`KILLS=50 pytest tests/in_process/test_replicating_kills.py` tries fifty instants.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Any

import pytest

from muster.simulator.asr import jobs
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating import VMS, empty, states

KILLS = int(os.environ.get("KILLS", "3"))
WRITES = 22  # 2 groups, network, cache, vault, 2 fabrics …, 7 items, the settings of web1
LASTS = 1900.0  # Azure seconds that an undisturbed run takes
MAKING = ("CreateSite", "CreateCloud", "AssociateProtectionProfile", "NetworkPairing", "EnableDr")
_TOLD_BY_TIME = ("etag", "timeCreated", "creationTime", "changedTime", "resourceGuid")


def end_state(came: Replicated) -> dict[str, Any]:
    """All that stands in the end, without what each world makes up anew."""
    world = came.azure.world
    return {
        "resources": sorted(key for key in world.state["resources"]),
        "setup": {key: _settled(entry["properties"]) for key, entry in world.table("asr").items()},
        "items": {
            key: {name: item[name] for name in ("vm", "landing", "own", "target", "policy")}
            | {"disks": sorted(disk["id"] for disk in item["disks"])}
            for key, item in world.items.items()
        },
        "protected": states(came),
    }


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in sorted(value.items()) if k not in _TOLD_BY_TIME}
    return [_settled(one) for one in value] if isinstance(value, list) else value


def made_twice(came: Replicated) -> dict[tuple[str, str], int]:
    """What more than one job made, by scenario and resource."""
    world = came.azure.world
    done = Counter(
        (job["scenario"], job["resource"].lower())
        for job in world.table("jobs").values()
        if job["scenario"] in MAKING and jobs.state(world, job)[0] == "Succeeded"
    )
    return {what: count for what, count in done.items() if count > 1}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Any]:
    async def script(bench: Bench) -> None:
        await bench.replicate()

    return end_state(replicated(empty(), script))


def writes_to_die_at() -> list[int]:
    """Some of them, from the first group to the last item; all where KILLS is large."""
    return sorted({1 + round(part * (WRITES - 1) / max(1, KILLS - 1)) for part in range(KILLS)})


@pytest.mark.parametrize("nth", writes_to_die_at())
def test_a_run_that_was_killed_in_the_middle_of_a_send_finds_what_it_sent(nth, undisturbed):
    async def script(bench: Bench) -> None:
        await bench.replicate(killed_at_write=nth)
        await bench.replicate()

    came = replicated(empty(), script)
    (result,) = came.results
    assert (result.outcome, result.causes) == ("passed", [])
    assert end_state(came) == undisturbed
    sent = came.sent()
    assert len(sent) == len(set(sent)) == WRITES


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_that_was_killed_comes_to_the_same_end(seed, undisturbed):
    dice = random.Random(seed)  # noqa: S311 - no secret
    # Half of the kills fall where everything is set up, which is but a tenth of the time.
    until = [200.0, LASTS][seed % 2]
    times = [dice.uniform(0.0, until) for _ in range(1 + seed % 3)]

    async def script(bench: Bench) -> None:
        for at in times:
            await bench.replicate(killed_after=at)
        await bench.replicate()

    came = replicated(empty(seed=seed), script)
    assert came.refused == [], times
    assert [(one.outcome, one.causes) for one in came.results[-1:]] == [("passed", [])], times
    assert end_state(came) == undisturbed, times
    assert made_twice(came) == {}, times
    assert states(came) == dict.fromkeys(VMS, "Protected")
