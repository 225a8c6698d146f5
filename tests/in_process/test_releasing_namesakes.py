"""VMs of one name in two groups: a job that bears the name is not yet ours."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.events import EventKind
from muster.replication.decision import Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, fault, replicated
from tests.in_process.test_releasing import (
    Json,
    disabled,
    play_as,
    shared,
    theirs,
)

REMOVE = "post *replicationProtectedItems/remove"


def call_theirs_web1(bench: Bench) -> None:
    """The other team's VM bears the name of one of ours."""
    for item in bench.azure.world.items.values():
        if item["vm_name"] == "pay1":
            item["vm_name"] = "web1"


def of_one(plan: Json) -> None:
    vms = [vm for group in plan["groups"] for vm in group["vms"] if vm["name"] == "web1"]
    plan["groups"] = [{"name": "web", "vms": vms}]
    plan["checks"] = []
    plan.pop("support", None)


def intents(bench: Bench, run: str) -> list[str]:
    sent = (one for one in bench.came.events(run) if one.kind is EventKind.INTENDED)
    return [str(one.data["act"]) for one in sent]


def test_a_lost_removal_is_not_taken_for_the_removal_of_a_vm_of_that_name():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs)
        await bench.replicate()
        call_theirs_web1(bench)
        play_as(bench, of_one)
        await bench.replicate()
        ending = asyncio.create_task(disabled(bench))
        await until_meant(bench)
        await bench.by_hand(end_theirs)
        await ending

    async def until_meant(bench: Bench) -> None:
        while True:
            runs = {name.split("/")[1] for name in bench.store.names("runs/")}
            if any("-disable-" in run and intents(bench, run) for run in runs):
                return
            await bench.settings.clock.sleep(timedelta(milliseconds=200))

    async def end_theirs(gateway: Gateway, decision: Decision) -> None:
        vault: VaultRef = decision.wanted.vault.ref
        (item,) = [
            one for one in await gateway.protected_items(vault) if "rg-hub" in one.source_vm_id
        ]
        await gateway.disable_protection(item.id)

    came = replicated(shared(), script, (fault(REMOVE, "1", lose="request"),))
    assert [(one.outcome, one.causes) for one in came.results] == [("passed", [])] * 3
    assert came.azure.world.items == {}
