"""What jobs that fail items over tell of them, as recorded for plans [PS-RP]."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.ids import name_of
from muster.simulator.asr.items import display
from muster.simulator.json_types import Json
from muster.simulator.world import World


def affected(world: World, item: Json) -> Json:
    """AffectedObjectDetails of a job about one item [PS-NIC][PS-RPR]."""
    return {
        "primaryVmId": item["entity"],
        "primaryVmName": item["vm_name"],
        "recoveryVmId": "",
        "recoveryVmName": item["target"]["name"] or item["vm_name"],
        "protectionProfileId": world.guid("policy", item["vault_id"], item["policy"]),
        "primaryCloudId": item["container_guid"],
        "primaryCloudName": item["container"],
        "recoveryCloudId": item["recovery_container_guid"],
        "recoveryCloudName": item["recovery_container"],
        "primaryVmmId": world.guid("fabric", item["fabric"]),
        "primaryVmmName": display(item["location"]),
        "recoveryVmmId": world.guid("fabric", item["recovery_fabric"]),
        "recoveryVmmName": display(item["recovery_location"]),
        "primaryFabricProviderId": "Azure",
        "recoveryFabricProviderId": "Azure",
    }


def plain(world: World, item: Json) -> Json:
    """CustomDetails of a job that has nothing more to tell [PS-NIC]."""
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": affected(world, item)}


def failover(world: World, item: Json) -> Json:
    """CustomDetails of a failover; its protectedItemDetails come at the end [PS-RP][PS-NIC]."""
    return {
        "instanceType": "FailoverJobDetails",
        "protectedItemDetails": [],
        "affectedObjectDetails": affected(world, item),
    }


def protected_details(
    item: Json, job: Json, vm_name: str | None, network: str, subnet: str
) -> Json:
    """One entry of protectedItemDetails, told at a failover's end [PS-RP].

    `vm_name`: of a test copy; None for a failover.
    """
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
