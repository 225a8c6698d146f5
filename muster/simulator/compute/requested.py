"""What a client asks of a virtual machine: the form of its body, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.forms import REFERENCE, Form, named
from muster.simulator.arm.ids import same
from muster.simulator.compute.sizes import size_of
from muster.simulator.json_types import Json
from muster.simulator.world import World

_MANAGED: Form = {"id": str, "storageAccountType": str}
_DISK: Form = {
    "name": str,
    "createOption": str,
    "caching": str,
    "diskSizeGB": int,
    "deleteOption": str,
    "managedDisk": _MANAGED,
}
FORM: Form = {
    "hardwareProfile": {"vmSize": str},
    "storageProfile": {
        "imageReference": {"publisher": str, "offer": str, "sku": str, "version": str, "id": str},
        "osDisk": _DISK | {"osType": str},
        "dataDisks": [_DISK | {"lun": int}],
    },
    "osProfile": {
        "computerName": str,
        "adminUsername": str,
        "adminPassword": str,
        "windowsConfiguration": {},
        "linuxConfiguration": {"disablePasswordAuthentication": bool},
    },
    "networkProfile": {
        "networkInterfaces": [
            {"id": str, "properties": {"primary": bool, "deleteOption": str}},
        ]
    },
    "availabilitySet": REFERENCE,
    "proximityPlacementGroup": REFERENCE,
    "capacityReservation": {"capacityReservationGroup": REFERENCE},
}
_PLACES = {
    "availabilitySet": "Microsoft.Compute/availabilitySets",
    "proximityPlacementGroup": "Microsoft.Compute/proximityPlacementGroups",
}


def missing(parameter: str) -> AzureError:
    """Compute's words for what has to be there."""
    return invalid(f"Required parameter '{parameter}' is missing (null).", parameter)


def invalid(message: str, target: str) -> AzureError:
    """Compute's refusal of a parameter."""
    return AzureError(400, "InvalidParameter", message, target=target)


def demand_size(properties: Json) -> str:
    """The size a body asks for."""
    size = str((properties.get("hardwareProfile") or {}).get("vmSize") or "")
    if not size:
        raise missing("hardwareProfile.vmSize")
    if size_of(size) is None:
        raise invalid(
            f"The value {size} provided for the VM size is not valid. The valid sizes in the "
            "current region are told by locations/vmSizes.",
            "vmSize",
        )
    return size


def demand_nics(world: World, body: Json) -> list[Json]:
    """The NICs a VM asks for, its primary one first: free, in its region, none twice."""
    asked = (body["properties"].get("networkProfile") or {}).get("networkInterfaces") or []
    if not asked:
        raise missing("networkProfile.networkInterfaces")
    primary = [n for n in asked if (n.get("properties") or {}).get("primary")]
    if len(asked) > 1 and len(primary) != 1:
        raise invalid(
            "Virtual machine must have exactly one primary network interface.", "networkInterfaces"
        )
    asked = sorted(asked, key=lambda entry: entry not in primary)
    nics = [_demand_nic(world, body, str(entry.get("id") or "")) for entry in asked]
    if len({nic["id"] for nic in nics}) != len(nics):
        raise invalid("A network interface is named twice.", "networkInterfaces")
    return nics


def _demand_nic(world: World, body: Json, arm_id: str) -> Json:
    nic = world.resource(arm_id)
    if nic is None or not same(nic["type"], "Microsoft.Network/networkInterfaces"):
        raise AzureError(404, "NotFound", f"The entity was not found: '{arm_id}'.")
    if not same(str(nic.get("location")), str(body["location"])):
        raise bad_request(
            "InvalidResourceReference",
            f"Network interface {nic['id']} is not in the region of virtual machine {body['id']}.",
        )
    holder = named(nic["properties"], "virtualMachine")
    if holder and not same(holder, body["id"]):
        raise bad_request(
            "NicInUse",
            f"Network Interface {nic['id']} is used by existing resource {holder}.",
        )
    return nic


def demand_places(world: World, body: Json) -> None:
    """Sets and groups a VM asks to stand in: they exist, and go together."""
    properties = body["properties"]
    for word, kind in _PLACES.items():
        asked = named(properties, word)
        found = world.resource(asked) if asked else None
        if asked and (found is None or not same(found["type"], kind)):
            raise AzureError(404, "NotFound", f"The entity was not found: '{asked}'.")
    if named(properties, "availabilitySet") and body.get("zones"):
        raise invalid("A virtual machine cannot be in an availability set and in a zone.", "zones")
    reserved = named(properties.get("capacityReservation") or {}, "capacityReservationGroup")
    if reserved and world.resource(reserved) is None:
        raise AzureError(404, "NotFound", f"The entity was not found: '{reserved}'.")


def demand_system(properties: Json) -> None:
    """A VM from an image needs an osProfile, one from a disk may have none."""
    profile = properties.get("storageProfile") or {}
    option = str((profile.get("osDisk") or {}).get("createOption") or "")
    if not option:
        raise missing("storageProfile.osDisk.createOption")
    if same(option, "Attach"):
        if properties.get("osProfile"):
            raise invalid("Parameter 'osProfile' is not allowed.", "osProfile")
        return
    if not same(option, "FromImage"):
        raise invalid(
            f"The value '{option}' of parameter 'osDisk.createOption' is invalid.",
            "osDisk.createOption",
        )
    if not profile.get("imageReference"):
        raise missing("storageProfile.imageReference")
    system = properties.get("osProfile") or {}
    for word in ("computerName", "adminUsername"):
        if not system.get(word):
            raise missing(f"osProfile.{word}")


def system_of(properties: Json) -> str:
    """`linux` or `windows`, by what a body from an image says of it."""
    profile = properties.get("storageProfile") or {}
    told = str((profile.get("osDisk") or {}).get("osType") or "")
    if told:
        return told.lower()
    image = profile.get("imageReference") or {}
    words = " ".join(str(image.get(word) or "") for word in ("publisher", "offer", "id"))
    has_windows = "windows" in words.lower()
    return "windows" if has_windows or "windowsConfiguration" in _system(properties) else "linux"


def _system(properties: Json) -> Json:
    return properties.get("osProfile") or {}


def data_disks(properties: Json) -> Iterator[Json]:
    """The data disks a body asks for; no two at one lun."""
    seen: set[int] = set()
    for disk in (properties.get("storageProfile") or {}).get("dataDisks") or []:
        lun = disk.get("lun")
        if lun is None:
            raise missing("dataDisk.lun")
        if lun in seen:
            raise invalid(f"Two data disks have the lun {lun}.", "dataDisk.lun")
        seen.add(lun)
        yield disk
