"""Disks of a virtual machine: made with it, attached, detached, taken away with it."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm import bodies
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import name_of, same
from muster.simulator.compute.disks import DISK, FROM_IMAGE_GB
from muster.simulator.compute.requested import data_disks, invalid, missing
from muster.simulator.json_types import Json
from muster.simulator.world import World


def os_disk(world: World, body: Json, system: str) -> Json:
    """The OS disk of a new VM: found or made (not yet stored); its entry is completed."""
    entry = body["properties"]["storageProfile"]["osDisk"]
    if same(entry["createOption"], "Attach"):
        disk = _found(world, body, entry)
        system = str(disk["properties"].get("osType") or entry.get("osType") or "")
        if not system:
            raise missing("storageProfile.osDisk.osType")
        entry["osType"] = system.capitalize()
    else:
        size = entry.get("diskSizeGB") or FROM_IMAGE_GB.get(system, 127)
        digits = world.guid("osdisk", body["id"], world.now).replace("-", "")
        name = entry.setdefault("name", f"{body['name']}_OsDisk_1_{digits}")
        disk = _made(world, body, entry, name, size, system)
        entry["osType"] = system.capitalize()
    return _complete(entry, disk)


def wanted_data_disks(world: World, body: Json) -> Iterator[Json]:
    """The data disks of a VM as asked for: found or made; their entries are completed."""
    for entry in data_disks(body["properties"]):
        option = str(entry.get("createOption") or "")
        named = str((entry.get("managedDisk") or {}).get("id") or "")
        if same(option, "Attach") or (named and world.resource(named) is not None):
            disk = _found(world, body, entry)
        elif same(option, "Empty"):
            if not entry.get("diskSizeGB"):
                raise missing("dataDisk.diskSizeGB")
            name = entry.setdefault("name", f"{body['name']}_DataDisk_{entry['lun']}")
            disk = _made(world, body, entry, name, entry["diskSizeGB"], None)
        else:
            raise invalid(
                f"The value '{option}' of parameter 'dataDisk.createOption' is not served here.",
                "dataDisk.createOption",
            )
        yield _complete(entry, disk)


def attach(world: World, vm_id: str, disk: Json) -> None:
    """A VM has a disk now."""
    disk["managedBy"] = vm_id
    disk["properties"]["diskState"] = "Attached"
    world.put(disk)


def detach(world: World, disk_id: str) -> None:
    """A VM lets go of a disk."""
    if disk := world.resource(disk_id):
        disk.pop("managedBy", None)
        disk["properties"]["diskState"] = "Unattached"


def entries(vm: Json) -> list[Json]:
    """A VM's disks as its body tells them: the OS disk first."""
    profile = vm["properties"]["storageProfile"]
    return [profile["osDisk"], *(profile.get("dataDisks") or [])]


def vm_gone(world: World, vm: Json) -> None:
    """What goes with a VM: NICs and disks that say `deleteOption: Delete`.

    A system disk that stays remembers its guest: a VM that is made of it boots the same system.
    """
    machine = world.machines.get(vm["id"].lower())
    os_disk = entries(vm)[0]
    kept = world.resource(str((os_disk.get("managedDisk") or {}).get("id") or ""))
    if machine and kept is not None:
        words = ("os", "services", "scripts", "boot", "data_as_of", "writer")
        kept["_guest"] = {word: machine[word] for word in words}
    for entry in entries(vm):
        if same(str(entry.get("deleteOption")), "Delete"):
            world.remove(str((entry.get("managedDisk") or {}).get("id") or ""))
    for nic in (vm["properties"].get("networkProfile") or {}).get("networkInterfaces") or []:
        if same(str((nic.get("properties") or {}).get("deleteOption")), "Delete"):
            world.remove(str(nic.get("id")))


def _found(world: World, body: Json, entry: Json) -> Json:
    named = str((entry.get("managedDisk") or {}).get("id") or "")
    if not named:
        raise missing("disk.managedDisk.id")
    disk = world.resource(named)
    if disk is None or not same(disk["type"], DISK):
        raise AzureError(404, "ResourceNotFound", f"The Resource '{named}' was not found.")
    holder = disk.get("managedBy")
    if holder and not same(str(holder), body["id"]):
        raise AzureError(
            409,
            "ConflictingUserInput",
            f"Disk '{disk['name']}' cannot be attached as the disk is already owned by VM "
            f"'{holder}'.",
        )
    if not same(str(disk.get("location")), str(body["location"])):
        raise invalid(
            f"Disk {disk['name']} is in {disk.get('location')}, not in {body['location']}.",
            "managedDisk.id",
        )
    return disk


def _made(world: World, body: Json, entry: Json, name: str, size: int, system: str | None) -> Json:
    group = body["id"].partition("/providers/")[0]
    disk = bodies.disk(world, f"{group}/providers/{DISK}/{name}", body["location"], size, system)
    sku = str((entry.get("managedDisk") or {}).get("storageAccountType") or "Premium_LRS")
    disk["sku"] = {"name": sku, "tier": sku.partition("_")[0]}
    if system:
        disk["properties"]["creationData"] = {"createOption": "FromImage"}
    if (taken := world.resource(disk["id"])) is not None:
        if system is None and same(str(taken.get("managedBy")), body["id"]):
            return taken  # the same disk again
        raise AzureError(
            409, "ConflictingUserInput", f"Disk {taken['name']} already exists in this group."
        )
    return disk


def _complete(entry: Json, disk: Json) -> Json:
    entry["name"] = name_of(disk["id"])
    entry.setdefault("caching", "None" if "lun" in entry else "ReadWrite")
    entry.setdefault("deleteOption", "Detach")
    entry["diskSizeGB"] = disk["properties"]["diskSizeGB"]
    entry["managedDisk"] = {"storageAccountType": disk["sku"]["name"], "id": disk["id"]}
    return disk
