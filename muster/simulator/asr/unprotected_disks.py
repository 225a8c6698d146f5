"""Disks of a protected VM that nobody replicates: how an item tells of them.

Keys and the error are Microsoft's [SDK][DOC:azure-to-azure-troubleshoot-errors]; that it is a
warning at once is inferred.
"""

from __future__ import annotations

from muster.simulator.arm.ids import same
from muster.simulator.asr import item_states
from muster.simulator.json_types import Json
from muster.simulator.world import World

CODE = "153039"


def of(world: World, item: Json) -> list[Json]:
    """The data disks of the source VM, as it lists them, that are not among the item's."""
    source = world.resource(item["vm"])
    if source is None or item["protection_state"] != item_states.PROTECTED:
        return []
    attached = source["properties"]["storageProfile"].get("dataDisks") or []
    known = [disk["id"] for disk in item["disks"]]
    return [
        disk
        for disk in attached
        if disk.get("managedDisk")
        and not any(same(str(disk["managedDisk"].get("id")), each) for each in known)
    ]


def told(world: World, item: Json) -> list[Json] | None:
    """`unprotectedDisks`: null if there are none [CLI]."""
    found = [
        {"diskLunId": disk["lun"], "diskAutoProtectionStatus": item["auto_protection"]}
        for disk in of(world, item)
    ]
    return found or None
