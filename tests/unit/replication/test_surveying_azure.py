"""What is found of a world as the simulator tells it, and what is decided on it."""

from __future__ import annotations

from typing import Any

from muster.errors import GatewayError
from muster.gateway.values import ProtectedItem, VaultRef
from muster.gateway.values_setup import Eligibility
from muster.replication.change import Act, Kind
from muster.replication.decided import decide_on
from muster.replication.support import judge_support
from muster.replication.surveying import read_found
from tests.unit.replication.simulated import PLACES, SUB_ID, Simulated, surveyed
from tests.unit.replication.source_world import small_plan
from tests.unit.simulator.conftest import VAULT


async def test_a_simulated_world_that_is_set_up_is_left_alone() -> None:
    plan, found = await surveyed(Simulated())
    assert found.unread == ()
    for vm in found.vms:
        assert vm.cards, vm.name
        assert vm.network_id
        assert vm.disks[0].is_os
        assert vm.os_name
        assert vm.eligibility is not None
    decided = decide_on(plan, found)
    assert {vm.name for vm in decided.wanted.vms} == {"Sql1", "web1"}
    assert decided.left == ()
    assert [one for one in decided.changes if one.act is not Act.LEAVE] == []
    assert {one.kind for one in decided.changes} == set(Kind) - {Kind.DISKS}
    assert {one.verdict for one in judge_support(plan, found, found.vms[0])} <= {"tell"}


async def test_no_second_vault_is_created_nor_anything_for_its_sake() -> None:
    plan, found = await surveyed(
        Simulated(), vault={"resource_group": "rg-new", "name": "rsv-new"},
        target={"region": "centralus", "resource_group": "rg-far"},
    )  # fmt: skip
    decided = decide_on(plan, found)
    # The VMs are protected by the other vault, which is found and named.
    assert {(one.name, one.kind) for one in decided.left} == {
        ("Sql1", "protected"), ("web1", "protected"),
    }  # fmt: skip
    assert all("rsv" in one.why for one in decided.left)
    acts = {(one.act, one.kind) for one in decided.changes}
    assert {kind for act, kind in acts if act is Act.REFUSE} == {Kind.VAULT}
    assert {act for act, kind in acts if kind is not Kind.VAULT} == set()
    refused = next(one for one in decided.changes if one.act is Act.REFUSE)
    assert "rsv protects Sql1, web1 of the plan" in refused.why
    assert "vault: {resource_group: rg-dr, name: rsv}" in refused.remedy


async def test_a_vm_of_another_vault_is_found_though_azures_own_word_is_not_to_be_had() -> None:
    reads = Simulated("replicationEligibilityResults")
    elsewhere = {"vault": {"resource_group": "rg-new", "name": "rsv-new"}}
    plan, found = await surveyed(reads, **elsewhere)
    assert all(vm.eligibility is None for vm in found.vms)
    assert {(one.name, one.kind) for one in decide_on(plan, found).left} == {
        ("Sql1", "protected"), ("web1", "protected"),
    }  # fmt: skip


async def test_vaults_are_looked_for_in_every_subscription_that_is_seen() -> None:
    class Apart(Simulated):
        """The vault is listed in a subscription that the plan knows nothing of."""

        async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Any, ...]:
            found = await super().resources_of_type(SUB_ID, arm_type)
            return found if subscription == "far" else ()

        async def subscriptions(self) -> tuple[str, ...]:
            return (SUB_ID, "far")

    plan, found = await surveyed(Apart(), vault={"resource_group": "rg-new", "name": "rsv-new"})
    assert {one.kind for one in decide_on(plan, found).left} == {"protected"}
    assert set(found.elsewhere.values()) == {VAULT}


async def test_a_vault_that_is_in_another_group_is_found() -> None:
    plan, found = await surveyed(Simulated(), vault={"resource_group": "rg-app", "name": "rsv"})
    assert [one.id for one in found.vaults_of_that_name] == [VAULT]
    refused = [one for one in decide_on(plan, found).changes if one.act is Act.REFUSE]
    assert [one.kind for one in refused] == [Kind.VAULT]


