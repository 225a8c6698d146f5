"""VMs, their disks and cards, from ARM's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

from muster.gateway.ids import key_of
from muster.gateway.parse import id_at, mapping, rows, text_of, text_or_none, texts
from muster.gateway.values import JobError, Json
from muster.replication.found import (
    FoundCard,
    FoundDisk,
    FoundExtension,
    FoundIp,
    FoundSize,
    FoundVm,
    Unread,
)

_GUEST_ENCRYPTION = "azurediskencryption"


def read_vm(
    raw: Json,
    disks: Mapping[str, Json],
    cards: Mapping[str, Json],
    eligibility: tuple[JobError, ...] | None = None,
) -> FoundVm:
    """A VM with what hangs on it.

    Args:
        raw: The VM; with its instance view, if power, agent and system are to be known.
        disks: Managed disks by `key_of` their id. One that is missing is known by what the VM
            itself says of it.
        cards: Network cards, the same way; one that is missing is left out.
        eligibility: Azure's own answer; None if there is none.
    """
    properties = mapping(raw.get("properties"))
    storage = mapping(properties.get("storageProfile"))
    extensions = _extensions(raw)
    return FoundVm(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        region=text_of(raw.get("location")),
        size=text_of(mapping(properties.get("hardwareProfile")).get("vmSize")),
        os=text_of(mapping(storage.get("osDisk")).get("osType")),
        disks=tuple(_disks(storage, disks, is_encrypted=_is_encrypted(extensions))),
        cards=tuple(_cards(properties, cards)),
        zone=next(iter(texts(raw.get("zones"))), None),
        image=_image(mapping(storage.get("imageReference"))),
        disk_controller=text_or_none(storage.get("diskControllerType")),
        provisioning=text_of(properties.get("provisioningState")),
        extensions=extensions,
        tags={str(key): str(value) for key, value in mapping(raw.get("tags")).items()},
        eligibility=eligibility,
        **_seen(mapping(properties.get("instanceView"))),
        **_standing(properties),
    )


class _Seen(TypedDict):
    """What only the instance view tells."""

    os_name: str | None
    os_version: str | None
    power: str | None
    agent_ready: bool | None


def _seen(view: Json) -> _Seen:
    return _Seen(
        os_name=text_or_none(view.get("osName")),
        os_version=text_or_none(view.get("osVersion")),
        power=_power(view),
        agent_ready=_agent_ready(view),
    )


class _Standing(TypedDict):
    """Where a VM stands, and how it is secured."""

    is_host_encrypted: bool
    is_confidential: bool
    dedicated_host_id: str | None
    scale_set_id: str | None
    availability_set_id: str | None
    proximity_group_id: str | None
    capacity_reservation_id: str | None
    boot_diagnostics_uri: str | None


def _standing(properties: Json) -> _Standing:
    security = mapping(properties.get("securityProfile"))
    reservation = mapping(properties.get("capacityReservation"))
    return _Standing(
        is_host_encrypted=security.get("encryptionAtHost") is True,
        is_confidential=text_of(security.get("securityType")).casefold() == "confidentialvm",
        dedicated_host_id=id_at(properties, "host") or id_at(properties, "hostGroup"),
        scale_set_id=id_at(properties, "virtualMachineScaleSet"),
        availability_set_id=id_at(properties, "availabilitySet"),
        proximity_group_id=id_at(properties, "proximityPlacementGroup"),
        capacity_reservation_id=id_at(reservation, "capacityReservationGroup"),
        boot_diagnostics_uri=_boot_uri(properties),
    )


def read_size(raw: Json) -> FoundSize:
    """A row of `Microsoft.Compute/skus` that is a VM size."""
    told = {
        text_of(one.get("name")).casefold(): text_of(one.get("value"))
        for one in rows(raw.get("capabilities"))
    }
    controllers = told.get("diskcontrollertypes", "")
    return FoundSize(
        name=text_of(raw.get("name")),
        cores=int(told["vcpus"]) if told.get("vcpus", "").isdigit() else None,
        memory_gb=_number(told.get("memorygb")),
        architecture=told.get("cpuarchitecturetype") or None,
        disk_controllers=tuple(one.strip() for one in controllers.split(",") if one.strip()),
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def untold_disks(raw: Json) -> tuple[Unread, ...]:
    """That nobody knows which data disks a VM has: Azure tells an empty list where it has none."""
    storage = mapping(mapping(raw.get("properties")).get("storageProfile"))
    told = storage.get("dataDisks")
    if isinstance(told, list) and len(rows(told)) == len(told):
        return ()
    return (Unread(f"{text_of(raw.get('id'))} (data disks)", "Azure does not tell `dataDisks`"),)


def _disks(storage: Json, disks: Mapping[str, Json], *, is_encrypted: bool) -> Iterable[FoundDisk]:
    os_disk = mapping(storage.get("osDisk"))
    for ref in (os_disk, *rows(storage.get("dataDisks"))):
        managed = mapping(ref.get("managedDisk"))
        disk_id = text_of(managed.get("id"))
        raw = disks.get(key_of(disk_id), {})
        properties = mapping(raw.get("properties"))
        keys = mapping(properties.get("encryption"))
        settings = mapping(properties.get("encryptionSettingsCollection"))
        size = properties.get("diskSizeGB") or ref.get("diskSizeGB")
        set_id = keys.get("diskEncryptionSetId") or id_at(managed, "diskEncryptionSet")
        yield FoundDisk(
            id=disk_id or text_of(mapping(ref.get("vhd")).get("uri")),
            name=text_of(ref.get("name")) or text_of(raw.get("name")),
            is_os=ref is os_disk,
            managed=bool(disk_id),
            sku=text_or_none(mapping(raw.get("sku")).get("name"))
            or text_or_none(managed.get("storageAccountType")),
            size_gb=size if isinstance(size, int) else None,
            write_accelerated=ref.get("writeAcceleratorEnabled") is True,
            max_shares=_count(properties.get("maxShares")),
            is_ephemeral=bool(mapping(ref.get("diffDiskSettings")).get("option")),
            encryption=text_or_none(keys.get("type")),
            encryption_set_id=text_or_none(set_id),
            is_guest_encrypted=is_encrypted or settings.get("enabled") is True,
            zones=texts(raw.get("zones")),
        )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 1


def _cards(properties: Json, cards: Mapping[str, Json]) -> Iterable[FoundCard]:
    references = rows(mapping(properties.get("networkProfile")).get("networkInterfaces"))
    keys = [(ref, key_of(text_of(ref.get("id")))) for ref in references]
    named = [(ref, cards[key]) for ref, key in keys if key in cards]
    for ref, card in named:
        yield _card(ref, card, alone=len(named) == 1)


def _card(ref: Json, raw: Json, *, alone: bool) -> FoundCard:
    properties = mapping(raw.get("properties"))
    primary = mapping(ref.get("properties")).get("primary", properties.get("primary"))
    return FoundCard(
        id=text_of(raw.get("id")),
        name=text_of(raw.get("name")),
        is_primary=alone or primary is True,
        ips=tuple(_ip(one) for one in rows(properties.get("ipConfigurations"))),
        security_group_id=id_at(properties, "networkSecurityGroup"),
        accelerated=properties.get("enableAcceleratedNetworking") is True,
    )


def _ip(raw: Json) -> FoundIp:
    properties = mapping(raw.get("properties"))
    pools = rows(properties.get("loadBalancerBackendAddressPools"))
    return FoundIp(
        name=text_of(raw.get("name")),
        is_primary=properties.get("primary") is not False,
        subnet_id=id_at(properties, "subnet"),
        address=text_or_none(properties.get("privateIPAddress")),
        is_static=text_of(properties.get("privateIPAllocationMethod")).casefold() == "static",
        public_ip_id=id_at(properties, "publicIPAddress"),
        backend_pool_ids=tuple(text_of(one.get("id")) for one in pools),
    )


def _extensions(raw: Json) -> tuple[FoundExtension, ...]:
    found = []
    for one in rows(raw.get("resources")):
        properties = mapping(one.get("properties"))
        kind = text_of(properties.get("type"))
        state = text_of(properties.get("provisioningState"))
        found.append(FoundExtension(text_of(one.get("name")), kind, state))
    return tuple(found)


def _is_encrypted(extensions: Iterable[FoundExtension]) -> bool:
    return any(one.type.casefold().startswith(_GUEST_ENCRYPTION) for one in extensions)


def _image(reference: Json) -> str | None:
    parts = [text_of(reference.get(key)) for key in ("publisher", "offer", "sku", "version")]
    return ":".join(parts) if parts[0] else None


def _power(view: Json) -> str | None:
    codes = (text_of(status.get("code")) for status in rows(view.get("statuses")))
    found = next((code for code in codes if code.casefold().startswith("powerstate/")), None)
    return found.partition("/")[2] if found else None


def _agent_ready(view: Json) -> bool | None:
    statuses = rows(mapping(view.get("vmAgent")).get("statuses"))
    shown = [text_of(status.get("displayStatus")) for status in statuses]
    return any(one.casefold() == "ready" for one in shown) if shown else None


def _boot_uri(properties: Json) -> str | None:
    boot = mapping(mapping(properties.get("diagnosticsProfile")).get("bootDiagnostics"))
    return text_or_none(boot.get("storageUri")) if boot.get("enabled") is True else None
