"""Plans and sources at random, for which everything that is needed is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from muster.gateway.parse import parse_resource
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found, FoundStorage
from muster.replication.reading_places import read_network
from muster.replication.working_out import work_out
from tests.unit.replication.source_world import a_found, a_vm, arm_id, network_raw, small_plan

SIZES = ("Standard_D2s_v5", "Standard_E8s_v5")
GROUP = arm_id("Microsoft.Compute/availabilitySets", "avset")
PROXIMITY = arm_id("Microsoft.Compute/proximityPlacementGroups", "ppg")


@st.composite
def fleets(draw: st.DrawFn) -> tuple[RecoveryPlan, Found]:
    """Plans and sources of up to five VMs; what the plan names is there."""
    names = draw(st.lists(st.sampled_from(["db1", "web1", "app", "dc-1", "x.y"]), min_size=1,
                          max_size=5, unique=True))  # fmt: skip
    zonal = draw(st.booleans())
    vms, entries = [], []
    for name in names:
        skus = st.sampled_from(["Premium_LRS", "StandardSSD_LRS", "PremiumV2_LRS"])
        zone = draw(st.sampled_from(["1", "2", "3"] if zonal else [None, "1", "3"]))
        vms.append(
            a_vm(
                name,
                draw(st.sampled_from(["rg-small", "rg-other"])),
                network=draw(st.sampled_from(["vnet-small", "vnet-b"])),
                data_disks=draw(st.lists(skus, max_size=3)),
                zone=zone,
                size=draw(st.sampled_from(SIZES)),
                availability_set_id=None if zone else draw(st.sampled_from([None, GROUP])),
                proximity_group_id=draw(st.sampled_from([None, PROXIMITY])),
            )
        )
        nic = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "subnet": st.sampled_from(["data", "web"]),
                    "private_ip": st.just("77"),
                    "public_ip": st.booleans(),
                    "network_security_group": st.just("nsg"),
                    "backend_pools": st.just(["lb/pool"]),
                    "accelerated": st.booleans(),
                    "test": st.just({"subnet": "web", "private_ip": "10.1.1.3"}),
                },
            )
        )
        if "private_ip" in nic:  # of its subnet's range
            nic["private_ip"] = f"10.1.{int(nic.get('subnet') == 'web')}.{nic['private_ip']}"
        entry: dict[str, Any] = {"name": name, "resource_group": vms[-1].id.split("/")[4]}
        entry |= {"nics": [nic]} if draw(st.booleans()) else {}
        entry |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "size": st.sampled_from(SIZES),
                    "capacity_reservation": st.just("crg"),
                    "disks": st.just({"exclude": [f"{name}-data0"], "type": "Standard_LRS"}),
                },
            )
        )
        entries.append(entry)
    replication = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "policy": st.sampled_from(
                    [{"keep_recovery_points": "3d"}, {"app_consistent_every": "0m"}, {"name": "p"}]
                ),
                "suffix": st.sampled_from(["-dr", "-asr"]),
                "availability": st.just({"mirror": False}),
                "cache_storage": st.just("stours"),
            },
        )
    )
    target = {"region": "eastus" if zonal else draw(st.sampled_from(["westus2", "westus"]))}
    plan = small_plan(*entries, replication=replication, target=target)
    return plan, _with_needed(plan, a_found(*vms))


def _with_needed(plan: RecoveryPlan, found: Found) -> Found:
    """The world with its networks, and with what the plan names and has to be there."""
    networks = tuple(read_network(network_raw(name)) for name in ("vnet-small", "vnet-b"))
    found = replace(found, networks=networks)
    needed = work_out(plan, found).needed
    resources = [
        parse_resource({"id": one.id, "name": one.id.rpartition("/")[2]})
        for one in needed
        if "storageAccounts" not in one.id
    ]
    accounts = [
        FoundStorage(one.id, "stours", "eastus", "Standard_LRS", "StorageV2")
        for one in needed
        if "storageAccounts" in one.id
    ]
    return replace(
        found, resources=(*found.resources, *resources), storage=(*found.storage, *accounts)
    )
