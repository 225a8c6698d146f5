"""What somebody else does: whose VM it is about, and what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from muster.simulator.arm.ids import name_of
from muster.simulator.faults.deeds import cancels
from muster.simulator.faults.engine import Engine
from muster.simulator.faults.places import places
from tests.unit.simulator.conftest import TARGET
from tests.unit.simulator.faults.fault_writing import (
    COMPUTE,
    began,
    copied,
    item_path,
    still_with,
)
from tests.unit.simulator.still_world import StillWorld

TAGGED = "{vm_id}"


def tag(body: Any, path: str = TAGGED) -> dict[str, Any]:
    return {"somebody": [{"method": "PATCH", "path": path, "body": body}]}


def source(still: StillWorld, vm: str) -> Any:
    return still.get(places(still.world, vm, "")["vm_id"])


@pytest.mark.parametrize("vm", ["web1", "dead1"])  # the seed's `any` is one of them at most
def test_it_is_done_to_the_vm_of_the_moment(vm: str) -> None:
    still = still_with({"on": {"copy": "test"}, "do": tag({"tags": {"seen": "yes"}})})
    copied(still, vm)
    for name in ("web1", "dead1"):
        assert source(still, name)["tags"] == ({"seen": "yes"} if name == vm else {})


def test_what_nothing_stands_for_stays_as_it_is_written() -> None:
    still = still_with({"on": {"time": "now"}, "vm": "any", "do": tag({"tags": {}})})
    still.world.state["items"] = {}
    still.pass_by(1)
    engine: Any = still.world.faults
    (told,) = engine.shown()["story"]
    assert told["what"].startswith("PATCH {vm_id}: 4")


@pytest.mark.parametrize(("undo", "state"), [(True, "Cancelled"), (False, "Succeeded")])
def test_a_job_that_cannot_be_undone_is_not_cancelled(undo: bool, state: str) -> None:
    still = still_with()
    job = began(still, "web1")
    job["undo"] = job["undo"] if undo else None
    still.pass_by(30)
    cancels(still.world, {"job": job["id"]})
    cancels(still.world, {"job": "none"})
    still.settle()
    vault = item_path("web1").partition("/replicationFabrics/")[0]
    assert still.get(f"{vault}/replicationJobs/{job['id']}")["properties"]["state"] == state


def test_placeholders_are_filled_however_deep_and_other_braces_left() -> None:
    body = {"tags": {"a": "{vm} of {target_network_name}", "b": "{Not} {0}"}}
    still = still_with({"on": {"time": "now"}, "vm": "any", "do": tag(body)})
    still.pass_by(1)
    engine: Any = still.world.faults
    vm = engine.chosen_vm("mine/1")
    assert source(still, vm)["tags"] == {"a": f"{vm} of vnet-asr", "b": "{Not} {0}"}


def test_placeholders_in_lists_are_filled() -> None:
    network = {
        "location": "{target_location}",
        "properties": {"addressSpace": {"addressPrefixes": ["{address}/32"]}, "subnets": []},
    }
    path = f"{TARGET}/Microsoft.Network/virtualNetworks/made"
    asked = {"method": "PUT", "path": path, "body": network}
    still = still_with({"on": {"time": "now"}, "vm": "any", "do": {"somebody": [asked]}})
    still.pass_by(1)
    engine: Any = still.world.faults
    made = still.get(path)
    wanted = places(still.world, engine.chosen_vm("mine/1"), "")["address"]
    assert made["properties"]["addressSpace"]["addressPrefixes"] == [f"{wanted}/32"]
    assert made["location"] == "westus2"


def test_a_query_behind_the_path_is_no_part_of_it() -> None:
    path = "{vm_id}?api-version=2024-07-01"
    still = still_with({"on": {"time": "now"}, "vm": "any", "do": tag({"tags": {"q": "1"}}, path)})
    still.pass_by(1)
    engine: Any = still.world.faults
    assert source(still, engine.chosen_vm("mine/1"))["tags"] == {"q": "1"}


def test_a_rule_that_the_simulator_no_longer_runs_with_does_nothing() -> None:
    still = still_with(
        {"on": {"time": "now"}, "vm": "any", "after": "1m", "do": tag({"tags": {}})}
    )
    before = len(still.world.state["events"])
    still.world.faults = Engine(still.world, [], own="drill")
    still.pass_by(120)
    assert len(still.world.state["events"]) < before
    assert "fault_story" not in still.world.state


def test_the_words_of_a_vm_in_any_case_or_of_the_one_instead() -> None:
    world = StillWorld().world
    assert places(world, "SQL1", "web1")["vm"] == "Sql1"
    assert places(world, "nobody", "WEB1")["vm"] == "web1"
    assert places(world, "nobody", "") == {}
    words = places(world, "Sql1", "")
    assert (words["location"], words["target_location"]) == ("eastus", "westus2")
    assert words["item_id"].startswith(f"{words['container_id']}/replicationProtectedItems/")
    assert words["container_id"].lower().startswith(words["vault_id"].lower())
    assert name_of(words["source_group"]) == "rg-app"


def test_the_copy_is_the_one_that_stands_there_or_the_one_that_would() -> None:
    still = StillWorld()
    assert places(still.world, "web1", "")["copy_id"].lower() == f"{COMPUTE}/web1-test".lower()
    copied(still, "web1")
    (item,) = (one for one in still.world.items.values() if one["vm_name"] == "web1")
    item["test"]["vm"] = item["test"]["vm"].replace("web1-test", "Web1-TEST")
    assert name_of(places(still.world, "web1", "")["copy_id"]) == "Web1-TEST"


@pytest.mark.parametrize("has_group", [False, True])
def test_the_group_of_a_copy_is_that_of_its_subnet(has_group: bool) -> None:
    still = StillWorld()
    _, config, _ = copied(still, "web1")
    network = still.world.resource(config["subnet"]["id"].rpartition("/subnets/")[0])
    assert network is not None
    group = f"{TARGET}/Microsoft.Network/networkSecurityGroups/closed"
    for subnet in network["properties"]["subnets"] if has_group else ():
        subnet["properties"]["networkSecurityGroup"] = {"id": f"{group}-{subnet['name']}"}
    told = places(still.world, "web1", "")["copy_group"]
    assert told == (f"{group}-{name_of(config['subnet']['id'])}" if has_group else "")
