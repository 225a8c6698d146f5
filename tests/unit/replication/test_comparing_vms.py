"""Each VM's item against the plan: disks, cards, zones and settings, changed or refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.parse_item import parse_item
from muster.replication.change import Act, Kind
from muster.replication.changes import compare
from muster.replication.comparing_items import other_place
from muster.replication.found import Found, FoundIp, FoundStorage
from muster.replication.inputs import differing, settings_input
from muster.replication.working_out import work_out
from tests.unit.replication.comparing import a_settled, changed, with_details, with_setup
from tests.unit.replication.settled_world import item_of
from tests.unit.replication.source_world import a_found, a_vm, arm_id, group_id, small_plan

TARGET = group_id("rg-small-asr")


def test_a_disk_that_was_added_since_is_replicated() -> None:
    found = a_settled()
    grown = replace(found, vms=(a_vm("db1", data_disks=("Premium_LRS",) * 2), found.vms[1]))
    (change,) = changed(small_plan(), grown)
    assert (change.act, change.kind, change.name) == (Act.CHANGE, Kind.DISKS, "db1")
    assert [disk.id.rpartition("/")[2] for disk in change.disks] == ["db1-data1"]


def test_a_disk_that_was_taken_off_the_vm_is_explained() -> None:
    found = a_settled()
    shrunk = replace(found, vms=(a_vm("db1", data_disks=()), found.vms[1]))
    (change,) = changed(small_plan(), shrunk)
    assert (change.act, change.kind) == (Act.REFUSE, Kind.DISKS)
    assert change.fields[0].before == "replicated"
    assert "in the portal" in change.remedy


def test_a_vm_that_was_resized_has_its_copy_resized() -> None:
    found = a_settled()
    grown = replace(found, vms=(replace(found.vms[0], size="Standard_E8s_v5"), found.vms[1]))
    (change,) = changed(small_plan(), grown)
    assert (change.act, change.kind, change.name) == (Act.CHANGE, Kind.VM, "db1")
    (field,) = change.fields
    assert (field.name, field.before, field.after) == (
        "size",
        "Standard_D2s_v5",
        "Standard_E8s_v5",
    )


def test_a_consistency_group_of_more_than_sixteen_is_refused() -> None:
    keys = {"mode": "native", "replication": {"consistency_group": "erp"}}
    names = [f"vm{number}" for number in range(17)]
    for count, refused in ((16, []), (17, ["erp"])):
        found = a_found(*(a_vm(name) for name in names[:count]))
        changes = compare(work_out(small_plan(*names[:count], **keys), found), found)
        assert [one.name for one in changes if one.act is Act.REFUSE] == refused


@pytest.mark.parametrize(("details", "name"), [
    ({"recoveryFabricLocation": "centralus"}, "target region"),
    ({"multiVmGroupName": "theirs", "multiVmGroupCreateOption": "UserSpecified"},
     "consistency group"),
    ({"recoveryAzureResourceGroupId": group_id("rg-else")}, "resource group"),
])  # fmt: skip
def test_what_only_a_new_start_changes_is_refused(details: dict[str, Any], name: str) -> None:
    (change,) = changed(small_plan(), with_details(a_settled(), **details))
    assert (change.act, change.kind) == (Act.REFUSE, Kind.VM)
    assert [one.name for one in change.fields] == [name]
    assert "in the portal" in change.remedy


@pytest.mark.parametrize(("wanted", "told", "act"), [
    ({"zone": "2"}, {"recoveryAvailabilityZone": "1"}, Act.CHANGE),
    ({"zone": "2"}, {}, Act.REFUSE),
    ({"zone": "2"}, {"recoveryAvailabilitySet": "/set"}, Act.REFUSE),
    ({"availability_set": "/set"}, {"recoveryAvailabilityZone": "1"}, Act.REFUSE),
    ({"availability_set": "/set"}, {"recoveryAvailabilitySet": "/other"}, Act.CHANGE),
])  # fmt: skip
def test_which_zone_or_set_may_change_but_not_whether_it_is_one(
    wanted: dict[str, str], told: dict[str, str], act: Act
) -> None:
    if "availability_set" in wanted:
        wanted = {"availability_set": arm_id("Microsoft.Compute/availabilitySets", "own", TARGET)}
    plan = small_plan({"name": "db1", **wanted}, "web1")
    changes = [one for one in changed(plan, with_details(a_settled(), **told))
               if one.kind is Kind.VM]  # fmt: skip
    assert [(one.act, one.name) for one in changes] == [(act, "db1")]


def test_another_cache_account_in_the_plan_is_refused_for_disks_that_are_replicated() -> None:
    plan = small_plan(replication={"cache_storage": "stours"})
    ours = arm_id("Microsoft.Storage/storageAccounts", "stours")
    found = a_settled()
    there = FoundStorage(ours, "stours", "eastus", "Standard_LRS", "StorageV2")
    changes = changed(plan, replace(found, storage=(*found.storage, there)))
    assert {(one.act, one.kind) for one in changes} == {(Act.REFUSE, Kind.VM)}
    assert "cache storage" in changes[0].fields[0].name


def test_an_item_under_another_policy_is_refused() -> None:
    plan = small_plan(replication={"policy": {"name": "other"}})
    refused = [one for one in changed(plan, a_settled()) if one.act is Act.REFUSE]
    assert [(one.kind, one.fields[0].name) for one in refused] == [(Kind.VM, "policy")] * 2


@pytest.mark.parametrize(("details", "name"), [
    ({"selectedRecoveryAzureNetworkId": arm_id("Microsoft.Network/virtualNetworks", "else")},
     "network"),
    ({"recoveryAvailabilityZone": "2"}, None),  # the plan leaves the zone to Azure
])  # fmt: skip
def test_settings_are_put_back_unless_the_plan_leaves_them_open(
    details: dict[str, Any], name: str | None
) -> None:
    changes = changed(small_plan(), with_details(a_settled(), **details))
    assert [field.name for one in changes for field in one.fields] == ([name] if name else [])


def test_a_disk_of_another_type_than_wanted_is_changed() -> None:
    plan = small_plan(replication={"disks": {"type": "Standard_LRS"}})
    changes = changed(plan, a_settled())
    assert {(one.act, one.kind) for one in changes} == {(Act.CHANGE, Kind.VM)}
    assert {field.name for field in changes[0].fields} == {"type of db1-os", "type of db1-data0"}


def test_each_setting_of_a_card_is_compared() -> None:
    said = {
        "subnet": "web", "private_ip": "10.1.1.9", "network_security_group": "nsg",
        "public_ip_address": "pip", "backend_pools": ["lb/pool"], "accelerated": True,
        "test": {"subnet": "data", "private_ip": "10.1.0.9", "network_security_group": "nsg-t",
                 "backend_pools": ["lb/test"]},
    }  # fmt: skip
    plan = small_plan({"name": "db1", "nics": [said]}, "web1")
    changes = [one for one in changed(plan, a_settled()) if one.kind is Kind.VM]
    assert [(one.act, one.name) for one in changes] == [(Act.CHANGE, "db1")]
    names = {field.name.removeprefix("db1-nic: ") for field in changes[0].fields}
    assert names == {
        "subnet", "address", "security group", "public address", "balancer pools",
        "accelerated networking", "subnet in a test", "address in a test",
        "security group in a test", "balancer pools in a test",
    }  # fmt: skip


def test_a_card_that_was_added_since_is_refused_with_the_way_out() -> None:
    world = a_settled()
    db1 = next(vm for vm in world.vms if vm.name == "db1")
    second = replace(db1.cards[0], id=f"{db1.cards[0].id}-2", name="db1-nic-2", is_primary=False)
    grown = replace(db1, cards=(*db1.cards, second))
    found = replace(world, vms=tuple(grown if vm is db1 else vm for vm in world.vms))
    (change,) = changed(small_plan(), found)
    assert (change.act, change.kind, change.name) == (Act.REFUSE, Kind.VM, "db1")
    assert "no network card db1-nic-2" in change.why
    assert "in the portal" in change.remedy


def test_an_item_without_its_first_copy_is_under_way_and_compared_once_it_has_one() -> None:
    found = with_details(a_settled(), vmNics=[], selectedRecoveryAzureNetworkId=None)
    grown = replace(found, vms=(replace(found.vms[0], size="Standard_E8s_v5"), found.vms[1]))
    (change,) = changed(small_plan(), grown)
    assert (change.act, change.fields) == (Act.WAIT, ())


@pytest.mark.parametrize(("state", "act", "words"), [
    ("UnprotectedStatesBegin", Act.WAIT, "being enabled"),
    ("InitialReplicationInProgress", Act.WAIT, "first copy under way"),
    ("InitialReplicationRecoveryCompletionPending", Act.WAIT, "arriving at the target"),
    ("EnablingFailed", Act.CHANGE, "asked for again"),
])  # fmt: skip
def test_only_a_protected_item_is_as_wanted(state: str, act: Act, words: str) -> None:
    found = a_settled()
    first, *others = found.setup.items
    items = (replace(first, protection_state=state), *others)
    moving = replace(found, setup=replace(found.setup, items=items))
    (change,) = changed(small_plan(), moving)
    assert (change.act, change.kind) == (act, Kind.VM)
    assert words in change.why


def _changed_ips(world: Found, change: Callable[[FoundIp], tuple[FoundIp, ...]]) -> Found:
    """The world with other IP configurations on db1's card."""
    db1 = next(vm for vm in world.vms if vm.name == "db1")
    card = replace(db1.cards[0], ips=tuple(new for ip in db1.cards[0].ips for new in change(ip)))
    other = replace(db1, cards=(card, *db1.cards[1:]))
    return replace(world, vms=tuple(other if vm is db1 else vm for vm in world.vms))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda ip: (ip, replace(ip, name="second", is_primary=False)), "second"),
        (lambda ip: (replace(ip, name="renamed"),), "renamed"),
    ],
)
def test_an_address_that_was_added_or_renamed_since_is_refused_with_the_way_out(change, name):
    found = _changed_ips(a_settled(), change)
    (refused,) = changed(small_plan(), found)
    assert (refused.act, refused.kind, refused.name) == (Act.REFUSE, Kind.VM, "db1")
    assert f"no IP configuration db1-nic/{name}" in refused.why
    assert "in the portal" in refused.remedy


