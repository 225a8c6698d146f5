"""What a test failover makes in the fake world and its cleanup removes: VM, NIC, disks."""

from __future__ import annotations

from datetime import datetime

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import ProtectedItem, Resource, VirtualMachine
from tests.fakes.world import FakeWorld, Placement, a_resource


def make_copy(world: FakeWorld, item: ProtectedItem, network: str, at: datetime) -> None:
    """Bring the test copy up; the item's own settings and the placement knob win over the call."""
    if item.friendly_name in world.no_copies:
        return
    where = world.placements.get(item.friendly_name, Placement())
    ids = _ids(item)
    network = where.network or item.test_network_id or network
    config = item.nics[0].ip_configs[0]
    nic = a_resource(
        ids["nic"],
        "Microsoft.Network/networkInterfaces",
        location=item.recovery_fabric_location,
        virtualMachine={"id": ids["vm"]},
        **({"networkSecurityGroup": {"id": where.nsg}} if where.nsg else {}),
        ipConfigurations=[
            {
                "name": config.name,
                "properties": {
                    "primary": True,
                    "privateIPAddress": where.ip or config.static_ip,
                    "subnet": {"id": f"{network}/subnets/{where.subnet or config.subnet}"},
                    **({"publicIPAddress": {"id": ids["ip"]}} if where.public_ip else {}),
                },
            }
        ],
    )
    world.add(nic)
    for disk in ids["disks"].split():
        world.add(_disk(disk, ids["vm"], item.recovery_fabric_location))
    size = where.size or item.recovery_size or "Standard_D2s_v5"
    world.vms[key_of(ids["vm"])] = VirtualMachine(
        id=ids["vm"], name=item.test_vm_name, location=item.recovery_fabric_location, size=size,
        os=item.os, provisioning_state="Succeeded", power_state="running", agent_ready=None,
        agent_status=None, created_at=at, nic_ids=(ids["nic"],),
        disk_ids=tuple(ids["disks"].split()), tags={}, raw={"id": ids["vm"]},
    )  # fmt: skip


def remove_copy(world: FakeWorld, item: ProtectedItem) -> None:
    """Remove it, unless the knob says that it stays."""
    if item.friendly_name in world.left_overs:
        return
    ids = _ids(item)
    world.vms.pop(key_of(ids["vm"]), None)
    for gone in (ids["nic"], *ids["disks"].split()):
        world.resources.pop(key_of(gone), None)


def _ids(item: ProtectedItem) -> dict[str, str]:
    group = item.recovery_resource_group_id
    nic = parse_id(item.nics[0].source_nic_id or "").name
    compute = f"{group}/providers/Microsoft.Compute"
    return {
        "vm": f"{compute}/virtualMachines/{item.test_vm_name}",
        "nic": f"{group}/providers/Microsoft.Network/networkInterfaces/{nic}-test",
        "ip": f"{group}/providers/Microsoft.Network/publicIPAddresses/{item.test_vm_name}-ip",
        "disks": " ".join(f"{compute}/disks/{name}" for name in item.test_disk_names),
    }


def _disk(disk_id: str, vm_id: str, location: str) -> Resource:
    made = a_resource(disk_id, "Microsoft.Compute/disks", location=location, diskState="Attached")
    return Resource(
        made.id, made.name, made.type, made.location, {}, made.properties,
        {**made.raw, "managedBy": vm_id},
    )  # fmt: skip
