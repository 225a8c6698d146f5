"""What was changed by hand between two runs is found: mended, or refused with the reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.plan.actions import Operation
from muster.replication.decision import Decide, Decision
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, decided, replicated
from tests.in_process.test_replicating import CONFIRMED, VMS, empty, made, states

HOUR = timedelta(hours=1)


def between(
    do: Callable[[Gateway, Decision], Awaitable[Any]], deciding: Decide = decided, **how: Any
) -> Replicated:
    """Replicated; then something done by hand; then replicated, or disabled."""

    async def script(bench: Bench) -> None:
        bench.decide = deciding
        await bench.replicate()
        await bench.by_hand(do)
        await bench.replicate(**how)

    return replicated(empty(), script)


def item(decision: Decision, vm: str) -> str:
    fabric = decision.wanted.source
    return (
        f"{decision.wanted.vault.ref.id}/replicationFabrics/{fabric.name}"
        f"/replicationProtectionContainers/{fabric.container}/replicationProtectedItems/{vm}-item"
    )


async def done(gateway: Gateway, job_id: str) -> None:
    job = await gateway.job_ended(job_id, expected=timedelta(minutes=1), within=HOUR)
    assert job.succeeded, job.errors


def last(came: Replicated) -> dict[str, str]:
    assert came.refused == []
    return made(came, came.results[-1].run)


def changed(came: Replicated) -> dict[str, str]:
    return {name: how for name, how in last(came).items() if how != "left alone"}


def test_a_policy_that_was_changed_by_hand_is_changed_back():
    async def keep_two_days(gateway: Gateway, decision: Decision) -> None:
        policy = decision.wanted.policy
        accepted = await gateway.make_policy(
            decision.wanted.vault.ref, policy.name, app_consistent_every=HOUR,
            keep_recovery_points=timedelta(hours=48), multi_vm_sync=False, change=True,
        )  # fmt: skip
        await done(gateway, accepted.job_id)

    came = between(keep_two_days, decide)
    assert changed(came) == {"replication policy 24-hour-retention-policy": "changed"}
    policies = [
        one["properties"]["providerSpecificDetails"]["recoveryPointHistory"]
        for key, one in came.azure.world.table("asr").items()
        if "/replicationpolicies/" in key
    ]
    assert policies == [24 * 60]


def test_settings_that_were_changed_by_hand_are_set_again():
    async def shrink(gateway: Gateway, decision: Decision) -> None:
        body = {
            "recoveryAzureVMSize": "Standard_D2s_v5",
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
        await done(gateway, (await gateway.update_item(item(decision, "app1"), body)).job_id)

    assert changed(between(shrink)) == {"settings of app1": "changed"}


def test_a_disk_that_was_added_since_is_replicated_too():
    async def script(bench: Bench) -> None:
        bench.decide = without_data_disks
        await bench.replicate()
        bench.decide = decided
        await bench.replicate()

    async def without_data_disks(gateway, plan, subscription) -> Decision:
        whole = await decided(gateway, plan, subscription)
        vms = tuple(replace(vm, disks=vm.disks[:1]) for vm in whole.wanted.vms)
        return replace(whole, wanted=replace(whole.wanted, vms=vms))

    came = replicated(empty(), script)
    assert changed(came) == {
        "disks of a protected item sql1": "changed",
        "disks of a protected item sql2": "changed",
    }
    disks = {one["vm_name"]: len(one["disks"]) for one in came.azure.world.items.values()}
    assert (disks["sql1"], disks["sql2"], disks["web1"]) == (2, 2, 1)


def test_a_vault_of_that_name_in_another_region_is_refused_and_left():
    async def script(bench: Bench) -> None:
        await bench.by_hand(elsewhere)
        await bench.replicate()

    async def elsewhere(gateway: Gateway, decision: Decision) -> None:
        ref = decision.wanted.vault.ref
        group = f"/subscriptions/{ref.subscription}/resourceGroups/{ref.resource_group}"
        await gateway.put_resource(group, {"location": "centralus"}, within=HOUR)
        await gateway.make_vault(ref, "centralus", within=HOUR)

    came = replicated(empty(), script)
    (result,) = came.results
    assert [(one["step"], one["code"]) for one in result.causes] == [("vault", "STEP-044")]
    assert states(came) == {}


def test_a_fabric_of_that_name_for_another_region_is_refused_and_left():
    async def script(bench: Bench) -> None:
        await bench.by_hand(elsewhere)
        await bench.replicate()

    async def elsewhere(gateway: Gateway, decision: Decision) -> None:
        ref = decision.wanted.vault.ref
        group = f"/subscriptions/{ref.subscription}/resourceGroups/{ref.resource_group}"
        await gateway.put_resource(group, {"location": "westus2"}, within=HOUR)
        await gateway.make_vault(ref, "westus2", within=HOUR)
        vault = VaultRef(ref.subscription, ref.resource_group, ref.name)
        name = decision.wanted.source.name
        await done(gateway, (await gateway.make_fabric(vault, name, "centralus")).job_id)

    came = replicated(empty(), script)
    (result,) = came.results
    assert [(one["step"], one["code"]) for one in result.causes] == [("fabrics", "STEP-045")]
    assert states(came) == {}


def test_a_vm_whose_test_failover_waits_is_not_disabled():
    async def test_it(gateway: Gateway, decision: Decision) -> None:
        network = decision.wanted.vms[0].recovery_network_id
        accepted = await gateway.start_test_failover(item(decision, "web3"), network, None)
        await done(gateway, accepted.job_id)

    came = between(test_it, operation=Operation.DISABLE, confirmed=CONFIRMED)
    causes = came.results[-1].causes
    assert [(one["step"], one["code"]) for one in causes] == [("disable:web3", "STEP-049")]
    assert list(states(came)) == ["web3"]
    assert len(changed(came)) == len(VMS) - 1
