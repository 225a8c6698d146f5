"""Where the plan says that a source VM is: in the source's group, or in a group of its own."""

from __future__ import annotations

import pytest

from muster.errors import NotOwned
from muster.journal.events import EventKind
from muster.steps.guard import own_copy
from muster.steps.isolation.public_addresses import public_addresses_let_out_to
from muster.steps.items import source_vm_id
from tests.builders import a_plan, group_data, plan_data
from tests.fakes.world import SUBSCRIPTION, a_resource
from tests.unit.steps.drilling import Drill

FAR = "/subscriptions/7c0e0000-0000-0000-0000-000000000002/resourceGroups/rg-far"


async def drill_of(*vms: object, **keys: object) -> Drill:
    return await Drill.begin(a_plan(groups=[group_data("all", list(vms))], **keys))


async def test_a_vm_is_where_the_plan_says() -> None:
    drill = await drill_of(
        "db1",
        {"name": "near", "resource_group": "rg-near"},
        {"name": "far", "resource_group": FAR},
    )
    machines = "providers/Microsoft.Compute/virtualMachines"
    here = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
    assert source_vm_id(drill.run, "db1") == f"{here}/rg-small/{machines}/db1"
    assert source_vm_id(drill.run, "near") == f"{here}/rg-near/{machines}/near"
    assert source_vm_id(drill.run, "far") == f"{FAR}/{machines}/far"


async def test_a_source_vm_of_another_group_is_never_taken_for_a_copy() -> None:
    drill = await drill_of({"name": "db1", "resource_group": FAR})
    source = source_vm_id(drill.run, "db1")
    data = {"what": "owned", "vm": "db1", "ids": [source], "vm_id": source, "nic_ids": []}
    await drill.run.journal.append(EventKind.OBSERVED, data)
    with pytest.raises(NotOwned, match="source VM"):
        own_copy(drill.run, "db1")


async def test_public_addresses_of_a_vms_own_group_are_productions() -> None:
    drill_keys = {**plan_data()["drill"], "egress": ["20.10.0.0/24"]}
    drill = await drill_of({"name": "db1", "resource_group": "rg-near"}, drill=drill_keys)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-near"
    kind = "Microsoft.Network/publicIPAddresses"
    address = f"{group}/providers/{kind}/pip"
    drill.world.add(a_resource(group, "Microsoft.Resources/resourceGroups"))
    drill.world.add(a_resource(address, kind, ipAddress="20.10.0.7"))
    hops = await public_addresses_let_out_to(drill.run, "/network")
    assert [(hop.verdict, address in hop.evidence) for hop in hops] == [("reaches", True)]
