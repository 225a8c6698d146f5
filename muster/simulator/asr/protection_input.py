"""What a request has to say to have a VM replicated, at first or back, and why it is refused.

Which code and which words Site Recovery has for each is UNCERTAIN; the form is a setting of the
world (`refusal`), since no recording shows one (FACTS 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import name_of, same
from muster.simulator.asr import vault_parts
from muster.simulator.asr.item_making import kept_disk
from muster.simulator.json_types import Json
from muster.simulator.world import World

STORAGE = "Microsoft.Storage/storageAccounts"


class Unfit(Exception):
    """The input cannot be followed; the text says why."""


def required(given: Mapping[str, Any], key: str) -> str:
    """A text that has to be there. Raises: AzureError 400."""
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise bad_input(f"{key} is required.")
    return value


def resource(world: World, arm_id: str, what: str) -> Json:
    """A resource that the input names. Raises: Unfit."""
    found = world.resource(arm_id)
    if found is None:
        raise Unfit(f"The {what} '{arm_id}' was not found.")
    return found


def recovery_container(world: World, source_id: str, container_id: str) -> Json:
    """The container to replicate to, which a mapping has to lead to. Raises: Unfit."""
    found = vault_parts.entry(world, container_id)
    if found is None:
        raise Unfit(f"The protection container '{container_id}' was not found.")
    if not vault_parts.is_mapped(world, source_id, container_id):
        raise Unfit(
            f"The protection container '{name_of(source_id)}' is not mapped to "
            f"'{name_of(container_id)}'."
        )
    return found


def policy(world: World, policy_id: str) -> Json:
    """The policy that the input names. Raises: Unfit."""
    found = vault_parts.entry(world, policy_id)
    if found is None:
        raise Unfit(f"The replication policy '{policy_id}' was not found.")
    return found


def disks(world: World, given: Any, held: Sequence[tuple[str, bool]], region: str) -> list[Json]:
    """The disks to replicate, OS disk first.

    Args:
        world: Where.
        given: `vmManagedDisks` of the input.
        held: (id, whether it is the OS disk) of all disks of the VM.
        region: Where the VM is, and so the cache accounts have to be.

    Raises: AzureError for what is no list of objects; Unfit.
    """
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise bad_input("vmManagedDisks has to be a list of disks.")
    kept = [_disk(world, one, held, region) for one in given]
    if len({disk["id"].lower() for disk in kept}) < len(kept):
        raise Unfit("A disk is named twice.")
    if not any(disk["os"] for disk in kept):
        raise Unfit("The OS disk of the virtual machine is not among the disks to replicate.")
    return sorted(kept, key=lambda disk: not disk["os"])


def added_disk(world: World, one: Json, held: Sequence[tuple[str, bool]], region: str) -> Json:
    """One more disk to replicate. Raises: AzureError, Unfit."""
    return _disk(world, one, held, region)


def _disk(world: World, one: Json, held: Sequence[tuple[str, bool]], region: str) -> Json:
    disk_id = required(one, "diskId")
    own = next(((known, os) for known, os in held if same(known, disk_id)), None)
    if own is None:
        raise Unfit(f"The disk '{disk_id}' is not attached to the virtual machine.")
    account = resource(
        world, required(one, "primaryStagingAzureStorageAccountId"), "cache storage account"
    )
    if not same(account["type"], STORAGE) or not same(account["location"], region):
        raise Unfit(f"The cache storage account '{account['name']}' is not in {region}.")
    group = resource(world, required(one, "recoveryResourceGroupId"), "resource group")
    body = world.resource(own[0])
    gb = int(body["properties"]["diskSizeGB"]) if body else 127
    kept = kept_disk(own[0], gb, group["id"], account["id"], os=own[1])
    for key, word in _CHOICES.items():
        kept[key] = one.get(word) or kept[key]
    return kept


_CHOICES = {
    "replica_type": "recoveryReplicaDiskAccountType",
    "target_type": "recoveryTargetDiskAccountType",
    "encryption_set": "recoveryDiskEncryptionSetId",
}