def test_a_name_in_another_case_is_the_same_address() -> None:
    found = _changed_ips(a_settled(), lambda ip: (replace(ip, name=ip.name.upper()),))
    assert changed(small_plan(), found) == []
    wanted = work_out(small_plan(), found)
    item = found.item_of(wanted.vms[0].source_vm_id)
    assert differing(settings_input(wanted.vms[0], item), item) == ()


def test_what_is_told_as_null_is_off_and_is_not_sent_for() -> None:
    """What `--plan-only` counts as wanted is not changed by the run, nor the other way round."""
    said = {"nics": [{"accelerated": False}], "disks": {"type": "Premium_LRS"}}
    plan = small_plan({"name": "db1", **said}, "web1")
    world = a_settled(plan)
    wanted = work_out(plan, world)
    raw = copy.deepcopy(dict(item_of(wanted, wanted.vms[0]).raw))
    details = raw["properties"]["providerSpecificDetails"]
    details["vmNics"][0]["enableAcceleratedNetworkingOnRecovery"] = None
    for disk in details["protectedManagedDisks"]:
        disk["recoveryTargetDiskAccountType"] = None
    item = parse_item(raw)
    found = with_setup(world, items=(item, *world.setup.items[1:]))
    assert changed(plan, found) == []
    assert differing(settings_input(wanted.vms[0], item), item) == ()


