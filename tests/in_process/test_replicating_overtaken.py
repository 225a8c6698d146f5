"""A run that is gone on with finds its VMs otherwise than its survey saw them: nothing is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.events import EventKind, Observed
from muster.replication.decision import Decision
from muster.replication.inputs import enable_input
from muster.replication.part_ids import item_id
from muster.replication.pinned import from_data
from muster.replication.wanted import Wanted
from muster.simulator.asr.item_states import FAILED_OVER
from muster.simulator.faults.engine import Engine
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Json, Replicated, fault, replicated
from tests.in_process.test_releasing import play_as
from tests.in_process.test_replicating_drift import done
from tests.in_process.test_replicating_over_others import body
from tests.in_process.test_replicating_plans import from_nothing

HOUR = timedelta(hours=1)
WEB = ("web1", "web2", "web3")
ALL_BUT_ITEMS = 16
"""Writes of a run until the first item; the network mappings among them."""


def erp_web(plan: Json) -> None:
    """Another plan of the web servers, on terms of its own."""
    plan["plan"] = "erp-web"
    plan["groups"] = [{"name": "web", "vms": list(WEB)}]
    plan["checks"] = []
    plan.pop("support", None)
    policy = {"app_consistent_every": "2h", "keep_recovery_points": "48h", "name": "web-policy"}
    plan["replication"]["policy"] = policy
    group = "/subscriptions/e6772624-7684-4db0-ac35-47a4077a0456/resourceGroups/rg-erp-asr"
    network = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet-erp-asr"
    plan["target"] = {"region": "westus2", "resource_group": "rg-web-asr", "network": network}


def pinned(came: Replicated) -> Wanted:
    """What the first run of the store pinned."""
    run = next(name.split("/")[1] for name in came.store.names("runs/"))
    data = [
        one.data
        for one in came.events(run)
        if one.kind is EventKind.OBSERVED and one.data["what"] == Observed.WANTED.value
    ]
    return from_data(data[0]["wanted"])


def said_of(came: Replicated, step: str) -> tuple[str, str]:
    (cause,) = [one for one in came.results[-1].causes if one["step"] == step]
    return cause["code"], cause["message"]


def sent_about(came: Replicated, process: int, *vms: str) -> list[tuple[str, str]]:
    items = [f"/replicationprotecteditems/{vm}" for vm in vms]
    sent = came.sent(process)
    return [one for one in sent if any(item in one[1].casefold() for item in items)]


def erp_web_alike(plan: Json) -> None:
    """The same VMs on terms that are ours, too: journals alone show whose an item is."""
    mine = dict(plan["target"]), dict(plan["replication"])
    erp_web(plan)
    plan["target"], plan["replication"] = mine


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        (erp_web, "policy: web-policy, not 24-hour-retention-policy"),
        (erp_web_alike, "of plan erp-web enabled it"),
    ],
)
def test_a_run_gone_on_with_leaves_what_another_plan_protected_meanwhile(
    theirs: Callable[[Json], None], says: str
):
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=14)
        play_as(bench, theirs)
        await bench.replicate()
        play_as(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert [one.outcome for one in came.results] == ["passed", "failed"]
    for vm in WEB:
        code, message = said_of(came, f"protect:{vm}")
        assert (code, says in message) == ("STEP-051", True)
    assert sent_about(came, 2, *WEB) == []
    assert len(sent_about(came, 2, "sql1", "sql2", "app1", "app2")) >= 4


def without_web(plan: Json) -> None:
    plan["groups"] = [one for one in plan["groups"] if one["name"] != "web"]
    plan["checks"] = []


async def disabled_by_hand(bench: Bench) -> None:
    async def by_hand(gateway: Gateway, _: Decision) -> None:
        items = [one for one in bench.azure.world.items.values() if one["vm_name"] in WEB]
        for item in items:
            await done(gateway, (await gateway.disable_protection(item["id"])).job_id)

    await bench.by_hand(by_hand)


async def taken_out_here(bench: Bench) -> None:
    play_as(bench, without_web)


async def given_up_there(bench: Bench) -> None:
    def but_two(plan: Json) -> None:
        erp_web_alike(plan)
        plan["groups"][0]["vms"] = ["web3"]

    def all_but_one(plan: Json) -> None:
        plan["groups"][2]["vms"] = plan["groups"][2]["vms"][:2]
        plan["checks"] = []

    play_as(bench, but_two)
    await bench.replicate()
    play_as(bench, all_but_one)


@pytest.mark.parametrize(
    ("theirs", "do", "says"),
    [
        (erp_web, taken_out_here, "Take it out of plan contoso-erp"),
        (erp_web, disabled_by_hand, "disable its replication in the portal"),
        (erp_web_alike, taken_out_here, "Take it out of plan contoso-erp"),
        (erp_web_alike, given_up_there, "let that plan mean it no more and replicate that plan"),
    ],
)
def test_what_is_said_of_such_a_vm_can_be_done_once_the_run_has_closed_itself(
    theirs: Callable[[Json], None], do: Callable[[Bench], Awaitable[None]], says: str
):
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=14)
        play_as(bench, theirs)
        await bench.replicate()
        play_as(bench)
        await bench.replicate()
        await do(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    failed, last = came.results[1], came.results[-1]
    assert failed.events[-1].kind is EventKind.CLOSED
    hints = {one["hint"] for one in failed.causes if one["code"] == "STEP-051"}
    assert all(says in one for one in hints)
    assert not any("muster cleanup" in one for one in hints)
    assert (len(hints), last.outcome) == (1, "passed")


def test_a_run_gone_on_with_leaves_an_item_that_leads_into_another_network():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=ALL_BUT_ITEMS)

        async def by_hand(gateway: Gateway, _: Decision) -> None:
            wanted = pinned(bench.came)
            (vm,) = [one for one in wanted.vms if one.name == "web1"]
            other = f"{vm.recovery_network_id}-2"
            await gateway.put_resource(other, body("10.1"), within=HOUR)
            theirs = enable_input(wanted, replace(vm, recovery_network_id=other))
            await done(
                gateway, (await gateway.enable_protection(item_id(wanted, vm), theirs)).job_id
            )

        await bench.by_hand(by_hand)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    code, message = said_of(came, "protect:web1")
    assert code == "STEP-051"
    assert "vnet-erp-asr-2, not" in message
    assert sent_about(came, 1, "web1") == []


def test_a_run_gone_on_with_waits_for_no_failover_and_tells_of_a_test_failover():
    def larger(plan: Json) -> None:
        for group in plan["groups"]:
            group["vms"] = [
                {**(vm if isinstance(vm, dict) else {"name": vm}), "size": "Standard_D8s_v5"}
                for vm in group["vms"]
            ]

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        play_as(bench, larger)
        await bench.replicate(killed_at_write=1)

        async def tested(gateway: Gateway, decision: Decision) -> None:
            ref: VaultRef = decision.wanted.vault.ref
            items = {one.friendly_name: one for one in await gateway.protected_items(ref)}
            network = decision.wanted.vms[0].recovery_network_id
            await gateway.start_test_failover(items["web1"].id, network, None)

        await bench.by_hand(tested)
        await bench.settings.clock.sleep(timedelta(minutes=25))
        (moved,) = [one for one in bench.azure.world.items.values() if one["vm_name"] == "web2"]
        moved["protection_state"] = FAILED_OVER
        await bench.replicate()

    came = replicated(from_nothing(), script)
    code, message = said_of(came, "protect:web2")
    assert (code, FAILED_OVER in message) == ("STEP-051", True)
    code, message = said_of(came, "settle:web1")
    assert (code, "a test failover of it is WaitingForCompletion" in message) == ("STEP-051", True)
    assert sent_about(came, 2, "web1", "web2") == []


def test_a_vault_that_does_not_read_leaves_an_open_run_to_whom_it_was():
    no = {"status": 403, "code": "AuthorizationFailed", "message": "You may not."}
    unreadable = fault("list *replicationProtectedItems", "1-", answer=no)

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=ALL_BUT_ITEMS)
        run = next(name.split("/")[1] for name in bench.store.names("runs/"))
        left = bench.came.events(run)
        world = bench.azure.world
        well, world.faults = world.faults, Engine(world, (unreadable,))
        await bench.replicate()
        world.faults = well
        bench.came.kept = (left, bench.came.events(run))
        await bench.replicate()

    came = replicated(from_nothing(), script)
    (refused,) = came.refused
    assert "You may not." in str(refused)
    left, after = came.kept
    assert after == left
    assert [one.outcome for one in came.results] == ["passed"]
    owners = [one for one in came.events(came.results[0].run) if one.kind is EventKind.OWNER]
    assert len(owners) == 2  # who began it, and who brought it to its end
