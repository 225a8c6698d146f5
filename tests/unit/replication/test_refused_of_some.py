"""What one VM uses and cannot have is refused of that VM; what all use, of all, and stops all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from muster.replication.change import Act, Change, Kind
from muster.replication.counting import summary
from muster.replication.decided import Decided, decide_on
from muster.replication.decision import Decision
from muster.replication.found import Found
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, arm_id, small_plan

BALANCER = arm_id("Microsoft.Network/loadBalancers", "lb9")
OWN: list[dict[str, Any]] = [
    {"nics": [{"subnet": "data", "backend_pools": ["lb9/web"]}]},
    {"nics": [{"subnet": "data", "test": {"backend_pools": ["lb9/web"]}}]},
    {"nics": [{"subnet": "data", "backend_pools": [f"{BALANCER}/backendAddressPools/web"]}]},
    {"nics": [{"subnet": "data", "public_ip_address": "lb9"}]},
    {"nics": [{"subnet": "data", "network_security_group": "lb9"}]},
    {"proximity_group": "lb9"},
]


def decided(*vms: Any, found: Found | None = None) -> Decided:
    return decide_on(small_plan(*vms), found or a_found())


def refused(made: Decided) -> list[Change]:
    return [one for one in made.changes if one.act is Act.REFUSE]


def in_the_way(made: Decided) -> tuple[Change, ...]:
    return Decision(made.wanted, made.changes, made.left).refusals()


@pytest.mark.parametrize("own", OWN)
def test_what_one_vm_uses_and_is_not_there_stops_that_vm_alone(own: dict[str, Any]) -> None:
    made = decided({"name": "db1", **own}, "web1")
    (one,) = refused(made)
    assert (one.kind, one.name) == (Kind.VM, "db1")
    assert one.why.startswith("lb9: ")
    assert "and it is not there" in one.why
    assert one.remedy == "Make lb9 first, or correct the plan."
    assert in_the_way(made) == ()
    created = {change.name for change in made.changes if change.act is Act.CREATE}
    assert "web1" in created
    assert "db1" not in created


def test_what_a_vm_was_refused_for_before_is_said_too() -> None:
    own = {"nics": [{"subnet": "data", "private_ip": "10.9.9.9", "backend_pools": ["lb9/web"]}]}
    (one,) = refused(decided({"name": "db1", **own}, "web1"))
    assert "10.9.9.9" in one.why
    assert "lb9" in one.why


def test_what_all_vms_use_stands_in_the_way_once_and_names_them() -> None:
    made = decided({"name": "db1", **OWN[0]}, {"name": "web1", **OWN[0]})
    (one,) = refused(made)
    assert (one.kind, one.name) == (Kind.RESOURCE, "lb9")
    assert one.why == "cards of db1, web1 are to use it, and it is not there"
    assert in_the_way(made) == (one,)


def test_nothing_counts_as_to_create_where_a_run_would_end_at_its_survey() -> None:
    made = decided({"name": "db1", **OWN[0]}, {"name": "web1", **OWN[0]})
    assert summary(made.changes) == "nothing to create or change, 1 refused."
    assert [one.becomes for one in made.listed] == ["waits for what is refused"] * 2


def test_nothing_counts_as_to_change_either() -> None:
    before = work_out(small_plan("db1", "web1"), a_found())
    found = settled(before, a_found())
    resized = {"size": "Standard_D4s_v5"}
    plain = decided({"name": "db1", **resized}, "web1", found=found)
    assert "1 to change" in summary(plain.changes)
    stopped = decided(
        {"name": "db1", **OWN[0], **resized}, {"name": "web1", **OWN[0]}, found=found
    )
    assert summary(stopped.changes).startswith("nothing to create or change, ")
    assert "to change" not in summary(stopped.changes).removeprefix("nothing to create or change")


def test_a_plan_of_which_no_vm_is_there_creates_nothing() -> None:
    made = decided("db1", found=replace(a_found(), vms=()))
    assert [one.act for one in made.changes if one.act in (Act.CREATE, Act.CHANGE)] == []
    assert [one.name for one in made.left] == ["db1"]
