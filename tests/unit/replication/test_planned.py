"""What preflight takes for wanted by the plan is what `muster replicate` would refuse without."""

from __future__ import annotations

import pytest
from hypothesis import given

from muster.gateway.ids import key_of
from muster.replication.planned import Use, holder_and_pool, planned_of
from muster.replication.working_out import work_out
from tests.unit.replication.fleets import fleets
from tests.unit.replication.source_world import a_found, a_vm, arm_id, group_id, small_plan

TARGET = group_id("rg-small-asr")
BALANCER = arm_id("Microsoft.Network/loadBalancers", "lb", TARGET)
OF_NETWORKS_AND_CACHES = ("/virtualnetworks/", "/storageaccounts/")


@given(fleets())
def test_it_is_what_replicate_needs_or_makes_and_no_more(drawn):
    plan, found = drawn
    wanted = work_out(plan, found)
    needed = {key_of(one.id) for one in wanted.needed}
    made = {key_of(one.id) for one in wanted.resources}
    group = wanted.groups[-1].id
    foreseen = {key_of(one.id): one for one in planned_of(plan, group)}
    others = {one for one in needed if not any(kind in one for kind in OF_NETWORKS_AND_CACHES)}
    assert others <= set(foreseen) <= needed | made
    assert not others & {key for key, one in foreseen.items() if one.is_made}


def test_each_thing_is_foreseen_for_whoever_uses_it():
    nic = {
        "network_security_group": "nsg", "public_ip_address": "pip", "backend_pools": ["lb/web"],
        "test": {"network_security_group": "lab", "backend_pools": ["lb/copies"]},
    }  # fmt: skip
    plan = small_plan(
        {"name": "db1", "nics": [nic], "availability_set": "own"},
        {"name": "web1", "zone": 2, "capacity_reservation": "crg"},
        replication={
            "availability": {"availability_set": "all", "proximity_group": "ppg"},
            "disks": {"encryption_set": "des"},
        },
    )
    foreseen = list(planned_of(plan, TARGET))
    named = [(one.vm, one.use.value, one.id.rpartition("/")[2], one.pool) for one in foreseen]
    assert named == [
        ("db1", Use.ALWAYS, "own", None),
        ("db1", Use.ALWAYS, "ppg", None),
        ("db1", Use.ALWAYS, "des", None),
        ("db1", Use.FAILOVER, "nsg", None),
        ("db1", Use.FAILOVER, "pip", None),
        ("db1", Use.TEST, "lab", None),
        ("db1", Use.FAILOVER, "lb", "web"),
        ("db1", Use.TEST, "lb", "copies"),
        ("web1", Use.ALWAYS, "ppg", None),
        ("web1", Use.ALWAYS, "crg", None),
        ("web1", Use.ALWAYS, "des", None),
    ]
    assert [one.id for one in foreseen if one.is_made] == [foreseen[0].id]
    assert {
        key_of(one.id) for one in work_out(plan, a_found(a_vm("db1"), a_vm("web1"))).needed
    } < {key_of(one.id) for one in foreseen}


def test_a_set_that_one_vm_names_by_its_id_is_not_made_for_it():
    own = arm_id("Microsoft.Compute/availabilitySets", "own", TARGET)
    plan = small_plan({"name": "db1", "availability_set": own})
    assert [one.is_made for one in planned_of(plan, TARGET)] == [False]


@pytest.mark.parametrize("word", ["backendAddressPools", "BACKENDADDRESSPOOLS"])
def test_a_pool_is_a_part_of_its_balancer_however_its_id_is_written(word):
    assert holder_and_pool(f"{BALANCER}/{word}/web") == (BALANCER, "web")
    assert holder_and_pool(BALANCER) == (BALANCER, "")
