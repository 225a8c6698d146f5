"""What a vault is set up with, and what Azure says of a VM that is to be replicated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from azure.core.exceptions import ResourceNotFoundError

from muster.gateway.accepting import vault_of
from muster.gateway.api_versions import known_api_version
from muster.gateway.connections import Connections
from muster.gateway.ids import ArmId, parse_id
from muster.gateway.parse import mapping, parse_resource, text_of
from muster.gateway.parse_item import parse_item
from muster.gateway.parse_setup import (
    parse_container,
    parse_eligibility,
    parse_fabric,
    parse_mapping,
    parse_network_mapping,
    parse_policy,
)
from muster.gateway.translate import in_our_words
from muster.gateway.values import Json, Resource, VaultRef
from muster.gateway.values_setup import Eligibility, VaultSetup

T = TypeVar("T")
_STORAGE, _TAKEN = "Microsoft.Storage/storageAccounts", "AlreadyExists"


class SetupReads:
    """Lists of a vault, one request each however many VMs there are."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None:
        """All set-up and items of a vault; None when the vault is not there."""
        client = self._connections.site_recovery(vault.subscription)
        at = (vault.resource_group, vault.name)
        with in_our_words(f"Reading the set-up of vault {vault.name}"):
            try:
                fabrics = await _all(client.replication_fabrics.list(*at), parse_fabric)
            except ResourceNotFoundError:
                return None
            return VaultSetup(
                fabrics=fabrics,
                containers=await _all(
                    client.replication_protection_containers.list(*at), parse_container
                ),
                mappings=await _all(
                    client.replication_protection_container_mappings.list(*at), parse_mapping
                ),
                policies=await _all(client.replication_policies.list(*at), parse_policy),
                network_mappings=await _all(
                    client.replication_network_mappings.list(*at), parse_network_mapping
                ),
                items=await _all(client.replication_protected_items.list(*at), parse_item),
            )

    async def setup_part(self, part_id: str) -> Resource | None:
        """A fabric, container, policy or mapping by its id; None when it is not there."""
        arm = parse_id(part_id)
        vault = vault_of(arm)
        get = self._getter(arm)
        with in_our_words(f"Reading {arm.name} of vault {vault.name}"):
            try:
                found = await get(vault.resource_group, vault.name, *arm.names[1:])
            except ResourceNotFoundError:
                return None
        return parse_resource(found.as_dict())

    async def eligibility(self, vm_id: str) -> Eligibility:
        arm = parse_id(vm_id)
        client = self._connections.site_recovery(arm.subscription or "")
        with in_our_words(f"Asking whether {arm.name} can be replicated"):
            found = await client.replication_eligibility_results.get(
                arm.resource_group or "", arm.name
            )
        return parse_eligibility(vm_id, found.as_dict())

    async def is_storage_name_taken(self, subscription: str, name: str) -> bool:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Storage/checkNameAvailability"
        body = {"name": name, "type": _STORAGE}
        with in_our_words(f"Asking whether the storage account name {name} is free"):
            response = await self._connections.send(
                "POST", path, known_api_version(_STORAGE), body, repeatable=True
            )
            response.raise_for_status()
            told = mapping(response.json())
        return told.get("nameAvailable") is False and text_of(told.get("reason")) == _TAKEN

    def _getter(self, arm: ArmId) -> Callable[..., Any]:
        client = self._connections.site_recovery(arm.subscription or "")
        getters: dict[str, Callable[..., Any]] = {
            "replicationfabrics": client.replication_fabrics.get,
            "replicationprotectioncontainers": client.replication_protection_containers.get,
            "replicationpolicies": client.replication_policies.get,
            "replicationprotectioncontainermappings": (
                client.replication_protection_container_mappings.get
            ),
            "replicationnetworkmappings": client.replication_network_mappings.get,
        }
        return getters[arm.types[-1].casefold()]


async def _all(pages: Any, parse: Callable[[Json], T]) -> tuple[T, ...]:
    return tuple([parse(one.as_dict()) async for one in pages])
