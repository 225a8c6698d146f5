"""What people call a resource: by the type in its ARM id."""

from __future__ import annotations

from collections.abc import Mapping

_NOUNS: Mapping[str, str] = {
    "virtualnetworks": "network",
    "networksecuritygroups": "network security group",
    "publicipaddresses": "public address",
    "loadbalancers": "load balancer",
    "storageaccounts": "storage account",
    "availabilitysets": "availability set",
    "proximityplacementgroups": "proximity placement group",
    "capacityreservationgroups": "capacity reservation group",
    "diskencryptionsets": "disk encryption set",
    "resourcegroups": "resource group",
}


def noun_of(arm_id: str | None, otherwise: str) -> str:
    """`storage account` for an id of one; `otherwise` where the type has no word of ours."""
    parts = (arm_id or "").strip("/").split("/")
    return _NOUNS.get(parts[-2].casefold(), otherwise) if len(parts) > 1 else otherwise
