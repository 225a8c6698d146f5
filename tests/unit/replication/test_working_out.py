"""What `replicate` leaves behind is worked out as the portal does it, or as the plan says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values_setup import Container, Fabric
from muster.replication.found import FoundCard, FoundIp
from muster.replication.reading_places import read_network
from muster.replication.working_out import work_out
from tests.unit.replication.made import resource
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import (
    a_found,
    a_vm,
    arm_id,
    group_id,
    network_raw,
    small_plan,
)

TARGET = group_id("rg-small-asr")


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