@pytest.mark.parametrize(("state", "expected"), [
    ("WaitingForCompletion", [Act.REFUSE, Act.REFUSE]),
    ("MarkedForDeletion", [Act.CHANGE, Act.CHANGE]),
    (None, [Act.CHANGE, Act.CHANGE]),
])  # fmt: skip
def test_nothing_is_changed_of_a_vm_whose_test_failover_is_not_cleaned_up(
    state: str | None, expected: list[Act]
) -> None:
    found = a_settled()
    first, *others = found.setup.items
    tested = with_setup(found, items=(replace(first, test_failover_state=state), *others))
    assert changed(small_plan(), tested) == []
    disk = replace(found.vms[0].disks[-1], id=f"{found.vms[0].disks[-1].id}-added")
    grown = replace(found.vms[0], size="Standard_E8s_v5", disks=(*found.vms[0].disks, disk))
    changes = changed(small_plan(), replace(tested, vms=(grown, found.vms[1])))
    assert [one.act for one in changes] == expected
    assert all("WaitingForCompletion" in one.why for one in changes if one.act is Act.REFUSE)


def test_an_item_in_another_container_or_network_is_not_the_one_that_was_to_be_enabled() -> None:
    found = a_settled()
    wanted = work_out(small_plan(), found)
    vm, item = wanted.vms[0], found.setup.items[0]
    assert list(other_place(wanted, vm, item)) == []
    elsewhere = replace(
        item,
        id=item.id.replace("Containers/", "Containers/theirs-"),
        recovery_network_id=f"{item.recovery_network_id}-2",
    )
    names = [one.name for one in other_place(wanted, vm, elsewhere)]
    assert names == ["container", "network"]
