"""What has to be made before a VM can be enabled, and what is none of its business."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.ids import parse_id
from muster.replication.dependence import ids_needed_by
from muster.replication.found import Found
from muster.replication.reading_places import read_network
from muster.replication.working_out import work_out
from tests.unit.replication.source_world import (
    a_found,
    a_vm,
    arm_id,
    group_id,
    network_raw,
    small_plan,
)

OTHER = "7c0e0000-0000-0000-0000-000000000002"


def needed(found: Found, *vms: object, **keys: object) -> dict[str, list[str]]:
    wanted = work_out(small_plan(*vms, **keys), found)
    return {
        vm.name: [
            "cache" if "storageAccounts" in one else parse_id(one).name
            for one in ids_needed_by(wanted, vm)
        ]
        for vm in wanted.vms
    }


def test_a_vm_needs_its_network_cache_and_both_mappings() -> None:
    assert needed(a_found())["db1"] == [
        "vnet-small-asr", "cache", "vnet-small-to-vnet-small-asr", "vnet-small-asr-to-vnet-small",
    ]  # fmt: skip


def test_networks_and_their_mappings_are_those_of_the_vm_alone() -> None:
    found = a_found(
        a_vm("db1"), a_vm("web1", network="vnet-two"),
        networks=(read_network(network_raw()), read_network(network_raw("vnet-two"))),
    )  # fmt: skip
    both = needed(found)
    assert [one for one in both["db1"] if "two" in one] == []
    assert [one for one in both["web1"] if "small" in one] == []
    assert "vnet-two-asr" in both["web1"]


def test_each_subscription_has_a_cache_account_of_its_own() -> None:
    theirs = group_id("rg-small", OTHER)
    found = a_found(a_vm("db1"), a_vm("web1", group=theirs))
    plan = small_plan("db1", {"name": "web1", "resource_group": theirs})
    wanted = work_out(plan, found)
    caches = {
        vm.name: {one for one in ids_needed_by(wanted, vm) if "storageAccounts" in one}
        for vm in wanted.vms
    }
    assert [len(one) for one in caches.values()] == [1, 1]
    assert caches["db1"].isdisjoint(caches["web1"])
    assert all(OTHER in one for one in caches["web1"])


def test_what_a_card_and_a_placement_name_is_needed_if_it_is_made() -> None:
    web = {
        "name": "web1", "availability_set": "avset", "proximity_group": "there-already",
        "nics": [{"public_ip": True, "backend_pools": ["lb/pool"]}],
    }  # fmt: skip
    both = needed(a_found(), "db1", web)
    assert "avset" in both["web1"]
    assert any(one.endswith("-ip-asr") for one in both["web1"])
    assert not {"there-already", "lb"} & set(both["web1"])  # nobody makes them
    assert not {"avset", "there-already"} & set(both["db1"])


def test_what_a_needed_thing_comes_after_is_needed_before_it() -> None:
    ours = arm_id("Microsoft.Compute/availabilitySets", "source-set")
    wanted = work_out(small_plan(), a_found(a_vm("db1", availability_set_id=ours), a_vm("web1")))
    network = next(one for one in wanted.resources if "virtualNetworks" in one.id)
    resources = tuple(
        replace(one, after=(*one.after, network.id)) if "availabilitySets" in one.id else one
        for one in wanted.resources
    )
    db1, web1 = wanted.vms
    chained = replace(wanted, resources=resources)
    alone = replace(db1, recovery_network_id="", disks=(), cards=())
    names = [parse_id(one).name for one in ids_needed_by(chained, alone)]
    assert names == ["vnet-small-asr", "source-set-asr"]
    assert not [one for one in ids_needed_by(chained, web1) if "availabilitySets" in one]
