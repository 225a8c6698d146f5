"""What goes over the wire to protect a VM and to set it up: Azure's words for what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from muster.gateway.ids import same_id
from muster.gateway.values import Json, ProtectedItem
from muster.replication.item_details import details_of
from muster.replication.part_ids import container_id, policy_id
from muster.replication.wanted import CardWanted, DiskWanted, IpWanted, VmWanted, Wanted

_A2A = "A2A"


def enable_input(wanted: Wanted, vm: VmWanted) -> dict[str, Any]:
    """The properties of the PUT that enables a VM's replication."""
    details = {
        "instanceType": _A2A,
        "fabricObjectId": vm.source_vm_id,
        "recoveryContainerId": container_id(wanted, wanted.target),
        "recoveryResourceGroupId": vm.recovery_group_id,
        "recoveryAzureNetworkId": vm.recovery_network_id,
        "recoverySubnetName": vm.recovery_subnet,
        "vmManagedDisks": [disk_input(disk) for disk in vm.disks],
        "recoveryAvailabilitySetId": vm.availability_set_id,
        "multiVmGroupName": vm.consistency_group,
        **_placement(vm),
    }
    return {"policyId": policy_id(wanted), "providerSpecificDetails": _without_none(details)}


def disk_input(disk: DiskWanted) -> dict[str, Any]:
    """One disk that is to be replicated, at first or added later."""
    return _without_none(
        {
            "diskId": disk.id,
            "primaryStagingAzureStorageAccountId": disk.cache_storage_id,
            "recoveryResourceGroupId": disk.recovery_group_id,
            "recoveryReplicaDiskAccountType": disk.replica_type,
            "recoveryTargetDiskAccountType": disk.target_type,
            "recoveryDiskEncryptionSetId": disk.encryption_set_id,
        }
    )


def missing_disks(vm: VmWanted, item: ProtectedItem) -> tuple[DiskWanted, ...]:
    """Disks that are wanted and not replicated: added to the VM after it was protected."""
    held = item.source_disk_ids
    return tuple(disk for disk in vm.disks if not any(same_id(disk.id, one) for one in held))


def unknown_cards(vm: VmWanted, item: ProtectedItem) -> tuple[str, ...]:
    """Ids of cards that are wanted and that the item does not have."""
    return tuple(
        card.source_nic_id
        for card in vm.cards
        if _card_of(item, card.source_nic_id) is None and _says_anything(card)
    )


def unknown_addresses(vm: VmWanted, item: ProtectedItem) -> tuple[str, ...]:
    """IP configurations that are wanted and that the item's card does not have, CARD/NAME each.

    They were added or renamed since; Azure keeps those of the enabling. Of a card that tells
    none of its own nothing is known.
    """
    found = []
    for card in vm.cards:
        has = _configs_of(_card_of(item, card.source_nic_id) or {})
        names = dict.fromkeys(ip.name for ip in (*card.ips, *card.test_ips))
        last = card.source_nic_id.rpartition("/")[2]
        found += [f"{last}/{name}" for name in names if has and name.casefold() not in has]
    return tuple(found)


def settings_input(vm: VmWanted, item: ProtectedItem) -> dict[str, Any]:
    """The properties of the PATCH that makes an item's settings those that are wanted.

    A card goes by the GUID that only the item knows it by; one that the item does not have is
    left out (see `unknown_cards`). What the plan leaves to Azure is not sent.
    """
    cards = [
        _card_input(card, told)
        for card in vm.cards
        if (told := _card_of(item, card.source_nic_id)) is not None and _says_anything(card)
    ]
    test_networks = [card.test_network_id for card in vm.cards if card.test_network_id]
    return _without_none(
        {
            "recoveryAzureVMSize": vm.size,
            "selectedRecoveryAzureNetworkId": vm.recovery_network_id,
            "selectedTfoAzureNetworkId": test_networks[0] if test_networks else None,
            "recoveryAvailabilitySetId": vm.availability_set_id,
            "vmNics": cards or None,
            "providerSpecificDetails": _without_none(
                {
                    "instanceType": _A2A,
                    **_placement(vm),
                    "managedDiskUpdateDetails": _disk_changes(vm, item) or None,
                }
            ),
        }
    )


def differing(asked: Json, item: ProtectedItem) -> tuple[str, ...]:
    """Which of the settings that are asked for the item does not have, by Azure's names."""
    told = details_of(item)
    found = [
        name
        for name, key in _TOLD_AS.items()
        if name in asked and not _same(asked[name], told.get(key))
    ]
    for name, value in asked.get("providerSpecificDetails", {}).items():
        if name == "managedDiskUpdateDetails":
            found += _differing_of_disks(value, item)
        elif name != "instanceType" and not _same(value, told.get(name)):
            found.append(name)
    for card in asked.get("vmNics", []):
        found += _differing_of_card(card, told)
    return tuple(dict.fromkeys(found))


