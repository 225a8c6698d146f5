"""A target network that the plan names by its whole id, somewhere else: needed, never made."""

from __future__ import annotations

from dataclasses import replace

from muster.replication.change import Act
from muster.replication.changes import compare
from muster.replication.reading_places import read_network
from muster.replication.working_out import work_out
from tests.unit.replication.source_world import a_found, arm_id, network_raw, small_plan

HUB = arm_id("Microsoft.Network/virtualNetworks", "vnet-hub", "rg-hub")
PLAN = small_plan("db1", target={"region": "westus2", "network": HUB})


def of_hub(found):
    return [one for one in compare(work_out(PLAN, found), found) if one.name == "vnet-hub"]


def test_one_that_is_not_there_is_refused_and_not_made() -> None:
    wanted = work_out(PLAN, a_found())
    assert wanted.vms[0].recovery_network_id == HUB
    assert HUB not in [one.id for one in wanted.resources]
    (change,) = of_hub(a_found())
    assert (change.act, change.remedy) == (
        Act.REFUSE, "Make vnet-hub first, or correct the plan.",
    )  # fmt: skip


def test_one_that_is_there_serves_if_it_is_in_the_target_region() -> None:
    for region, act in (("westus2", Act.LEAVE), ("centralus", Act.REFUSE)):
        raw = network_raw("vnet-hub") | {"id": HUB, "location": region}
        found = a_found()
        found = replace(found, networks=(*found.networks, read_network(raw)))
        assert [one.act for one in of_hub(found)] == [act]
