"""`kill -9` of `muster replicate` at random instants, and the same command again: one end state.

`KILLS=50 pytest tests/rehearsal/test_replicate_kills.py` tries fifty.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.rehearsal.arm_wire import Azure, azure
from tests.rehearsal.command import Ended, Running, muster, the_run
from tests.simulator_process import REPOSITORY, WORLDS
from tests.waiting import wait_until

pytestmark = [pytest.mark.rehearsal, pytest.mark.slow]

KILLS = int(os.environ.get("KILLS", "3"))
SPEED = 240.0
EVENTS = 150  # fewer than an undisturbed run journals
PLAN = str(REPOSITORY / "recovery_plans" / "contoso-erp.yaml")
MAKING = ("CreateSite", "CreateCloud", "EnableDr")


@pytest.fixture
def empty_azure(tmp_path: Path) -> Iterator[Azure]:
    text = (WORLDS / "from-nothing" / "contoso.world.yaml").read_text(encoding="utf-8")
    world = YAML(typ="safe").load(text)
    with azure(world, tmp_path / "azure", speed=SPEED) as running:
        yield running


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_and_run_again_it_comes_to_the_same_end(
    empty_azure: Azure, tmp_path: Path, seed: int
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environ = empty_azure.environ(MUSTER_JOURNAL=str(home / "evidence"))
    at = random.Random(seed).randint(1, EVENTS)  # noqa: S311 - no secret
    running = Running(("replicate", PLAN, "--direct", "--json"), environ, home)
    evidence = the_run(home / "evidence", running)
    wait_until(lambda: len(evidence.events()) >= at, 60.0, f"{at} events")
    running.kill()
    ended = muster("replicate", PLAN, "--direct", "--json", environ=environ, home=home)
    assert ended.code == 0, (at, ended)
    told = ended.json()
    assert {vm["state"] for vm in told["vms"]} == {"Protected"}, at
    assert len(told["vms"]) == 7
    _nothing_doubled(empty_azure)
    _nothing_left_to_do(muster("replicate", PLAN, "--plan-only", "--json", environ=environ,
        home=home))  # fmt: skip


def _nothing_doubled(running: Azure) -> None:
    world = running.world
    vault = (
        f"/subscriptions/{world['subscription']['id']}/resourceGroups/rg-dr"
        "/providers/Microsoft.RecoveryServices/vaults/rsv-contoso"
    )
    jobs = running.as_operator().list(f"{vault}/replicationJobs")
    made = Counter(
        (job["properties"]["scenarioName"], job["properties"]["targetObjectName"])
        for job in jobs
        if job["properties"]["scenarioName"] in MAKING
    )
    assert set(made.values()) == {1}, made
    assert len(made) == 2 + 2 + 7


def _nothing_left_to_do(ended: Ended) -> None:
    assert ended.code == 0, ended
    assert ended.json()["nothing_to_do"], ended
