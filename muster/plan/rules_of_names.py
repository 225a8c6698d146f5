"""Rules about names and ids: what Azure takes as a name, and what kind of thing an id names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, child, items
from muster.plan.outline import Name, Outline, name_of


class _Kind(NamedTuple):
    """A kind of resource: its type (empty: a resource group), and what names of it look like.

    https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    """

    type: str
    name: re.Pattern[str]


def _names(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_USUAL = _names(r"[A-Za-z0-9](?:[\w.-]{0,78}\w)?")
GROUP = _Kind("", _names(r"[\w.()-]{0,89}[\w()-]"))
NETWORK = _Kind("Microsoft.Network/virtualNetworks", _names(r"[A-Za-z0-9](?:[\w.-]{0,62}\w)?"))
SUBNET = _Kind("Microsoft.Network/virtualNetworks/subnets", _USUAL)
VAULT = _Kind("Microsoft.RecoveryServices/vaults", _names(r"[A-Za-z][A-Za-z0-9-]{1,49}"))
POLICY = _Kind("", _names(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_-])?"))
CACHE = _Kind("Microsoft.Storage/storageAccounts", _names(r"[a-z0-9]{3,24}"))
STANDING = {
    "availability_set": _Kind("Microsoft.Compute/availabilitySets", _USUAL),
    "proximity_group": _Kind("Microsoft.Compute/proximityPlacementGroups", _USUAL),
    "capacity_reservation": _Kind("Microsoft.Compute/capacityReservationGroups", _USUAL),
}
ENCRYPTION_SET = _Kind("Microsoft.Compute/diskEncryptionSets", _USUAL)
POOL = _Kind("Microsoft.Network/loadBalancers/backendAddressPools", _USUAL)
OF_CARDS = {
    "subnet": SUBNET,
    "network_security_group": _Kind("Microsoft.Network/networkSecurityGroups", _USUAL),
    "public_ip_address": _Kind("Microsoft.Network/publicIPAddresses", _USUAL),
}
_GUID = _names(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_GROUP_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/([^/]+)", re.IGNORECASE)

_Found = tuple[str, Node | None, _Kind]
"""What a key is called, what stands there, and what it has to name."""


def judge_azure_names(outline: Outline, findings: Findings) -> None:
    """Note names that Azure refuses and ids of another kind; of networks' ids others tell."""
    vms = [vm for vms in _vm_lists(outline) for vm in items(vms)]
    every = (*_places(outline.root), *_replication(outline.root))
    for key, node, kind in (*every, *(one for vm in vms for one in _of_vm(vm))):
        name = name_of(node)
        if name is not None:
            _judge(key, name, kind, findings)
    for side in ("source", "target", "vault"):
        _judge_subscription(side, name_of(child(outline.root, side, "subscription")), findings)


def _judge_subscription(side: str, name: Name | None, findings: Findings) -> None:
    """A name or a typo would be found by Azure only, and read as one more that is not there."""
    if name is not None and not _GUID.fullmatch(name.text):
        said = f"`{side}.subscription: {name.shown}` is no id of a subscription"
        findings.problem(name.line, "PLAN-120", f"{said}: 32 hexadecimal digits with dashes")


def _judge(key: str, name: Name, kind: _Kind, findings: Findings) -> None:
    text, is_id = name.text, name.text.startswith("/")
    if is_id and kind is NETWORK:
        return  # PLAN-071
    if is_id and not _is_of(text, kind):
        what = kind.type or "a resource group"
        findings.problem(name.line, "PLAN-079", f"`{key}: {name.shown}` is no id of {what}")
    elif not kind.name.fullmatch(text.rpartition("/")[2]) or not _is_sound(text):
        findings.problem(name.line, "PLAN-078", f"`{key}: {name.shown}`: Azure takes no such name")


def _is_of(text: str, kind: _Kind) -> bool:
    """Whether an id names a thing of a kind."""
    group, _, tail = text.rpartition("/providers/")
    if not kind.type:
        return _GROUP_ID.fullmatch(text) is not None
    words = tail.split("/")
    told = "/".join([words[0], *words[1::2]])
    is_whole = len(words) % 2 == 1 and all(words)
    return (
        is_whole and told.casefold() == kind.type.casefold() and bool(_GROUP_ID.fullmatch(group))
    )


def _is_sound(text: str) -> bool:
    """Whether the resource group of an id has a name that Azure takes."""
    found = _GROUP_ID.match(text)
    return found is None or GROUP.name.fullmatch(found[1]) is not None


def _vm_lists(outline: Outline) -> Iterator[Node | None]:
    yield child(outline.root, "support", "vms")
    yield from (child(group.node, "vms") for group in outline.groups)


def _places(root: Mapping) -> Iterator[_Found]:
    for side in ("source", "target", "vault"):
        yield f"{side}.resource_group", child(root, side, "resource_group"), GROUP
    for side in ("source", "target"):
        yield f"{side}.network", child(root, side, "network"), NETWORK
    yield "vault.name", child(root, "vault", "name"), VAULT
    drill = child(root, "drill", "network")
    for key in ("create", "use"):
        yield f"drill.network.{key}", child(drill, key), NETWORK


def _replication(root: Mapping) -> Iterator[_Found]:
    said = child(root, "replication")
    yield "policy.name", child(said, "policy", "name"), POLICY
    yield "cache_storage", child(said, "cache_storage"), CACHE
    for node in items(child(said, "select", "resource_groups")):
        yield "select.resource_groups", node, GROUP
    yield from _standing(child(said, "availability"))
    yield "disks.encryption_set", child(said, "disks", "encryption_set"), ENCRYPTION_SET


def _standing(holder: Node | None) -> Iterator[_Found]:
    for key, kind in STANDING.items():
        yield key, child(holder, key), kind


def _of_vm(vm: Node) -> Iterator[_Found]:
    yield "resource_group", child(vm, "resource_group"), GROUP
    yield from _standing(vm)
    yield "disks.encryption_set", child(vm, "disks", "encryption_set"), ENCRYPTION_SET
    for nic in items(child(vm, "nics")):
        for holder in (nic, child(nic, "test")):
            for key, kind in OF_CARDS.items():
                yield key, child(holder, key), kind
            for pool in items(child(holder, "backend_pools")):
                yield "backend_pools", pool, POOL
