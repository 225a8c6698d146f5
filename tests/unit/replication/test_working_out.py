"""What `replicate` leaves behind is worked out as the portal does it, or as the plan says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muster.gateway.ids import key_of, parse_id
from muster.gateway.parse import parse_resource
from muster.gateway.values_setup import Container, Fabric
from muster.replication.found import FoundCard, FoundIp, FoundStorage
from muster.replication.reading_places import read_network
from muster.replication.wanted import ResourceWanted, Wanted
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import (
    SUB,
    a_found,
    a_vm,
    arm_id,
    group_id,
    network_raw,
    small_plan,
)

TARGET = group_id("rg-small-asr")


def resource(wanted: Wanted, kind: str) -> ResourceWanted:
    found = [one for one in wanted.resources if kind.casefold() in one.id.casefold()]
    assert len(found) == 1, [one.id for one in wanted.resources]
    return found[0]


def test_everything_has_the_names_that_the_portal_gives() -> None:
    wanted = work_out(small_plan(), a_found())
    assert wanted.source.name == "asr-a2a-default-eastus"
    assert wanted.source.container == "asr-a2a-default-eastus-container"
    assert wanted.target.name == "asr-a2a-default-westus2"
    assert wanted.policy.name == "24-hour-retention-policy"
    assert [parse_id(one.id).name for one in wanted.groups] == ["rg-dr", "rg-small-asr"]
    assert wanted.vms[0].recovery_network_id == arm_id(
        "Microsoft.Network/virtualNetworks", "vnet-small-asr", TARGET
    )


def test_the_policy_is_that_of_the_walk_through_unless_the_plan_says_otherwise() -> None:
    policy = work_out(small_plan(), a_found()).policy
    assert policy.app_consistent_every == timedelta(hours=4)
    assert policy.keep_recovery_points == timedelta(hours=24)
    said = {"policy": {"keep_recovery_points": "3d", "app_consistent_every": "0m"}}
    other = work_out(small_plan(replication=said), a_found()).policy
    assert other.name == "72-hour-retention-policy-app-0h"
    named = {"policy": {"name": "ours"}}
    assert work_out(small_plan(replication=named), a_found()).policy.name == "ours"


def test_the_target_network_has_the_ranges_and_subnets_of_the_source_and_nothing_else() -> None:
    body = resource(work_out(small_plan(), a_found()), "virtualNetworks").body
    assert body == {
        "location": "westus2",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [
                {"name": "data", "properties": {"addressPrefix": "10.1.0.0/24"}},
                {"name": "web", "properties": {"addressPrefix": "10.1.1.0/24"}},
            ],
        },
    }


def test_mappings_lead_there_and_back() -> None:
    wanted = work_out(small_plan(), a_found())
    there, back = wanted.mappings
    assert (there.source, there.target) == (wanted.source, wanted.target)
    assert (back.source, back.target) == (wanted.target, wanted.source)
    away, home = wanted.network_mappings
    assert (away.source_network_id, away.target_network_id) == (
        home.target_network_id,
        home.source_network_id,
    )
    assert (away.source, home.source) == (wanted.source, wanted.target)


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


def test_availability_sets_and_zones_are_as_at_the_source() -> None:
    source = arm_id("Microsoft.Compute/availabilitySets", "avset")
    told = parse_resource(
        {
            "id": source,
            "name": "avset",
            "properties": {"platformFaultDomainCount": 3, "platformUpdateDomainCount": 7},
        }
    )
    vms = (a_vm("db1", availability_set_id=source), a_vm("web1", zone="3"))
    found = a_found(*vms)
    found = replace(found, resources=(*found.resources, told))
    wanted = work_out(small_plan(), found)
    made = resource(wanted, "availabilitySets")
    assert wanted.vms[0].availability_set_id == made.id
    assert parse_id(made.id).name == "avset-asr"
    assert made.body["properties"]["platformUpdateDomainCount"] == 7
    assert made.body["properties"]["platformFaultDomainCount"] == 2  # every region has two
    assert made.body["sku"] == {"name": "Aligned"}
    assert (wanted.vms[1].zone, wanted.vms[1].availability_set_id) == ("3", None)


def test_a_target_region_without_zones_gets_no_zone() -> None:
    plan = small_plan(target={"region": "westus"})
    assert work_out(plan, a_found(a_vm("db1", zone="1"))).vms[0].zone is None


def test_what_a_vm_says_of_where_it_stands_goes_before_what_all_do() -> None:
    plan = small_plan(
        {"name": "db1", "availability_set": "own"},
        {"name": "web1", "capacity_reservation": "crg"},
        replication={"availability": {"mirror": False, "zone": 2, "proximity_group": "ppg"}},
    )
    wanted = work_out(plan, a_found(a_vm("db1", zone="1"), a_vm("web1", zone="1")))
    db1, web1 = wanted.vms
    assert db1.availability_set_id == arm_id("Microsoft.Compute/availabilitySets", "own", TARGET)
    assert (db1.zone, web1.zone) == (None, "2")
    needed = {parse_id(one.id).name for one in wanted.needed}
    assert needed == {"ppg", "crg"}  # the set is made, these two have to be there


def test_what_is_made_for_one_vm_need_not_be_there_for_another() -> None:
    group = arm_id("Microsoft.Compute/proximityPlacementGroups", "ppg")
    plan = small_plan("db1", {"name": "web1", "proximity_group": "ppg-asr"})
    wanted = work_out(plan, a_found(a_vm("db1", proximity_group_id=group), a_vm("web1")))
    made = resource(wanted, "proximityPlacementGroups").id
    assert [vm.proximity_group_id for vm in wanted.vms] == [made, made]
    assert wanted.needed == ()


def test_without_mirroring_a_vm_stands_in_nothing() -> None:
    group = arm_id("Microsoft.Compute/availabilitySets", "avset")
    plan = small_plan(replication={"availability": {"mirror": False}})
    vm = work_out(plan, a_found(a_vm("db1", availability_set_id=group))).vms[0]
    assert (vm.zone, vm.availability_set_id, vm.proximity_group_id) == (None, None, None)


def test_a_card_has_the_sources_subnet_and_static_address_or_what_the_plan_says() -> None:
    wanted = work_out(small_plan(), a_found())
    (ip,) = wanted.vms[0].cards[0].ips
    assert (ip.subnet, ip.private_ip, ip.public_ip_id) == ("data", "10.1.0.4", None)
    said = {
        "subnet": "web",
        "private_ip": "10.1.1.9",
        "network_security_group": "nsg",
        "public_ip_address": "pip",
        "backend_pools": ["lb/pool"],
        "test": {"subnet": "data", "private_ip": "10.1.0.9", "network_security_group": "nsg-t"},
    }
    plan = small_plan({"name": "db1", "nics": [said], "size": "Standard_D4s_v5"})
    vm = work_out(plan, a_found()).vms[0]
    (ip,) = vm.cards[0].ips
    assert (ip.subnet, ip.private_ip, vm.recovery_subnet) == ("web", "10.1.1.9", "web")
    assert ip.public_ip_id == arm_id("Microsoft.Network/publicIPAddresses", "pip", TARGET)
    balancer = arm_id("Microsoft.Network/loadBalancers", "lb", TARGET)
    assert ip.backend_pool_ids == (f"{balancer}/backendAddressPools/pool",)
    (test,) = vm.cards[0].test_ips
    assert (test.subnet, test.private_ip, test.public_ip_id) == ("data", "10.1.0.9", None)
    assert vm.cards[0].security_group_id != vm.cards[0].test_security_group_id
    assert vm.size == "Standard_D4s_v5"


def test_a_source_address_is_kept_in_another_subnet_only_if_that_has_it() -> None:
    plan = small_plan({"name": "db1", "nics": [{"subnet": "web"}]})
    (vm,) = work_out(plan, a_found(a_vm("db1"))).vms
    assert [(ip.subnet, ip.private_ip) for ip in vm.cards[0].ips] == [("web", None)]


def test_a_dynamic_address_stays_dynamic() -> None:
    vm = a_vm("db1")
    ip = replace(vm.cards[0].ips[0], is_static=False)
    vm = replace(vm, cards=(replace(vm.cards[0], ips=(ip,)),))
    assert work_out(small_plan("db1"), a_found(vm)).vms[0].cards[0].ips[0].private_ip is None


def test_a_public_address_without_a_name_is_made() -> None:
    plan = small_plan({"name": "db1", "nics": [{"public_ip": True}]})
    wanted = work_out(plan, a_found())
    made = resource(wanted, "publicIPAddresses")
    assert wanted.vms[0].cards[0].ips[0].public_ip_id == made.id
    assert made.body["sku"] == {"name": "Standard"}


def test_accelerated_networking_is_as_at_the_source_unless_the_plan_says() -> None:
    vm = a_vm("db1")
    vm = replace(vm, cards=(replace(vm.cards[0], accelerated=True),))
    assert work_out(small_plan("db1"), a_found(vm)).vms[0].cards[0].accelerated is True
    plan = small_plan({"name": "db1", "nics": [{"accelerated": False}]})
    assert work_out(plan, a_found(vm)).vms[0].cards[0].accelerated is False


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


def test_two_networks_of_one_name_get_two_mirrors() -> None:
    found = a_found(a_vm("db1", network_group="rg-a"), a_vm("web1", network_group="rg-b"))
    networks = tuple(read_network(network_raw(group=name)) for name in ("rg-a", "rg-b"))
    wanted = work_out(small_plan(), replace(found, networks=networks))
    made = [one.id for one in wanted.resources if "virtualNetworks" in one.id]
    assert len(set(map(key_of, made))) == 2
    assert {vm.recovery_network_id for vm in wanted.vms} == set(made)
    names = [(one.source.name, one.name) for one in wanted.network_mappings]
    assert len(set(names)) == 4


def test_what_the_vault_has_under_its_own_names_is_taken() -> None:
    base = f"{group_id('rg-dr')}/providers/Microsoft.RecoveryServices/vaults/rsv-small"
    fabric = f"{base}/replicationFabrics/terraform-primary"
    container = f"{fabric}/replicationProtectionContainers/mine"
    found = a_found()
    first = settled(work_out(small_plan(), found), found)
    items = tuple(
        replace(one, id=f"{container}/replicationProtectedItems/own-{one.friendly_name}",
                name=f"own-{one.friendly_name}")
        for one in first.setup.items
    )  # fmt: skip
    setup = replace(
        first.setup,
        fabrics=(Fabric(fabric, "terraform-primary", "eastus", {}), first.setup.fabrics[1]),
        containers=(Container(container, "mine", "terraform-primary", {}),),
        items=items,
    )
    wanted = work_out(small_plan(), replace(first, setup=setup))
    assert (wanted.source.name, wanted.source.container) == ("terraform-primary", "mine")
    assert [vm.item for vm in wanted.vms] == ["own-db1", "own-web1"]


def test_an_item_of_another_vm_with_the_same_name_is_never_taken() -> None:
    found = a_found()
    first = settled(work_out(small_plan(), found), found)
    other = replace(first.setup.items[0], source_vm_id=arm_id("Microsoft.Compute/virtualMachines",
                                                              "db1", "rg-elsewhere"))  # fmt: skip
    wanted = work_out(small_plan(), replace(first, setup=replace(first.setup, items=(other,))))
    assert wanted.vms[0].item != other.name
    assert wanted.vms[0].item.startswith("db1-")


def test_zone_to_zone_stays_in_one_fabric_and_recovers_into_another_zone() -> None:
    plan = small_plan(target={"region": "eastus", "network": "vnet-small",
                              "resource_group": "rg-small"})  # fmt: skip
    vm = a_vm("db1", zone="3")
    second = FoundIp("second", is_primary=False, subnet_id=vm.subnet_id, address="10.1.0.5",
                     is_static=True)  # fmt: skip
    card = FoundCard(vm.cards[0].id, "nic", True, (*vm.cards[0].ips, second))
    wanted = work_out(plan, a_found(replace(vm, cards=(card,))))
    assert wanted.source.name == wanted.target.name
    assert wanted.source.container != wanted.target.container
    assert wanted.vms[0].zone == "1"
    assert wanted.network_mappings == ()  # they stay in their network
    assert [ip.name for ip in wanted.vms[0].cards[0].ips] == ["ipconfig1"]
    assert len({mapping.name for mapping in wanted.mappings}) == 2


def test_the_suffix_of_the_plan_ends_every_name_of_a_copy() -> None:
    group = arm_id("Microsoft.Compute/availabilitySets", "avset")
    found = a_found(a_vm("db1", availability_set_id=group))
    wanted = work_out(small_plan(replication={"suffix": "-dr"}), found)
    names = [parse_id(one.id).name for one in wanted.resources if "storageA" not in one.id]
    assert names == ["vnet-small-dr", "avset-dr"]
    assert parse_id(wanted.groups[1].id).name == "rg-small-dr"


def test_the_vault_is_made_in_the_target_region_or_taken_where_it_is() -> None:
    assert work_out(small_plan(), a_found()).vault.region == "westus2"
    found = a_found()
    later = settled(work_out(small_plan(), found), found)
    assert later.vault is not None
    elsewhere = replace(later, vault=replace(later.vault, region="centralus"))
    assert work_out(small_plan(), elsewhere).vault.region == "centralus"


def test_an_account_of_ours_is_listed_again_once_it_is_in_use() -> None:
    found = a_found()
    first = work_out(small_plan(), found)
    again = work_out(small_plan(), settled(first, found))
    assert [one.id for one in again.resources] == [one.id for one in first.resources]
    assert isinstance(settled(first, found).storage[0], FoundStorage)
    assert first.vms[0].source_vm_id.startswith(f"/subscriptions/{SUB}")
