"""`protectedManagedDisks` of a protected item, key by key as recorded [CLI][PS-RPR]."""

from __future__ import annotations

from muster.simulator.asr import item_states, progress
from muster.simulator.json_types import Json
from muster.simulator.world import World

DISK = "Microsoft.Compute/disks"


def replica_id(disk: Json) -> str:
    """ARM id of a disk's replica in the recovery group."""
    return f"{disk['recovery_group']}/providers/{DISK}/{disk['replica_name']}"


def recovered_id(disk: Json) -> str:
    """ARM id of the disk that a failover makes of a replica."""
    return f"{disk['recovery_group']}/providers/{DISK}/{disk['failover_name'] or disk['name']}"


def body(world: World, item: Json, disk: Json, *, whole: bool) -> Json:
    """One disk; a list leaves its live state out [PS-RPR]."""
    return {
        "diskId": disk["id"].lower(),
        "recoveryResourceGroupId": disk["recovery_group"],
        **_targets(item, disk),
        "recoveryReplicaDiskAccountType": disk["replica_type"],
        "recoveryTargetDiskAccountType": disk["target_type"],
        "recoveryDiskEncryptionSetId": disk["encryption_set"],
        "primaryDiskEncryptionSetId": None,
        "diskName": disk["name"],
        "diskCapacityInBytes": disk["gb"] * 1024**3,
        "primaryStagingAzureStorageAccountId": disk["storage"],
        "diskType": "OperatingSystem" if disk["os"] else "Data",
        "resyncRequired": bool(disk.get("resync")),
        **_replication(world, item, disk, whole=whole),
        "isDiskEncrypted": False,
        "secretIdentifier": None,
        "dekKeyVaultArmId": None,
        "isDiskKeyEncrypted": False,
        "keyIdentifier": None,
        "kekKeyVaultArmId": None,
        "failoverDiskName": disk["failover_name"] or disk["name"],
        "tfoDiskName": disk["test_name"] or f"{disk['name']}-ASRtest",
    }


def _targets(item: Json, disk: Json) -> Json:
    """Replica, and what became of it: the replica is gone once a failover is committed."""
    failed_over = item["failover"]["vm"] is not None
    committed = item["protection_state"] == item_states.COMMITTED
    recovered = recovered_id(disk) if failed_over else None
    return {
        "recoveryTargetDiskId": recovered,
        "recoveryReplicaDiskId": "" if committed else replica_id(disk),
        # Azure's spelling. After a reprotect: the disk at home that the way back starts from.
        "recoveryOrignalTargetDiskId": recovered.lower() if recovered else disk["original"],
    }


def _replication(world: World, item: Json, disk: Json, *, whole: bool) -> Json:
    initial = disk["pending"] or item["protection_state"] in item_states.UNPROTECTED
    percent = progress.percent(world, item) if initial and not disk["pending"] else None
    state = "InitialReplicationPending" if initial else "Protected"
    return {
        "monitoringPercentageCompletion": percent,
        "monitoringJobType": None if percent is None else "InitialReplication",
        "dataPendingInStagingStorageAccountInMB": 0.0,
        "dataPendingAtSourceAgentInMB": 1.25 if whole and not initial else 0.0,
        "diskState": state if whole else None,
        "allowedDiskLevelOperation": [] if whole else None,
    }
