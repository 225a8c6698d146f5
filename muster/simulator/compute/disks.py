"""Managed disks and snapshots: made empty, from each other or from an image; never shrunk."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, bad_request
from muster.simulator.arm.ids import same
from muster.simulator.arm.shape import Shape, keep
from muster.simulator.json_types import Json
from muster.simulator.world import World

DISK, SNAPSHOT = "Microsoft.Compute/disks", "Microsoft.Compute/snapshots"
FROM_IMAGE_GB = {"linux": 30, "windows": 127}
LARGEST_GB = 32_767
_FORM = {
    "creationData": {
        "createOption": str,
        "sourceResourceId": str,
        "sourceUri": str,
        "imageReference": {"id": str},
    },
    "diskSizeGB": int,
    "osType": str,
    "incremental": bool,
    "networkAccessPolicy": str,
}


def adopt(world: World, body: Json, before: Json | None) -> None:
    """Complete a disk or a snapshot that was PUT, and refuse one that cannot be."""
    properties = body["properties"]
    keep(body, before, ("timeCreated", "uniqueId", "diskState"))
    if before:
        _demand_change_possible(body, before)
    creation = properties.get("creationData") or {}
    source = _source(world, body, creation)
    size = properties.get("diskSizeGB") or (source or {}).get("diskSizeGB")
    if not size:
        raise bad_request("InvalidParameter", "Required parameter 'diskSizeGB' is missing (null).")
    if not 1 <= size <= LARGEST_GB:
        raise bad_request(
            "InvalidParameter",
            f"The value '{size}' of parameter 'diskSizeGB' is out of range. It has to lie between "
            f"1 and {LARGEST_GB}.",
        )
    if source and size < source["diskSizeGB"]:
        raise bad_request(
            "InvalidParameter", f"Disk {body['name']} cannot be smaller than its source."
        )
    for word in ("osType", "hyperVGeneration"):
        if source and word in source:
            properties.setdefault(word, source[word])
    properties["diskSizeGB"] = size
    properties["diskSizeBytes"] = size * 1024**3
    properties.setdefault("timeCreated", dates.offset(world.now))
    properties.setdefault("uniqueId", world.guid("disk", body["id"], world.now))
    properties.setdefault("diskState", "Unattached")
    properties.setdefault("networkAccessPolicy", "AllowAll")
    properties.setdefault("encryption", {"type": "EncryptionAtRestWithPlatformKey"})
    if before and "managedBy" in before:
        body["managedBy"] = before["managedBy"]
    name = str((body.get("sku") or {}).get("name") or "Standard_LRS")
    body["sku"] = {"name": name, "tier": name.partition("_")[0]}


def _demand_change_possible(body: Json, before: Json) -> None:
    """A disk keeps where it came from and never shrinks; an attached one may grow."""
    properties, had = body["properties"], before["properties"]
    properties.setdefault("diskSizeGB", had["diskSizeGB"])
    if properties["diskSizeGB"] < had["diskSizeGB"]:
        raise bad_request(
            "OperationNotAllowed",
            f"Disk {body['name']} has size {had['diskSizeGB']} GB, which is larger than the "
            f"requested disk size of {properties['diskSizeGB']} GB. Disk cannot be shrunk.",
        )
    creation = properties.get("creationData") or had["creationData"]
    if not same(str(creation.get("createOption")), str(had["creationData"]["createOption"])):
        raise AzureError(
            409,
            "PropertyChangeNotAllowed",
            "Changing property 'creationData.createOption' is not allowed.",
            [],
            target="creationData.createOption",
        )
    properties["creationData"] = had["creationData"] | {
        key: value for key, value in creation.items() if key == "createOption"
    }
    for word in ("osType", "hyperVGeneration"):
        if word in had:
            properties.setdefault(word, had[word])


def _source(world: World, body: Json, creation: Json) -> Json | None:
    """The properties of what a disk is copied from, if it is."""
    option = str(creation.get("createOption") or "")
    if not option:
        raise bad_request(
            "InvalidParameter",
            "Required parameter 'creationData.createOption' is missing (null).",
        )
    if option.lower() in ("empty", "fromimage", "attach"):
        if option.lower() == "fromimage":
            os = str(body["properties"].get("osType") or "Linux").lower()
            body["properties"].setdefault("diskSizeGB", FROM_IMAGE_GB.get(os, 127))
        return None
    if option.lower() != "copy":
        raise bad_request(
            "InvalidParameter",
            f"The value '{option}' of parameter 'creationData.createOption' is not served here.",
        )
    asked = str(creation.get("sourceResourceId") or "")
    source = world.resource(asked) if asked else None
    if source is None or source["type"] not in (DISK, SNAPSHOT):
        raise AzureError(404, "NotFound", f"Source resource '{asked}' is not found.")
    creation["sourceUniqueId"] = source["properties"].get("uniqueId")
    return dict(source["properties"])


def demand_unused(_: World, body: Json) -> None:
    """Refuse to delete a disk of a VM."""
    if body.get("managedBy"):
        raise AzureError(
            409,
            "OperationNotAllowed",
            f"Disk {body['name']} is attached to VM {body['managedBy']}.",
        )


SHAPE = Shape(
    form=_FORM,
    top={"sku": {"name": str}, "zones": [str]},
    adopt=adopt,
    demand_unused=demand_unused,
)
