"""How a protected item is kept: what it begins with, and what it takes over from its VM."""

from __future__ import annotations

import copy

from muster.simulator.arm.ids import name_of
from muster.simulator.asr import item_states
from muster.simulator.asr.item_faces import in_order
from muster.simulator.asr.item_nics import LANDING
from muster.simulator.json_types import Json
from muster.simulator.world import World

TARGET: Json = {
    "name": None,
    "size": None,
    "availability_set": None,
    "zone": None,
    "proximity_group": None,
    "scale_set": None,
    "capacity_group": None,
    "boot_diagnostics": None,
    "test_name": None,
}
"""How the recovered VM shall be: what is not None was chosen."""


def untouched(location: str, recovery_location: str) -> Json:
    """The keys of an item that nobody has tested, failed over or updated yet."""
    return {
        "leg": 0,  # how often it was reprotected
        "initial": {"location": location, "recovery_location": recovery_location},
        "tested": None,  # when a test failover last succeeded
        "counts": {"failover_test": 0, "cleanup": 0},  # of jobs by kind, so that durations vary
        "busy": None,  # see item_states.running
        "replicating": None,  # {since, until} while the first copy is made
        "test": copy.deepcopy(item_states.IDLE),
        "failover": copy.deepcopy(item_states.NOT_FAILED_OVER),
        "target": dict(TARGET),
        "landing": dict(LANDING),
        "own": dict(LANDING),
        "auto_protection": "Disabled",
        "pauses": [],  # [from, until]: see the module of that name
    }


def identifiers(world: World, name: str, group: str, *born: object) -> Json:
    """The GUIDs of an item. `born` tells apart items that bear a name one after another."""
    parts = (name, *born)
    return {
        "event": world.guid("event", *parts),
        "management": world.guid("management", *parts),
        "lifecycle": world.guid("lifecycle", *parts),
        "group": world.guid("group", group or name, *([] if group else born)),
    }


def kept_disk(disk_id: str, gb: int, recovery_group: str, storage: str, *, os: bool) -> Json:
    """A protected disk: what is replicated, through which cache account, to where."""
    name = name_of(disk_id)
    return {
        "id": disk_id,
        "name": name,
        "gb": gb,
        "os": os,
        "storage": storage,
        "recovery_group": recovery_group,
        "replica_name": f"{name}-ASRReplica",
        "replica_type": "Premium_LRS",
        "target_type": "Premium_LRS",
        "encryption_set": None,
        "original": None,  # id of the disk at home, after a reprotect
        "pending": False,  # added later, its first copy still being made
        "failover_name": None,
        "test_name": None,
    }


def source_facts(world: World, vm: Json) -> Json:
    """What an item knows of the VM it protects, read from ARM's bodies."""
    properties = vm["properties"]
    nics = [nic_facts(world, one) for one in in_order(vm)]
    machine = world.machines.get(vm["id"].lower()) or {}
    return {
        "vm": vm["id"],
        "vm_name": vm["name"],
        "os": str(properties["storageProfile"]["osDisk"].get("osType") or "Linux").lower(),
        "size": properties["hardwareProfile"]["vmSize"],
        "zone": next(iter(vm.get("zones") or ()), None),
        "tags": dict(vm.get("tags") or {}),
        "nic": nics[0],
        "more_nics": [_kept(nic) for nic in nics[1:]],
        "faults": machine.get("faults") or {},
        "guest": {
            "services": machine.get("services") or [],
            "scripts": machine.get("scripts") or [],
            "boot": machine.get("boot", 40.0),
        },
    }


def _kept(nic: Json) -> Json:
    """What an item keeps of one more NIC, which nobody set up yet."""
    return {"nic": nic, "landing": dict(LANDING), "own": dict(LANDING)}


def nic_facts(world: World, nic_id: str) -> Json:
    """What an item knows of a NIC: its first IP configuration. Others are not modelled."""
    nic = world.resource(nic_id)
    if nic is None:
        return {"id": nic_id, "name": name_of(nic_id), "config": "ipconfig1"} | _NOWHERE
    config = nic["properties"]["ipConfigurations"][0]
    placed = config["properties"]
    subnet = str((placed.get("subnet") or {}).get("id") or "")
    group = nic["properties"].get("networkSecurityGroup") or {}
    return {
        "id": nic["id"],
        "name": nic["name"],
        "config": config["name"],
        "subnet": name_of(subnet),
        "address": placed.get("privateIPAddress"),
        "static": placed.get("privateIPAllocationMethod") == "Static",
        "network": subnet.rpartition("/subnets/")[0],
        "security_group": group.get("id"),
    }


_NOWHERE: Json = {
    "subnet": "",
    "address": "",
    "static": False,
    "network": "",
    "security_group": None,
}


def disks_of(vm: Json) -> list[tuple[str, bool]]:
    """(disk id, whether it is the OS disk) of a VM's managed disks."""
    profile = vm["properties"]["storageProfile"]
    found = [
        (profile["osDisk"], True),
        *((disk, False) for disk in profile.get("dataDisks") or []),
    ]
    return [(str(disk["managedDisk"]["id"]), os) for disk, os in found if disk.get("managedDisk")]
