"""The port's part that replicates: a vault is set up, its VMs are protected."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from muster.gateway.values import Accepted, Json, Resource, VaultRef
from muster.gateway.values_setup import Eligibility, VaultSetup


class ReplicationPort(Protocol):
    """Every write returns when Azure has accepted it, and is never repeated here; `make_vault`,
    which has no job and a name of ours, returns when the vault is usable.
    """

    async def vault_setup(self, vault: VaultRef) -> VaultSetup | None:
        """All fabrics, containers, policies, mappings and items; None: the vault is not there."""
        ...

    async def setup_part(self, part_id: str) -> Resource | None:
        """One fabric, container, policy or mapping; None when it is not there."""
        ...

    async def eligibility(self, vm_id: str) -> Eligibility:
        """What Azure itself holds against replicating a VM."""
        ...

    async def is_storage_name_taken(self, subscription: str, name: str) -> bool:
        """Whether anybody in the world, we among them, has a storage account of that name."""
        ...

    async def make_vault(self, vault: VaultRef, region: str, *, within: timedelta) -> Resource: ...
    async def make_fabric(self, vault: VaultRef, name: str, region: str) -> Accepted: ...
    async def make_container(self, fabric_id: str, name: str) -> Accepted: ...
    async def make_policy(
        self,
        vault: VaultRef,
        name: str,
        *,
        app_consistent_every: timedelta,
        keep_recovery_points: timedelta,
        multi_vm_sync: bool,
        change: bool,
    ) -> Accepted:
        """A span of zero is off. `change`: the policy is there and gets these terms."""
        ...

    async def map_containers(
        self, container_id: str, name: str, target_container_id: str, policy_id: str
    ) -> Accepted: ...
    async def map_networks(
        self,
        fabric_id: str,
        name: str,
        recovery_fabric: str,
        networks: tuple[str, str],
        *,
        change: bool,
    ) -> Accepted:
        """`networks`: ids of the one that VMs stand in, and of the one they recover into."""
        ...

    async def enable_protection(self, item_id: str, properties: Json) -> Accepted: ...
    async def update_item(self, item_id: str, properties: Json) -> Accepted: ...
    async def add_disks(self, item_id: str, disks: tuple[Json, ...]) -> Accepted: ...
    async def disable_protection(self, item_id: str) -> Accepted:
        """Replication ends and is undone in the source VM; neither VM nor disks of it change."""
        ...
