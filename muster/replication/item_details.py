"""What Azure tells of an item under `properties`, beyond what every item is read for. Pure."""

from __future__ import annotations

from muster.gateway.parse import mapping, text_or_none
from muster.gateway.values import Json, ProtectedItem


def details_of(item: ProtectedItem) -> Json:
    """The provider's own details of an item (JSON values); nothing where none are told."""
    return mapping(mapping(item.raw.get("properties")).get("providerSpecificDetails"))


def policy_of(item: ProtectedItem) -> str:
    """ARM id of the policy that an item is under; "" where none is told."""
    return text_or_none(mapping(item.raw.get("properties")).get("policyId")) or ""
