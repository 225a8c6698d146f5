"""ARM bodies of what the simulator makes itself: VMs, NICs, disks, networks."""

from __future__ import annotations

from typing import Any

from muster.simulator import dates
from muster.simulator.arm.ids import name_of
from muster.simulator.json_types import Json
from muster.simulator.world import World


def resource(
    world: World, arm_id: str, arm_type: str, location: str | None, properties: Json, **more: Any
) -> Json:
    """Any resource; `more` are further top-level keys (tags, sku …)."""
    body: Json = {
        "name": name_of(arm_id),
        "id": arm_id,
        "type": arm_type,
        "tags": {},
        "properties": {"provisioningState": "Succeeded"} | properties,
        "_created": world.now,
    }
    if location:
        body["location"] = location
    return body | {key: value for key, value in more.items() if value is not None}


def vm(
    world: World,
    arm_id: str,
    location: str,
    size: str,
    os: str,
    disks: list[Json],
    nic_id: str,
    tags: dict[str, str],
    *,
    guid: str,
    copied: bool,
) -> Json:
    """A VM; a copied one has attached disks, no osProfile and no image [CLI]."""
    attached = [_attached(disk, copied=copied) for disk in disks]
    properties: Json = {
        "vmId": guid,
        "hardwareProfile": {"vmSize": size},
        "storageProfile": {
            "osDisk": {"osType": os.capitalize()} | attached[0],
            "dataDisks": [{"lun": n} | disk for n, disk in enumerate(attached[1:])],
        },
        "networkProfile": {"networkInterfaces": [{"id": nic_id, "properties": {"primary": True}}]},
        "timeCreated": dates.offset(world.now),
    }
    if not copied:
        properties["osProfile"] = {
            "computerName": name_of(arm_id),
            "adminUsername": "azureuser",
            "secrets": [],
            "allowExtensionOperations": True,
        }
    return resource(
        world, arm_id, "Microsoft.Compute/virtualMachines", location, properties, tags=tags
    )


def _attached(disk: Json, *, copied: bool) -> Json:
    return {
        "name": disk["name"],
        "createOption": "Attach" if copied else "FromImage",
        "caching": "ReadWrite",
        "managedDisk": {"storageAccountType": disk["sku"]["name"], "id": disk["id"]},
        "deleteOption": "Detach",
        "diskSizeGB": disk["properties"]["diskSizeGB"],
    }


def stand_in_zone(zone: str, *resources: Json) -> None:
    """Have resources stand in an availability zone."""
    for body in resources:
        body["zones"] = [zone]


def disk(
    world: World,
    arm_id: str,
    location: str,
    gb: int,
    os: str | None,
    *,
    vm_id: str | None = None,
    tags: dict[str, str] | None = None,
) -> Json:
    """A managed disk, attached to a VM or not."""
    properties: Json = {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": gb,
        "diskState": "Attached" if vm_id else "Unattached",
        "timeCreated": dates.offset(world.now),
        "uniqueId": world.guid("disk", arm_id, world.now),
        "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
    }
    if os:
        properties |= {"osType": os.capitalize(), "hyperVGeneration": "V1"}
    return resource(
        world,
        arm_id,
        "Microsoft.Compute/disks",
        location,
        properties,
        sku={"name": "Premium_LRS", "tier": "Premium"},
        managedBy=vm_id,
        tags=tags or {},
    )


def nic(
    world: World,
    arm_id: str,
    location: str,
    config: str,
    subnet_id: str,
    address: str,
    *,
    static: bool,
    vm_id: str | None = None,
    tags: dict[str, str] | None = None,
    public_ip: str | None = None,
    security_group: str | None = None,
) -> Json:
    """A network interface with one IP configuration."""
    properties: Json = {
        "resourceGuid": world.guid("nic", arm_id, world.now),
        "ipConfigurations": [
            {
                "name": config,
                "id": f"{arm_id}/ipConfigurations/{config}",
                "etag": world.etag(),
                "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                "properties": _placed(subnet_id, address, public_ip, static=static),
            }
        ],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "macAddress": mac(world.guid("mac", arm_id)),
        "enableAcceleratedNetworking": False,
        "enableIPForwarding": False,
        "primary": True,
        "nicType": "Standard",
    }
    for word, named in (("virtualMachine", vm_id), ("networkSecurityGroup", security_group)):
        if named:
            properties[word] = {"id": named}
    kind = "Microsoft.Network/networkInterfaces"
    return resource(world, arm_id, kind, location, properties, etag=world.etag(), tags=tags or {})


def _placed(subnet_id: str, address: str, public_ip: str | None, *, static: bool) -> Json:
    placed: Json = {
        "provisioningState": "Succeeded",
        "privateIPAddress": address,
        "privateIPAllocationMethod": "Static" if static else "Dynamic",
        "privateIPAddressVersion": "IPv4",
        "subnet": {"id": subnet_id},
        "primary": True,
    }
    return placed | {"publicIPAddress": {"id": public_ip}} if public_ip else placed


def mac(guid: str) -> str:
    """An address of Microsoft's, with an ending of its own."""
    digits = guid[:6].upper()
    return "-".join(("00", "0D", "3A", digits[:2], digits[2:4], digits[4:]))
