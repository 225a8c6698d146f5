"""`vmNics` of a protected item and the networks beside them, as recorded [CLI][PS-NIC]."""

from __future__ import annotations

from muster.simulator.asr import item_states
from muster.simulator.asr.item_faces import faces
from muster.simulator.json_types import Json
from muster.simulator.world import World

LANDING: Json = {
    "network": None,
    "subnet": None,
    "address": None,
    "public_ip": None,
    "security_group": None,
    "pools": None,
    "nic_name": None,
    "nic_group": None,
    "reuse_nic": False,
    "accelerated": None,
}
"""How a NIC lands, in a failover (`landing`) or a test (`own`): what is not None was chosen."""


def nic_guid(world: World, item: Json) -> str:
    """`nicId`: an internal GUID, by which an update names the NIC."""
    return world.guid("nic", item["nic"]["id"])


def recovery_subnet(item: Json) -> str:
    """Name of the subnet a failover wants: chosen, or the source's."""
    return str(item["landing"]["subnet"] or item["nic"]["subnet"])


def recovery_address(item: Json) -> str:
    """The address a failover wants; "" for any: chosen, or the source's if that is static."""
    chosen = item["landing"]["address"]
    if chosen is not None:
        return str(chosen)
    return str(item["nic"]["address"]) if item["nic"]["static"] else ""


def address_for_test(item: Json) -> str:
    """The address a test wants unless its own settings say: chosen for a failover, or the
    source's, static or not; "" for any.
    """
    chosen = item["landing"]["address"]
    return str(item["nic"]["address"] if chosen is None else chosen)


def bodies(world: World, item: Json) -> Json:
    """The networks and the NICs; an item without its first copy knows little of them [CLI]."""
    initial = item["protection_state"] in item_states.UNPROTECTED
    told = [] if initial and item["leg"] == 0 else faces(item)
    nics = [_nic(world, face, bare=initial) for face in told]
    return {
        "selectedRecoveryAzureNetworkId": None if initial else item["recovery_network"],
        "selectedTfoAzureNetworkId": item["own"]["network"],
        "vmNics": nics,
    }


def _nic(world: World, item: Json, *, bare: bool) -> Json:
    """The NIC; bare: as a reprotected item tells it before its first copy is made."""
    nic, own, landing = item["nic"], item["own"], item["landing"]
    return {
        "nicId": nic_guid(world, item),
        "replicaNicId": None,
        "sourceNicArmId": nic["id"].lower() if bare else nic["id"],
        "vMNetworkName": None if bare else nic["network"],  # Azure's spelling
        "recoveryVMNetworkId": item["recovery_network"],
        "ipConfigs": [_ip_config(item, bare=bare)],
        "selectionType": "NotSelected" if bare else landing.get("selection", _SELECTED),
        "recoveryNetworkSecurityGroupId": landing["security_group"],
        "enableAcceleratedNetworkingOnRecovery": bool(landing["accelerated"]),
        "tfoVMNetworkId": own["network"],
        "tfoNetworkSecurityGroupId": own["security_group"],
        "enableAcceleratedNetworkingOnTfo": own["accelerated"],
        "recoveryNicName": landing["nic_name"],
        "recoveryNicResourceGroupName": landing["nic_group"],
        "reuseExistingNic": landing["reuse_nic"],
        "tfoRecoveryNicName": own["nic_name"],
        "tfoRecoveryNicResourceGroupName": own["nic_group"],
        "tfoReuseExistingNic": own["reuse_nic"],
        "targetNicName": None,
    }


def _ip_config(item: Json, *, bare: bool) -> Json:
    nic, own, landing = item["nic"], item["own"], item["landing"]
    wanted = recovery_address(item)
    return {
        "name": None if bare else nic["config"],
        "isPrimary": True,
        "subnetName": None if bare else nic["subnet"],
        "staticIPAddress": None if bare else nic["address"],
        "ipAddressType": "Static" if nic["static"] else "Dynamic",
        "isSeletedForFailover": True,  # Azure's spelling
        "recoverySubnetName": recovery_subnet(item),
        "recoveryStaticIPAddress": wanted,
        "recoveryIPAddressType": "Static" if wanted else "Dynamic",
        "recoveryPublicIPAddressId": landing["public_ip"],
        "recoveryLBBackendAddressPoolIds": [] if bare else landing["pools"],
        "tfoSubnetName": own["subnet"],
        "tfoStaticIPAddress": own["address"],
        "tfoPublicIPAddressId": own["public_ip"],
        "tfoLBBackendAddressPoolIds": own["pools"],
    }


_SELECTED = "SelectedByUserOverride"
