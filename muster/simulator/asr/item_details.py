"""The A2A part of a protected item's body, key by key as recorded [CLI][PS-RPR]."""

from __future__ import annotations

from dataclasses import dataclass

from muster.simulator import dates
from muster.simulator.asr import (
    item_disks,
    item_nics,
    item_states,
    pauses,
    progress,
    unprotected_disks,
)
from muster.simulator.durations import DAY, spread
from muster.simulator.json_types import Json
from muster.simulator.world import World

SINCE_2024 = "2024-10-01"  # recorded with the further keys; 2022-08-01 is recorded without


@dataclass(frozen=True, slots=True)
class Telling:
    """How a body is told: for which api-version, and whether by GET (whole) or in a list."""

    version: str = ""
    whole: bool = True


def rpo(world: World, item: Json) -> tuple[int, float]:
    """Seconds of loss if the source went now, and when that was worked out: once a minute.

    What was worked out last stays after a failover [PS-RPR].
    """
    now = item["failover"]["stopped"] or world.now
    minute, measured = _minute(world, item, now)
    for happens in world.faults.meet("replication", "*", vm=item["vm_name"]):
        if happens.replication.rpo is not None:
            return int(happens.replication.rpo), measured
    paused = pauses.since(world, item)
    if paused is None or paused >= measured:
        return _usual_rpo(world, item, minute), measured
    before = _usual_rpo(world, item, _minute(world, item, paused)[0])
    return before + int(measured - paused), measured


def pending_until(world: World, item: Json) -> float:
    """Up to which moment a failover to "Latest" has data, once what is pending is processed.

    How close that comes to now is guessed; nothing is pending of a source that gives no more.
    """
    seconds, measured = rpo(world, item)
    paused = pauses.since(world, item)
    if paused is not None and paused < measured:
        return paused
    return measured - seconds / 2


def _minute(world: World, item: Json, now: float) -> tuple[int, float]:
    """The minute that an RPO was last worked out in, and when in it."""
    minute = int(now // 60)
    measured = minute * 60 + 20 * spread(world.seed, "rpo", item["name"])
    return (minute, measured) if measured <= now else (minute - 1, measured - 60)


def _usual_rpo(world: World, item: Json, minute: int) -> int:
    return int(item["rpo"] * (0.7 + 0.6 * spread(world.seed, item["name"], minute)))


def _heartbeat(world: World, item: Json) -> float:
    """When the agent was last heard: not since its VM has no power, or is gone."""
    beat = rpo(world, item)[1] - 4
    silent = pauses.source_silent_since(world, item)
    return beat if silent is None else min(beat, silent)


def details(world: World, item: Json, telling: Telling) -> Json:
    """`providerSpecificDetails`."""
    return {
        "instanceType": "A2A",
        **_names(world, item),
        "protectedManagedDisks": [
            item_disks.body(world, item, disk, whole=telling.whole) for disk in item["disks"]
        ],
        **_recovery(item),
        **item_nics.bodies(world, item),
        **_agent(world, item, telling),
        **_protection(world, item, telling),
        **_placement(item, telling),
    }


def _names(world: World, item: Json) -> Json:
    return {
        "fabricObjectId": item["vm"].lower(),
        "initialPrimaryZone": item["initial"].get("zone") or "",
        "initialPrimaryFabricLocation": item["initial"]["location"],
        "initialRecoveryZone": item["initial"].get("recovery_zone") or "",
        "initialPrimaryExtendedLocation": None,
        "initialRecoveryExtendedLocation": None,
        "initialRecoveryFabricLocation": item["initial"]["recovery_location"],
        "multiVmGroupId": item["ids"]["group"],
        "multiVmGroupName": item["multi_vm_group"],
        "multiVmGroupCreateOption": "UserSpecified" if item["multi_vm_group"] else "AutoCreated",
        "managementId": item["ids"]["management"],
        "protectedDisks": None,
        "unprotectedDisks": unprotected_disks.told(world, item),
    }


def _recovery(item: Json) -> Json:
    target = item["target"]
    return {
        "recoveryBootDiagStorageAccountId": target["boot_diagnostics"],
        "primaryFabricLocation": item["location"],
        "recoveryFabricLocation": item["recovery_location"],
        "osType": item["os"].capitalize(),
        "recoveryAzureVMSize": target["size"] or item["size"],
        "recoveryAzureVMName": target["name"] or item["vm_name"],
        "recoveryAzureResourceGroupId": item["recovery_group"],
        "recoveryCloudService": None,
        "recoveryAvailabilitySet": target["availability_set"],
    }


def _agent(world: World, item: Json, telling: Telling) -> Json:
    """What the agent in the source VM told last."""
    state, initial = item["protection_state"], item["protection_state"] in item_states.UNPROTECTED
    percent = progress.percent(world, item)
    agent = item.get("agent") or {}
    never = dates.NO_EXPIRY + ("Z" if telling.version >= SINCE_2024 else "")
    ends = agent.get("expires")
    told = {
        "vmSyncedConfigDetails": {
            "tags": {} if initial and item["leg"] == 0 else item["tags"],
            "inputEndpoints": [],
        },
        "monitoringPercentageCompletion": percent,
        "monitoringJobType": None if percent is None else "InitialReplication",
        "lastHeartbeat": dates.ticks(_heartbeat(world, item)),
        "agentVersion": "9.62.7172.1",
        "agentExpiryDate": never if ends is None else dates.whole(ends),
        "isReplicationAgentUpdateRequired": bool(agent.get("update_required")),
    }
    if state == item_states.PROTECTED:  # else the key is missing
        usual = item["protected_since"] + 3 * 365 * DAY
        expires = agent.get("certificate_expires") or usual
        told["agentCertificateExpiryDate"] = dates.whole(expires)
    return told | {"isReplicationAgentCertificateUpdateRequired": False}


def _protection(world: World, item: Json, telling: Telling) -> Json:
    initial = item["protection_state"] in item_states.UNPROTECTED
    state, description = item_states.vm_protection(item)
    seconds, measured = rpo(world, item)
    recovered = item["failover"]["vm"]
    told = {
        "recoveryFabricObjectId": recovered.lower() if recovered else None,
        "vmProtectionState": state,
        "vmProtectionStateDescription": description,
        "lifecycleId": None if initial else item["ids"]["lifecycle"],
        "testFailoverRecoveryFabricObjectId": item["test"]["vm"],
        "rpoInSeconds": None if initial else seconds,
        "lastRpoCalculatedTime": None if initial else dates.ticks(measured),
    }
    return told | ({"rtoInSeconds": None} if telling.version >= SINCE_2024 else {})


def _placement(item: Json, telling: Telling) -> Json:
    target = item["target"]
    told = {
        "primaryAvailabilityZone": item.get("zone"),
        "recoveryAvailabilityZone": target["zone"],
        "primaryExtendedLocation": None,
        "recoveryExtendedLocation": None,
        "vmEncryptionType": "NotEncrypted",
        "tfoAzureVMName": target["test_name"] or f"{item['vm_name']}-test",
        "recoveryAzureGeneration": "V1",
        "recoveryProximityPlacementGroupId": target["proximity_group"],
        "autoProtectionOfDataDisk": item["auto_protection"],
        "recoveryVirtualMachineScaleSetId": target["scale_set"],
        "recoveryCapacityReservationGroupId": target["capacity_group"],
    }
    return told | ({"churnOptionSelected": "Normal"} if telling.version >= SINCE_2024 else {})