async def test_what_may_not_be_read_is_told_and_not_taken_for_missing() -> None:
    reads = Simulated("virtualNetworks/vnet-asr", "virtualMachines/web1")
    plan, found = await surveyed(reads)
    assert {one.what.rpartition("/")[2] for one in found.unread} == {"vnet-asr", "web1"}
    decided = decide_on(plan, found)
    assert [(one.name, one.kind) for one in decided.left] == [("web1", "pending")]
    refused = [one for one in decided.changes if one.act is Act.REFUSE]
    assert [(one.kind, one.name) for one in refused] == [(Kind.RESOURCE, "vnet-asr")]
    assert "AuthorizationFailed" in refused[0].why


async def test_an_eligibility_that_is_not_answered_is_told() -> None:
    plan, found = await surveyed(Simulated("replicationEligibilityResults"))
    told = decide_on(plan, found).told
    assert {(name, one.rule) for name, one in told} >= {
        ("Sql1", "eligibility-unknown"), ("web1", "eligibility-unknown"),
    }  # fmt: skip


async def test_vms_are_selected_by_group_and_each_thing_is_read_once() -> None:
    reads = Simulated()
    plan, found = await surveyed(
        reads, "web1", replication={"select": {"resource_groups": ["rg-app"]}}
    )
    assert {vm.name for vm in found.vms} > {"Sql1", "web1"}
    assert {vm.name for vm in decide_on(plan, found).wanted.vms} >= {"Sql1", "web1"}
    vms = [path for path in reads.asked if path.casefold().endswith("/virtualmachines/web1")]
    assert len(vms) == 1
    networks = [path for path in reads.asked if path.endswith("/virtualNetworks/vnet")]
    assert len(networks) == 1
    _, none = await surveyed(reads, "web1", replication={"select": {"tags": {"no": "such"}}})
    assert [vm.name for vm in none.vms] == ["web1"]


def a_sku(name: str, **told: str) -> dict[str, Any]:
    return {
        "name": name,
        "resourceType": "virtualMachines",
        "capabilities": [{"name": key, "value": value} for key, value in told.items()],
    }


async def test_sizes_are_judged_where_they_are_listed() -> None:
    reads = Simulated()
    size = (await surveyed(reads, "web1"))[1].vms[0].size
    asked: list[tuple[str, str]] = []

    async def skus(subscription: str, region: str) -> list[dict[str, Any]]:
        asked.append((subscription, region))
        disk = {"name": size, "resourceType": "disks"}
        return [a_sku(size, vCPUs="1", MemoryGB="2", CpuArchitectureType="Arm64"), disk]

    plan = small_plan("web1", **PLACES)
    found = await read_found(reads, plan, SUB_ID, skus=skus)
    assert asked == [(SUB_ID, "eastus"), (SUB_ID, "westus2")]
    assert list(found.target_sizes) == [size.casefold()]
    rules = [one.rule for one in judge_support(plan, found, found.vms[0])]
    assert {"architecture", "cores"} <= set(rules)

    async def barred(subscription: str, region: str) -> list[dict[str, Any]]:
        raise GatewayError(f"{subscription} {region}: AuthorizationFailed")

    found = await read_found(reads, plan, SUB_ID, skus=barred)
    assert found.sizes == {}
    assert [one.what for one in found.unread] == ["sizes of eastus", "sizes of westus2"]


class Unprotected(Simulated):
    """The same, as if no vault protected anything."""

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        return ()

    async def eligibility(self, vm_id: str) -> Eligibility:
        return Eligibility(vm_id, ())


async def test_a_name_that_nobody_may_ask_about_is_tried_and_told() -> None:
    reads = Unprotected("checknameavailability")
    plan, found = await surveyed(reads, "web1", vault={"resource_group": "rg-x", "name": "rsv-x"})
    assert found.taken_storage_names == frozenset()
    (unread,) = [one for one in found.unread if one.what.endswith("(its name)")]
    assert "AuthorizationFailed" in unread.why
    acts = {one.act for one in decide_on(plan, found).changes if "storage" in (one.id or "")}
    assert acts == {Act.CREATE}
