"""Protecting a VM: replication enabled, changed and disabled, item by item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from muster.gateway.accepting import ITEM, accepted, place_of
from muster.gateway.connections import Connections
from muster.gateway.values import Accepted, Json


class Protection:
    """Writes to protected items. Their bodies are `properties` as Azure's REST pages name them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def enable_protection(self, item_id: str, properties: Json) -> Accepted:
        return await self._sent(
            "Enabling replication as", item_id, "begin_create", {"properties": dict(properties)}
        )

    async def update_item(self, item_id: str, properties: Json) -> Accepted:
        return await self._sent(
            "Changing the settings of", item_id, "begin_update", {"properties": dict(properties)}
        )

    async def add_disks(self, item_id: str, disks: tuple[Json, ...]) -> Accepted:
        details = {"instanceType": "A2A", "vmManagedDisks": [dict(disk) for disk in disks]}
        return await self._sent(
            "Adding disks to", item_id, "begin_add_disks",
            {"properties": {"providerSpecificDetails": details}},
        )  # fmt: skip

    async def disable_protection(self, item_id: str) -> Accepted:
        properties = {
            "disableProtectionReason": "NotSpecified",
            "replicationProviderInput": {"instanceType": "A2A"},
        }
        # POST …/remove, which undoes it in the source VM too; DELETE only forgets.
        return await self._sent(
            "Disabling replication of", item_id, "begin_delete", {"properties": properties}
        )

    async def _sent(self, what: str, item_id: str, verb: str, body: Mapping[str, Any]) -> Accepted:
        vault, path = place_of(item_id, ITEM)
        client = self._connections.site_recovery(vault.subscription).replication_protected_items
        begin: Callable[..., Awaitable[Any]] = getattr(client, verb)
        return await accepted(f"{what} item {path[-1]}", vault, begin, *path, dict(body))
