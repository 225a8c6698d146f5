"""Disks, and the cache accounts that they are replicated through."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.ids import key_of, parse_id
from muster.replication.found import FoundStorage
from muster.replication.working_out import work_out
from tests.unit.replication.made import resource
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import (
    SUB,
    a_found,
    a_vm,
    arm_id,
    group_id,
    small_plan,
)

TARGET = group_id("rg-small-asr")


def test_the_cache_account_is_in_the_source_region_and_takes_shared_keys() -> None:
    account = resource(work_out(small_plan(), a_found()), "storageAccounts")
    assert account.body["location"] == "eastus"
    assert account.body["properties"]["allowSharedKeyAccess"] is True
    assert parse_id(account.id).resource_group == "rg-small"


def test_an_account_of_that_name_that_somebody_else_has_gives_another_name() -> None:
    first = parse_id(resource(work_out(small_plan(), a_found()), "storageAccounts").id).name
    again = a_found(taken_storage_names=frozenset({first}))
    other = parse_id(resource(work_out(small_plan(), again), "storageAccounts").id).name
    assert other != first
    assert len(other) <= 24


def test_the_account_that_the_plan_names_is_needed_and_none_is_made() -> None:
    plan = small_plan(replication={"cache_storage": "stours"})
    wanted = work_out(plan, a_found())
    ours = arm_id("Microsoft.Storage/storageAccounts", "stours")
    assert {disk.cache_storage_id for vm in wanted.vms for disk in vm.disks} == {ours}
    assert [one.id for one in wanted.needed] == [ours]
    assert not any("storageAccounts" in one.id for one in wanted.resources)


def test_a_vm_of_another_subscription_has_its_account_there() -> None:
    other = group_id("rg-b", "7c0e0000-0000-0000-0000-000000000002")
    plan = small_plan("db1", {"name": "batch", "resource_group": other})
    wanted = work_out(plan, a_found(a_vm("db1"), a_vm("batch", other)))
    of_batch = wanted.vms[1].disks[0].cache_storage_id
    assert of_batch.startswith(other)
    assert not wanted.vms[0].disks[0].cache_storage_id.startswith(other)


def test_disks_for_ultra_and_premium_v2_go_through_a_premium_account() -> None:
    vm = a_vm("db1", data_disks=("UltraSSD_LRS", "Premium_LRS"))
    wanted = work_out(small_plan("db1"), a_found(vm))
    bodies = {key_of(one.id): one.body for one in wanted.resources if "storageA" in one.id}
    kinds = [bodies[key_of(disk.cache_storage_id)]["kind"] for disk in wanted.vms[0].disks]
    assert kinds == ["StorageV2", "BlockBlobStorage", "StorageV2"]


def test_more_disks_than_an_account_takes_get_a_second_account() -> None:
    vms = [a_vm(f"vm{n}", data_disks=("Premium_LRS",) * 63) for n in range(6)]
    wanted = work_out(small_plan(*(vm.name for vm in vms)), a_found(*vms))
    counts: dict[str, int] = {}
    for vm in wanted.vms:
        for disk in vm.disks:
            counts[disk.cache_storage_id] = counts.get(disk.cache_storage_id, 0) + 1
    assert sorted(counts.values()) == [6 * 64 - 375, 375]


def test_a_disk_that_is_replicated_keeps_its_account_and_a_new_one_gets_ours() -> None:
    plan, found = small_plan(), a_found()
    first = work_out(plan, found)
    later = settled(first, found)
    theirs = arm_id("Microsoft.Storage/storageAccounts", "portalsasrcache")
    by_portal = [
        replace(vm, disks=tuple(replace(one, cache_storage_id=theirs) for one in vm.disks))
        for vm in first.vms
    ]
    items = tuple(item_of(first, vm) for vm in by_portal)
    grown = replace(
        later,
        vms=(a_vm("db1", data_disks=("Premium_LRS",) * 2), later.vms[1]),
        setup=replace(later.setup, items=items),
    )
    again = work_out(plan, grown)
    accounts = {
        parse_id(disk.id).name: parse_id(disk.cache_storage_id).name
        for vm in again.vms
        for disk in vm.disks
    }
    ours = parse_id(first.vms[0].disks[0].cache_storage_id).name
    assert accounts.pop("db1-data1") == ours
    assert set(accounts.values()) == {"portalsasrcache"}


def test_disks_are_excluded_and_typed_as_the_plan_says() -> None:
    plan = small_plan(
        {"name": "db1", "disks": {"exclude": ["DB1-data0", "db1-os"], "type": "Premium_ZRS"}},
        "web1",
        replication={"disks": {"type": "StandardSSD_LRS", "replica_type": "Standard_LRS"}},
    )
    db1, web1 = work_out(plan, a_found()).vms
    assert [parse_id(disk.id).name for disk in db1.disks] == ["db1-os"]  # an OS disk always is
    assert db1.disks[0].target_type == "Premium_ZRS"
    assert {disk.target_type for disk in web1.disks} == {"StandardSSD_LRS"}
    assert {disk.replica_type for disk in (*db1.disks, *web1.disks)} == {"Standard_LRS"}


def test_a_disk_under_a_customers_key_gets_the_set_that_the_plan_names() -> None:
    vm = a_vm("db1")
    keyed = replace(vm.disks[1], encryption="EncryptionAtRestWithCustomerKey")
    vm = replace(vm, disks=(vm.disks[0], keyed))
    plan = small_plan("db1", replication={"disks": {"encryption_set": "des"}})
    wanted = work_out(plan, a_found(vm))
    own, other = wanted.vms[0].disks
    assert own.encryption_set_id is None
    assert other.encryption_set_id == arm_id("Microsoft.Compute/diskEncryptionSets", "des", TARGET)
    assert other.encryption_set_id in {one.id for one in wanted.needed}


def test_an_account_of_ours_is_listed_again_once_it_is_in_use() -> None:
    found = a_found()
    first = work_out(small_plan(), found)
    again = work_out(small_plan(), settled(first, found))
    assert [one.id for one in again.resources] == [one.id for one in first.resources]
    assert isinstance(settled(first, found).storage[0], FoundStorage)
    assert first.vms[0].source_vm_id.startswith(f"/subscriptions/{SUB}")
