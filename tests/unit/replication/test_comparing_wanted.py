"""What is there is compared with what is wanted: made, repaired, left alone, or explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.gateway.parse import parse_resource
from muster.gateway.values_setup import ContainerMapping, NetworkMapping, VaultSetup
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.changes import compare
from muster.replication.decided import decide_on
from muster.replication.found import Found, FoundStorage, FoundVault, FoundVm, Unread
from muster.replication.reading_places import read_network
from muster.replication.wanted import Wanted
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import (
    a_found,
    a_vm,
    arm_id,
    group_id,
    network_raw,
    small_plan,
)

TARGET = group_id("rg-small-asr")


def changed(plan: RecoveryPlan, found: Found, *, unlike: Act = Act.LEAVE) -> list[Change]:
    """The changes that are not of an act, by default all but those that leave alone."""
    return [one for one in compare(work_out(plan, found), found) if one.act is not unlike]


def a_settled(plan: RecoveryPlan | None = None, found: Found | None = None) -> Found:
    found = found or a_found()
    return settled(work_out(plan or small_plan(), found), found)


def with_setup(found: Found, **parts: Any) -> Found:
    return replace(found, setup=replace(found.setup, **parts))


def with_details(found: Found, **details: Any) -> Found:
    """The settled world with other A2A details of the first item."""
    wanted = work_out(small_plan(), found)
    first = item_of(wanted, wanted.vms[0], **details)
    return with_setup(found, items=(first, *found.setup.items[1:]))


def test_in_an_empty_subscription_everything_is_created_in_the_order_of_making() -> None:
    changes = compare(work_out(small_plan(), a_found()), a_found())
    assert {one.act for one in changes} == {Act.CREATE}
    kinds = [list(Kind).index(one.kind) for one in changes]
    assert kinds == sorted(kinds)
    assert {one.kind for one in changes} == set(Kind) - {Kind.DISKS}
    assert all(one.wanted is not None for one in changes)
    assert all(one.id for one in changes)


def test_what_is_made_once_is_left_alone_the_second_time() -> None:
    assert changed(small_plan(), a_settled()) == []


SIZES = ("Standard_D2s_v5", "Standard_E8s_v5")
GROUP = arm_id("Microsoft.Compute/availabilitySets", "avset")
PROXIMITY = arm_id("Microsoft.Compute/proximityPlacementGroups", "ppg")


@st.composite
def fleets(draw: st.DrawFn) -> tuple[RecoveryPlan, Found]:
    """Plans and sources of up to five VMs; what the plan names is there."""
    names = draw(st.lists(st.sampled_from(["db1", "web1", "app", "dc-1", "x.y"]), min_size=1,
                          max_size=5, unique=True))  # fmt: skip
    zonal = draw(st.booleans())
    vms, entries = [], []
    for name in names:
        skus = st.sampled_from(["Premium_LRS", "StandardSSD_LRS", "PremiumV2_LRS"])
        zone = draw(st.sampled_from(["1", "2", "3"] if zonal else [None, "1", "3"]))
        vms.append(
            a_vm(
                name,
                draw(st.sampled_from(["rg-small", "rg-other"])),
                network=draw(st.sampled_from(["vnet-small", "vnet-b"])),
                data_disks=draw(st.lists(skus, max_size=3)),
                zone=zone,
                size=draw(st.sampled_from(SIZES)),
                availability_set_id=None if zone else draw(st.sampled_from([None, GROUP])),
                proximity_group_id=draw(st.sampled_from([None, PROXIMITY])),
            )
        )
        nic = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "subnet": st.sampled_from(["data", "web"]),
                    "private_ip": st.just("77"),
                    "public_ip": st.booleans(),
                    "network_security_group": st.just("nsg"),
                    "backend_pools": st.just(["lb/pool"]),
                    "accelerated": st.booleans(),
                    "test": st.just({"subnet": "web", "private_ip": "10.1.1.3"}),
                },
            )
        )
        if "private_ip" in nic:  # of its subnet's range
            nic["private_ip"] = f"10.1.{int(nic.get('subnet') == 'web')}.{nic['private_ip']}"
        entry: dict[str, Any] = {"name": name, "resource_group": vms[-1].id.split("/")[4]}
        entry |= {"nics": [nic]} if draw(st.booleans()) else {}
        entry |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "size": st.sampled_from(SIZES),
                    "capacity_reservation": st.just("crg"),
                    "disks": st.just({"exclude": [f"{name}-data0"], "type": "Standard_LRS"}),
                },
            )
        )
        entries.append(entry)
    replication = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "policy": st.sampled_from(
                    [{"keep_recovery_points": "3d"}, {"app_consistent_every": "0m"}, {"name": "p"}]
                ),
                "suffix": st.sampled_from(["-dr", "-asr"]),
                "availability": st.just({"mirror": False}),
                "cache_storage": st.just("stours"),
            },
        )
    )
    target = {"region": "eastus" if zonal else draw(st.sampled_from(["westus2", "westus"]))}
    plan = small_plan(*entries, replication=replication, target=target)
    return plan, _with_needed(plan, a_found(*vms))


def _with_needed(plan: RecoveryPlan, found: Found) -> Found:
    """The world with its networks, and with what the plan names and has to be there."""
    networks = tuple(read_network(network_raw(name)) for name in ("vnet-small", "vnet-b"))
    found = replace(found, networks=networks)
    needed = work_out(plan, found).needed
    resources = [
        parse_resource({"id": one.id, "name": one.id.rpartition("/")[2]})
        for one in needed
        if "storageAccounts" not in one.id
    ]
    accounts = [
        FoundStorage(one.id, "stours", "eastus", "Standard_LRS", "StorageV2")
        for one in needed
        if "storageAccounts" in one.id
    ]
    return replace(
        found, resources=(*found.resources, *resources), storage=(*found.storage, *accounts)
    )


@settings(max_examples=120, deadline=None)
@given(fleet=fleets())
def test_running_on_its_own_result_changes_nothing(fleet: tuple[RecoveryPlan, Found]) -> None:
    plan, found = fleet
    wanted = work_out(plan, found)
    first = compare(wanted, found)
    assert not [one for one in first if one.act is Act.REFUSE]
    assert [one for one in first if one.act is Act.CREATE and one.kind is Kind.VM]
    later = settled(wanted, found)
    again = work_out(plan, later)
    assert names_in(again) == names_in(wanted)
    assert [(one.act, one.kind, one.name, one.fields) for one in compare(again, later)
            if one.act is not Act.LEAVE] == []  # fmt: skip


def names_in(wanted: Wanted) -> dict[str, Any]:
    return {
        "resources": sorted(one.id for one in wanted.resources),
        "mappings": [one.name for one in (*wanted.mappings, *wanted.network_mappings)],
        "items": [(vm.name, vm.item, vm.disks) for vm in wanted.vms],
        "vault": (wanted.vault, wanted.policy, wanted.source, wanted.target),
    }


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


def test_a_policy_that_was_changed_by_hand_is_put_back() -> None:
    found = a_settled()
    by_hand = replace(found.setup.policies[0], app_consistent_every=timedelta())
    (change,) = changed(small_plan(), with_setup(found, policies=(by_hand,)))
    assert (change.act, change.kind) == (Act.CHANGE, Kind.POLICY)
    assert [(one.name, one.before, one.after) for one in change.fields] == [
        ("app-consistent every", "off", "4h")
    ]


def test_a_policy_that_permits_groups_is_left_alone_and_one_that_must_is_changed() -> None:
    found = a_settled()
    permits = with_setup(found, policies=(replace(found.setup.policies[0], multi_vm_sync=True),))
    assert work_out(small_plan(), permits).policy.multi_vm_sync is True
    assert changed(small_plan(), permits) == []
    keys = {"mode": "native", "replication": {"consistency_group": "erp", "policy": {"name": "p"}}}
    plan = small_plan(**keys)
    later = a_settled(plan)
    off = with_setup(later, policies=(replace(later.setup.policies[0], multi_vm_sync=False),))
    (change,) = changed(plan, off)
    assert (change.act, change.kind) == (Act.CHANGE, Kind.POLICY)
    assert (change.fields[0].before, change.fields[0].after) == ("off", "on")


def test_a_policy_that_others_are_under_is_not_changed() -> None:
    found = a_settled()
    other = replace(found.setup.items[0], source_vm_id="/subscriptions/x", friendly_name="theirs")
    by_hand = replace(found.setup.policies[0], keep_recovery_points=timedelta(days=3))
    setup = {"policies": (by_hand,), "items": (*found.setup.items, other)}
    (change,) = changed(small_plan(), with_setup(found, **setup))
    assert (change.act, change.kind) == (Act.REFUSE, Kind.POLICY)
    assert "theirs" in change.why
    assert "policy" in change.remedy


@pytest.mark.parametrize(("part", "kind"), [
    ("mappings", Kind.MAPPING), ("network_mappings", Kind.NETWORK_MAPPING),
    ("policies", Kind.POLICY),
])  # fmt: skip
def test_what_is_missing_in_the_vault_is_made_again(part: str, kind: Kind) -> None:
    found = a_settled()
    changes = changed(small_plan(), with_setup(found, **{part: ()}))
    assert {(one.act, one.kind) for one in changes} == {(Act.CREATE, kind)}


def test_a_network_mapping_that_leads_elsewhere_is_changed() -> None:
    found = a_settled()
    first = found.setup.network_mappings[0]
    other = NetworkMapping(first.id, first.name, first.fabric, first.source_network_id,
                           "/subscriptions/x/other", "Paired", {})  # fmt: skip
    changes = changed(
        small_plan(),
        with_setup(found, network_mappings=(other, *found.setup.network_mappings[1:])),
    )
    assert [(one.act, one.kind) for one in changes] == [(Act.CHANGE, Kind.NETWORK_MAPPING)]
    assert changes[0].fields[0].name == "target network"


def test_a_container_mapping_of_that_name_that_leads_elsewhere_is_refused() -> None:
    found = a_settled()
    first = found.setup.mappings[0]
    other = ContainerMapping(first.id, first.name, first.container_id, "/elsewhere",
                             first.policy_id, "Paired", {})  # fmt: skip
    changes = changed(small_plan(), with_setup(found, mappings=(other, *found.setup.mappings[1:])))
    assert (Act.REFUSE, Kind.MAPPING) in {(one.act, one.kind) for one in changes}


@pytest.mark.parametrize("part", ["mappings", "network_mappings"])
def test_a_mapping_that_is_not_paired_is_refused(part: str) -> None:
    found = a_settled()
    first, *rest = getattr(found.setup, part)
    broken = (replace(first, state="PairingFailed"), *rest)
    (change,) = changed(small_plan(), with_setup(found, **{part: broken}))
    assert change.act is Act.REFUSE
    assert "PairingFailed" in change.why


def test_a_vault_that_was_moved_is_explained() -> None:
    found = a_settled()
    assert found.vault is not None
    other = FoundVault(found.vault.id.replace("rg-dr", "rg-new"), found.vault.name, "westus2")
    gone = replace(found, vault=None, setup=VaultSetup((), (), (), (), (), ()),
                   vaults_of_that_name=(other,))  # fmt: skip
    refused = [one for one in changed(small_plan(), gone) if one.act is Act.REFUSE]
    assert [one.kind for one in refused] == [Kind.VAULT]
    assert "rg-new" in refused[0].why
    assert refused[0].fields[0].before == "rg-new"


def test_a_vault_in_another_region_than_the_plan_says_cannot_be_moved() -> None:
    found = a_settled()
    plan = small_plan(
        vault={"resource_group": "rg-dr", "name": "rsv-small", "region": "centralus"}
    )
    (change,) = changed(plan, found)
    assert (change.act, change.kind) == (Act.REFUSE, Kind.VAULT)
    assert (change.fields[0].before, change.fields[0].after) == ("westus2", "centralus")


def test_a_vault_in_the_source_region_is_refused_and_elsewhere_told() -> None:
    found = a_settled()
    assert found.vault is not None
    here = replace(found, vault=replace(found.vault, region="eastus"))
    (change,) = changed(small_plan(), here)
    assert (change.act, change.kind) == (Act.REFUSE, Kind.VAULT)
    third = replace(found, vault=replace(found.vault, region="centralus"))
    assert changed(small_plan(), third) == []
    told = [one.why for _, one in decide_on(small_plan(), third).told]
    assert any("not in the target region" in why for why in told)


def test_a_pair_that_azure_does_not_replicate_comes_first_with_those_that_it_does() -> None:
    plan = small_plan(target={"region": "switzerlandwest"})
    found = a_found()
    first = compare(work_out(plan, found), found)[0]
    assert (first.act, first.name) == (Act.REFUSE, "eastus to switzerlandwest")
    assert "reserved" in first.why
    assert "westus" in first.remedy


def test_a_consistency_group_of_more_than_sixteen_is_refused() -> None:
    keys = {"mode": "native", "replication": {"consistency_group": "erp"}}
    names = [f"vm{number}" for number in range(17)]
    for count, refused in ((16, []), (17, ["erp"])):
        found = a_found(*(a_vm(name) for name in names[:count]))
        changes = compare(work_out(small_plan(*names[:count], **keys), found), found)
        assert [one.name for one in changes if one.act is Act.REFUSE] == refused


def test_vms_do_not_recover_into_their_own_group() -> None:
    plan = small_plan(target={"region": "westus2", "resource_group": "RG-small"})
    (refused,) = [one for one in changed(plan, a_found()) if one.act is Act.REFUSE]
    assert (refused.kind, refused.name) == (Kind.GROUP, "RG-small")
    assert "db1, web1" in refused.why


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


def test_a_target_network_that_lacks_a_subnet_is_refused_not_changed() -> None:
    found = a_settled()
    networks = tuple(
        replace(one, subnets=one.subnets[1:]) if one.name == "vnet-small-asr" else one
        for one in found.networks
    )
    plan = small_plan("db1", {"name": "web1", "nics": [{"subnet": "web"}]})
    lacking = replace(a_settled(plan), networks=networks)
    (change,) = changed(plan, lacking)  # web1 stands elsewhere, and is not kept from anything
    assert (change.act, change.kind, change.name) == (Act.REFUSE, Kind.VM, "db1")
    assert "vnet-small-asr lacks subnet data" in change.why
    assert change.remedy.startswith("Add subnet data to vnet-small-asr")
    empty = replace(a_found(), networks=networks)
    acts = {one.name: one.act for one in compare(work_out(plan, empty), empty)
            if one.kind is Kind.VM}  # fmt: skip
    assert acts == {"db1": Act.REFUSE, "web1": Act.CREATE}


def test_a_cache_account_without_shared_keys_is_refused() -> None:
    found = a_settled()
    shut = tuple(replace(one, allows_shared_key=False) for one in found.storage)
    (change,) = changed(small_plan(), replace(found, storage=shut))
    assert (change.act, change.kind) == (Act.REFUSE, Kind.RESOURCE)
    assert "shared key" in change.why


def test_what_the_plan_names_and_is_not_there_is_refused_and_unread_said_so() -> None:
    plan = small_plan({"name": "db1", "capacity_reservation": "crg"})
    found = a_found(a_vm("db1"))
    wanted = work_out(plan, found)
    refused = [one for one in compare(wanted, found) if one.act is Act.REFUSE]
    assert [one.name for one in refused] == ["crg"]
    assert "not there" in refused[0].why
    unread = replace(found, unread=(Unread(wanted.needed[0].id, "403"),))
    refused = [one for one in compare(wanted, unread) if one.act is Act.REFUSE]
    assert "could not be read: 403" in refused[0].why


def test_ids_compare_without_case() -> None:
    found = a_settled()
    loud: tuple[FoundVm, ...] = tuple(
        replace(vm, id=vm.id.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
        for vm in found.vms
    )
    vms = tuple(replace(vm, name=old.name) for vm, old in zip(loud, found.vms, strict=True))
    assert changed(small_plan(), replace(found, vms=vms)) == []
