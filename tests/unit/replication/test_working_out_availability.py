"""Where VMs stand at the target: zones, availability sets, groups."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.ids import parse_id
from muster.gateway.parse import parse_resource
from muster.replication.working_out import work_out
from tests.unit.replication.made import resource
from tests.unit.replication.source_world import (
    a_found,
    a_vm,
    arm_id,
    group_id,
    small_plan,
)

TARGET = group_id("rg-small-asr")


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
