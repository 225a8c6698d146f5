"""What jobs that fail items over tell of them, as recorded for plans [PS-RP]."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.ids import name_of
from muster.simulator.json_types import Json
from muster.simulator.world import World


def affected(world: World, item: Json) -> Json:
    """AffectedObjectDetails of a job about one item [PS-RP]."""
    return {
        "primaryVmId": item["entity"],
        "primaryVmName": item["vm_name"],
        "primaryVmmId": world.guid("fabric", item["fabric"]),
        "primaryVmmName": item["location"],
        "recoveryVmmId": world.guid("fabric", item["recovery_fabric"]),
        "recoveryVmmName": item["recovery_location"],
        "primaryFabricProviderId": "Azure",
        "recoveryFabricProviderId": "Azure",
    }


def protected_details(item: Json, job: Json, vm_name: str, network: str, subnet: str) -> Json:
    """One entry of protectedItemDetails, told at a failover's end [PS-RP]."""
    return {
        "name": item["entity"],
        "friendlyName": item["vm_name"],
        "testVmName": vm_name,
        "testVmFriendlyName": vm_name,
        "networkConnectionStatus": None,
        "networkFriendlyName": name_of(network),
        "subnet": subnet,
        "recoveryPointId": job["point"],
        "recoveryPointTime": dates.ticks(job["point_time"]),
    }
