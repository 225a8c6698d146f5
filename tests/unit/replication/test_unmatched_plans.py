"""What the plan says of cards, disks and networks that are not there is refused, never ignored."""

from __future__ import annotations

from typing import Any

import pytest

from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.decided import decide_on
from muster.replication.found import Found
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, a_vm, arm_id, small_plan

NETWORK = arm_id("Microsoft.Network/virtualNetworks", "vnet-small")


def found_for() -> Found:
    return a_found(a_vm("db1"), a_vm("web1"))


def refused(plan: RecoveryPlan, found: Found | None = None) -> list[Change]:
    changes = decide_on(plan, found or found_for()).changes
    return [one for one in changes if one.act is Act.REFUSE]


def entry(**said: Any) -> RecoveryPlan:
    return small_plan({"name": "db1", **said}, "web1")


WRONG = {
    "a second card": entry(nics=[{"subnet": "data"}, {"subnet": "web"}]),
    "a disk that is not there": entry(disks={"exclude": ["nope"]}),
    "an OS disk": entry(disks={"exclude": ["DB1-os"]}),
}


@pytest.mark.parametrize("plan", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("is_protected", [False, True])
def test_it_is_refused_of_its_vm_and_of_no_other(plan, is_protected):
    found = settled(work_out(plan, found_for()), found_for()) if is_protected else found_for()
    assert [(one.kind, one.name, bool(one.remedy)) for one in refused(plan, found)] == [
        (Kind.VM, "db1", True)
    ]
    decided = decide_on(plan, found)
    assert [one.name for one in decided.changes if one.kind is Kind.VM] == ["web1", "db1"]


def test_what_is_there_is_refused_by_nobody():
    plan = entry(nics=[{"subnet": "data"}], disks={"exclude": ["DB1-data0"]})
    assert refused(plan) == []


@pytest.mark.parametrize(("name", "count"), [("nope", 1), ("db1-os", 1), ("web1-DATA0", 0)])
def test_a_disk_that_is_excluded_for_all_is_a_data_disk_of_one_of_them(name, count):
    plan = small_plan("db1", "web1", replication={"disks": {"exclude": [name]}})
    assert [(one.kind, one.name) for one in refused(plan)] == [(Kind.RESOURCE, name)] * count


def test_no_vm_recovers_into_the_network_that_it_stands_in():
    plan = small_plan("db1", "web1", target={"region": "westus2", "network": NETWORK})
    assert [(one.kind, one.name) for one in refused(plan)] == [(Kind.RESOURCE, "vnet-small")]


def test_from_zone_to_zone_it_does():
    target = {"region": "eastus", "network": NETWORK, "resource_group": "rg-other"}
    plan = small_plan(
        "db1", "web1", target=target, replication={"availability": {"zone": "2"}},
    )  # fmt: skip
    vms = (a_vm("db1", zone="1"), a_vm("web1", zone="1"))
    assert [one.why for one in refused(plan, a_found(*vms))] == []
