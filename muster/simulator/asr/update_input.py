"""What a PATCH of an item says, as changes to what the item keeps; absent keys change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from muster.simulator.arm.errors import bad_input
from muster.simulator.arm.ids import same
from muster.simulator.arm.networks import NETWORK
from muster.simulator.asr import item_nics, protection_input, update_checks
from muster.simulator.asr.item_faces import faces
from muster.simulator.asr.item_jobs import demand_a2a
from muster.simulator.asr.protection_input import Unfit
from muster.simulator.json_types import Json
from muster.simulator.world import World

# key of the input -> key of item_making.TARGET
_TARGET = {
    "recoveryAzureVMName": "name",
    "recoveryAzureVMSize": "size",
    "recoveryAvailabilitySetId": "availability_set",
}
_PROVIDER = {
    "tfoAzureVMName": "test_name",
    "recoveryAvailabilityZone": "zone",
    "recoveryProximityPlacementGroupId": "proximity_group",
    "recoveryVirtualMachineScaleSetId": "scale_set",
    "recoveryCapacityReservationGroupId": "capacity_group",
    "recoveryBootDiagStorageAccountId": "boot_diagnostics",
}
# key of a NIC or IP configuration -> key of item_nics.LANDING
_NIC_LANDING = {
    "recoveryNetworkSecurityGroupId": "security_group",
    "enableAcceleratedNetworkingOnRecovery": "accelerated",
    "recoveryNicName": "nic_name",
    "recoveryNicResourceGroupName": "nic_group",
    "reuseExistingNic": "reuse_nic",
    "selectionType": "selection",
}
_NIC_TEST = {
    "tfoNetworkSecurityGroupId": "security_group",
    "enableAcceleratedNetworkingOnTfo": "accelerated",
    "tfoNicName": "nic_name",
    "tfoNicResourceGroupName": "nic_group",
    "tfoReuseExistingNic": "reuse_nic",
}
_IP_LANDING = {
    "recoverySubnetName": "subnet",
    "recoveryStaticIPAddress": "address",
    "recoveryPublicIPAddressId": "public_ip",
    "recoveryLBBackendAddressPoolIds": "pools",
}
_IP_TEST = {
    "tfoSubnetName": "subnet",
    "tfoStaticIPAddress": "address",
    "tfoPublicIPAddressId": "public_ip",
    "tfoLBBackendAddressPoolIds": "pools",
}
_NO_TEXTS = ("accelerated", "reuse_nic", "pools")
_DISK = {
    "recoveryTargetDiskAccountType": "target_type",
    "recoveryReplicaDiskAccountType": "replica_type",
    "failoverDiskName": "failover_name",
    "tfoDiskName": "test_name",
}

_EVERY = _TARGET | _PROVIDER | _NIC_LANDING | _NIC_TEST | _IP_LANDING | _IP_TEST | _DISK
LISTS = frozenset(word for word, key in _EVERY.items() if key == "pools")
FLAGS = frozenset(word for word, key in _EVERY.items() if key in ("accelerated", "reuse_nic"))
WORDS = _EVERY.keys() - LISTS - FLAGS
"""The keys of an update by what they hold: lists of ids, true or false, texts."""


def changes(world: World, item: Json, given: Json) -> Json:
    """What to set in `target`, `landing`, `own`, in `nics` (those but the first) and `disks` by
    id, and in the item itself.

    Raises: AzureError, Unfit.
    """
    more = demand_a2a(given) if given.get("providerSpecificDetails") else {}
    found: Json = {
        "target": _taken(given, _TARGET) | _taken(more, _PROVIDER),
        "landing": {},
        "own": {},
        "nics": {},
        "disks": {},
        "item": {},
    }
    if network := given.get("selectedRecoveryAzureNetworkId"):
        found["item"]["recovery_network"] = _network(world, item, str(network))
    if network := given.get("selectedTfoAzureNetworkId"):
        found["own"]["network"] = _network(world, item, str(network))
    if group := more.get("recoveryResourceGroupId"):
        group_id = protection_input.resource(world, str(group), "resource group")["id"]
        found["item"]["recovery_group"] = group_id
    for nic in given.get("vmNics") or []:
        _add_nic(world, item, nic, found)
    for disk in more.get("managedDiskUpdateDetails") or []:
        found["disks"][_disk_id(item, str(disk.get("diskId")))] = _taken(disk, _DISK)
    _demand_texts(found)
    update_checks.demand_possible(world, item, found)
    return found


def _demand_texts(found: Json) -> None:
    """Names, ids and sizes are texts. Raises: AzureError 400."""
    nics = (part for nic in found["nics"].values() for part in nic.values())
    parts = (found["target"], found["landing"], found["own"], *nics, *found["disks"].values())
    for part in parts:
        for key, value in part.items():
            if key not in _NO_TEXTS and value is not None and not isinstance(value, str):
                raise bad_input(f"'{value}' has to be a text.")


def _taken(given: Mapping[str, Any], words: Mapping[str, str]) -> Json:
    return {words[key]: value for key, value in given.items() if key in words}


def _network(world: World, item: Json, network_id: str) -> str:
    found = protection_input.resource(world, network_id, "network")
    here = same(str(found["location"]), item["recovery_location"])
    if not same(found["type"], NETWORK) or not here:
        raise Unfit(f"The network '{network_id}' is not in {item['recovery_location']}.")
    return network_id


def _add_nic(world: World, item: Json, nic: Json, found: Json) -> None:
    """One entry of vmNics; the NIC goes by its internal GUID."""
    face = _face(world, item, str(nic.get("nicId")))
    part = found if face is item else {"landing": {}, "own": {}}
    if face is not item:
        found["nics"][face["nic"]["id"].lower()] = part
    part["landing"] |= _taken(nic, _NIC_LANDING)
    part["own"] |= _taken(nic, _NIC_TEST)
    for config in nic.get("ipConfigs") or []:
        if not same(str(config.get("ipConfigName")), face["nic"]["config"]):
            raise Unfit(f"The NIC has no IP configuration '{config.get('ipConfigName')}'.")
        for words, side in ((_IP_LANDING, "landing"), (_IP_TEST, "own")):
            taken = _taken(config, words)
            _demand_address(taken.get("address"))
            part[side] |= taken


def _face(world: World, item: Json, guid: str) -> Json:
    """The item as the NIC of a GUID has it. Raises: Unfit."""
    for face in faces(item):
        if same(guid, item_nics.nic_guid(world, face)):
            return face
    raise Unfit(f"The virtual machine has no NIC '{guid}'.")


def _demand_address(value: Any) -> None:
    try:
        if value:
            IPv4Address(value)
    except (AddressValueError, ValueError) as err:
        raise Unfit(f"'{value}' is not an IPv4 address.") from err


def _disk_id(item: Json, disk_id: str) -> str:
    known = next((disk["id"] for disk in item["disks"] if same(disk["id"], disk_id)), None)
    if known is None:
        raise Unfit(f"The disk '{disk_id}' is not replicated.")
    return str(known).lower()