_TOLD_AS = {
    "recoveryAzureVMSize": "recoveryAzureVMSize",
    "selectedRecoveryAzureNetworkId": "selectedRecoveryAzureNetworkId",
    "selectedTfoAzureNetworkId": "selectedTfoAzureNetworkId",
    "recoveryAvailabilitySetId": "recoveryAvailabilitySet",  # asked by one name, told by another
}
_NAMES_OF_PARTS = frozenset({"nicId", "selectionType", "ipConfigs", "ipConfigName", "isPrimary"})


def _differing_of_card(card: Json, told: Json) -> Iterator[str]:
    nics = [nic for nic in told.get("vmNics") or [] if nic.get("nicId") == card["nicId"]]
    nic = nics[0] if nics else {}
    yield from (name for name in _plain(card) if not _same(card[name], nic.get(name)))
    configs = _configs_of(nic)
    for config in card["ipConfigs"]:
        there = configs.get(config["ipConfigName"].casefold(), {})
        yield from (name for name in _plain(config) if not _same(config[name], there.get(name)))


def _disk_changes(vm: VmWanted, item: ProtectedItem) -> list[dict[str, Any]]:
    """Disks whose types are not as wanted; Azure takes no entry that changes nothing."""
    asked = [
        _without_none(
            {
                "diskId": disk.id,
                "recoveryTargetDiskAccountType": disk.target_type,
                "recoveryReplicaDiskAccountType": disk.replica_type,
            }
        )
        for disk in vm.disks
    ]
    return [one for one in asked if len(one) > 1 and _differing_of_disks([one], item)]


def _differing_of_disks(asked: Sequence[Json], item: ProtectedItem) -> list[str]:
    held = details_of(item).get("protectedManagedDisks") or []
    found = []
    for one in asked:
        told: Json = next(
            (disk for disk in held if same_id(disk.get("diskId"), one["diskId"])), {}
        )
        found += [
            name
            for name in one
            if name != "diskId" and told.get(name) and not _same(one[name], told.get(name))
        ]
    return found


def _plain(part: Json) -> list[str]:
    return [name for name in part if name not in _NAMES_OF_PARTS]


def _same(asked: Any, told: Any) -> bool:
    """Whether a setting is as asked: ids and names compare without case, lists without order.

    What is off may be told as null.
    """
    if isinstance(asked, bool):
        return asked is (told is True)
    if isinstance(asked, str):
        return asked.casefold() == str(told or "").casefold()
    if isinstance(asked, Sequence):
        return {str(one).casefold() for one in asked} == {
            str(one).casefold() for one in told or []
        }
    return bool(asked == told)


def _placement(vm: VmWanted) -> dict[str, Any]:
    return {
        "recoveryAvailabilityZone": vm.zone,
        "recoveryProximityPlacementGroupId": vm.proximity_group_id,
        "recoveryCapacityReservationGroupId": vm.capacity_reservation_id,
        "recoveryBootDiagStorageAccountId": vm.boot_diagnostics_storage_id,
    }


def _says_anything(card: CardWanted) -> bool:
    """Whether a card is to be anything else than what Azure makes of it by itself."""
    return bool(card.ips or card.test_ips or card.security_group_id)


def _card_input(card: CardWanted, told: Json) -> dict[str, Any]:
    tests = {ip.name: ip for ip in card.test_ips}
    names = dict.fromkeys([*(ip.name for ip in card.ips), *tests])
    landing = {ip.name: ip for ip in card.ips}
    return _without_none(
        {
            "nicId": told.get("nicId"),
            "selectionType": "SelectedByUser",
            "recoveryNetworkSecurityGroupId": card.security_group_id,
            "tfoNetworkSecurityGroupId": card.test_security_group_id,
            "enableAcceleratedNetworkingOnRecovery": card.accelerated,
            "ipConfigs": [_ip_input(name, landing.get(name), tests.get(name)) for name in names],
        }
    )


def _ip_input(name: str, landing: IpWanted | None, test: IpWanted | None) -> dict[str, Any]:
    primary = (landing or test or IpWanted(name, True, None, None)).is_primary  # noqa: FBT003
    found: dict[str, Any] = {"ipConfigName": name, "isPrimary": primary}
    for ip, prefix in ((landing, "recovery"), (test, "tfo")):
        if ip is not None:
            found |= {
                f"{prefix}SubnetName": ip.subnet,
                f"{prefix}StaticIPAddress": ip.private_ip,
                f"{prefix}PublicIPAddressId": ip.public_ip_id,
                f"{prefix}LBBackendAddressPoolIds": list(ip.backend_pool_ids) or None,
            }
    return _without_none(found)


def _card_of(item: ProtectedItem, source_nic_id: str) -> Json | None:
    nics: list[Json] = details_of(item).get("vmNics") or []
    return next((nic for nic in nics if same_id(nic.get("sourceNicArmId"), source_nic_id)), None)


def _configs_of(nic: Json) -> dict[str, Json]:
    """IP configurations that a card of an item tells, by name in small letters."""
    told = nic.get("ipConfigs") or []
    return {str(one["name"]).casefold(): one for one in told if one.get("name")}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
