"""A source as ARM tells it, in JSON, and the `Found` that is read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from muster.gateway.ids import key_of
from muster.gateway.parse import parse_resource
from muster.gateway.values import JobError
from muster.plan.model import RecoveryPlan
from muster.replication.found import Found, FoundStorage, FoundVm
from muster.replication.reading_places import read_network
from muster.replication.reading_vms import read_vm
from tests.builders import group_data, plan_data

SUB = "7c0e0000-0000-0000-0000-000000000001"
Raw = dict[str, Any]


def group_id(name: str, subscription: str = SUB) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def arm_id(kind: str, name: str, group: str = "rg-small") -> str:
    """`arm_id("Microsoft.Compute/disks", "d1")`; the group is a name, or an id."""
    base = group if group.startswith("/") else group_id(group)
    return f"{base}/providers/{kind}/{name}"


def network_raw(name: str = "vnet-small", group: str = "rg-small", region: str = "eastus") -> Raw:
    network = arm_id("Microsoft.Network/virtualNetworks", name, group)
    subnets = [("data", "10.1.0.0/24"), ("web", "10.1.1.0/24")]
    return {
        "id": network,
        "name": name,
        "location": region,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": [
                {
                    "id": f"{network}/subnets/{subnet}",
                    "name": subnet,
                    "properties": {"addressPrefix": prefix},
                }
                for subnet, prefix in subnets
            ],
        },
    }


def disk_raw(name: str, group: str = "rg-small", sku: str = "Premium_LRS", **more: Any) -> Raw:
    return {
        "id": arm_id("Microsoft.Compute/disks", name, group),
        "name": name,
        "location": "eastus",
        "sku": {"name": sku},
        "properties": {"diskSizeGB": 64, **more},
    }


def card_raw(
    name: str,
    subnet_id: str,
    group: str = "rg-small",
    address: str = "10.1.0.4",
    *,
    static: bool = True,
    accelerated: bool = False,
    nsg: str | None = None,
) -> Raw:
    return {
        "id": arm_id("Microsoft.Network/networkInterfaces", name, group),
        "name": name,
        "location": "eastus",
        "properties": {
            "primary": True,
            "enableAcceleratedNetworking": accelerated,
            "networkSecurityGroup": {"id": nsg} if nsg else None,
            "ipConfigurations": [
                {
                    "name": "ipconfig1",
                    "properties": {
                        "primary": True,
                        "subnet": {"id": subnet_id},
                        "privateIPAddress": address,
                        "privateIPAllocationMethod": "Static" if static else "Dynamic",
                    },
                }
            ],
        },
    }


def vm_raw(
    name: str, group: str = "rg-small", disks: Sequence[Raw] = (), cards: Sequence[Raw] = ()
) -> Raw:
    """A running Ubuntu VM; the first disk is the OS disk."""

    def reference(disk: Raw) -> Raw:
        return {
            "name": disk["name"],
            "diskSizeGB": disk["properties"]["diskSizeGB"],
            "managedDisk": {"id": disk["id"], "storageAccountType": disk["sku"]["name"]},
        }

    return {
        "id": arm_id("Microsoft.Compute/virtualMachines", name, group),
        "name": name,
        "location": "eastus",
        "tags": {},
        "properties": {
            "provisioningState": "Succeeded",
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "osDisk": {**reference(disks[0]), "osType": "Linux"},
                "dataDisks": [reference(disk) for disk in disks[1:]],
            },
            "networkProfile": {
                "networkInterfaces": [
                    {"id": card["id"], "properties": {"primary": number == 0}}
                    for number, card in enumerate(cards)
                ]
            },
            "instanceView": {
                "osName": "ubuntu",
                "osVersion": "22.04",
                "statuses": [{"code": "PowerState/running"}],
                "vmAgent": {"statuses": [{"displayStatus": "Ready"}]},
            },
        },
    }


def a_vm(
    name: str,
    group: str = "rg-small",
    *,
    network: str = "vnet-small",
    network_group: str = "rg-small",
    data_disks: Sequence[str] = ("Premium_LRS",),
    eligibility: tuple[JobError, ...] | None = (),
    **changed: Any,
) -> FoundVm:
    """A VM read from its JSON; keyword arguments replace fields of the value."""
    subnet = arm_id("Microsoft.Network/virtualNetworks", network, network_group) + "/subnets/data"
    disks = [disk_raw(f"{name}-os", group)]
    disks += [disk_raw(f"{name}-data{n}", group, sku) for n, sku in enumerate(data_disks)]
    card = card_raw(f"{name}-nic", subnet, group)
    raw = vm_raw(name, group, disks, [card])
    by_key = {key_of(one["id"]): one for one in (*disks, card)}
    return replace(read_vm(raw, by_key, by_key, eligibility), **changed)


def a_found(*vms: FoundVm, **more: Any) -> Found:
    """The small plan's source: db1 and web1 in vnet-small, and an empty target."""
    names = vms or (a_vm("db1"), a_vm("web1"))
    groups = (parse_resource({"id": group_id("rg-small"), "name": "rg-small"}),)
    given = {
        "subscription": SUB,
        "vms": names,
        "networks": (read_network(network_raw()),),
        "resources": groups,
    }
    return Found(**{**given, **more})


def settled_account() -> FoundStorage:
    """An account that can be cache storage."""
    account = arm_id("Microsoft.Storage/storageAccounts", "stcache")
    return FoundStorage(account, "stcache", "eastus", "Standard_LRS", "StorageV2")


def small_plan(*vms: Any, **keys: Any) -> RecoveryPlan:
    """A plan of these VMs (db1 and web1), with top-level keys replaced."""
    data = plan_data(**keys)
    if vms:
        data["groups"] = [group_data("all", list(vms))]
    return RecoveryPlan.model_validate(data)
