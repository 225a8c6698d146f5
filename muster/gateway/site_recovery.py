"""Site Recovery: vaults, protected items, recovery points, test failovers and jobs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from muster.clock import Clock
from muster.gateway.accepting import ITEM, accepted, place_of, vault_of
from muster.gateway.connections import Connections
from muster.gateway.ids import key_of, parse_id
from muster.gateway.jobs import JobWatcher
from muster.gateway.lately import Lately
from muster.gateway.parse import parse_resource
from muster.gateway.parse_item import parse_item, parse_point
from muster.gateway.parse_job import parse_job
from muster.gateway.translate import in_our_words
from muster.gateway.values import Accepted, Job, ProtectedItem, RecoveryPoint, Resource, VaultRef

PAGES_OF_JOBS = 10
"""How far back a list of jobs is read. Azure lists the newest first (recorded, not documented)."""


class SiteRecovery:
    """What the gateway asks of Site Recovery."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock
        self._watchers: dict[str, JobWatcher] = {}
        self._items: dict[str, Lately[tuple[ProtectedItem, ...]]] = {}

    async def close(self) -> None:
        for watcher in self._watchers.values():
            await watcher.close()

    async def vault(self, vault: VaultRef) -> Resource | None:
        client = self._connections.vaults(vault.subscription).vaults
        with in_our_words(f"Reading vault {vault.name}"):
            try:
                found = await client.get(vault.resource_group, vault.name)
            except ResourceNotFoundError:
                return None
        return parse_resource(found.as_dict())

    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]:
        client = self._connections.site_recovery(vault.subscription).replication_protected_items
        with in_our_words(f"Listing the replicated items of vault {vault.name}"):
            pages = client.list(vault.resource_group, vault.name)
            found = [item.as_dict() async for item in pages]
        return tuple(parse_item(raw) for raw in found)

    async def items_lately(self, vault: VaultRef, max_age: timedelta) -> tuple[ProtectedItem, ...]:
        key = key_of(vault.id)
        if key not in self._items:
            self._items[key] = Lately(self._clock, lambda: self.protected_items(vault))
        return await self._items[key].value(max_age)

    async def protected_item(self, item_id: str) -> ProtectedItem | None:
        vault, path = place_of(item_id, ITEM)
        client = self._connections.site_recovery(vault.subscription).replication_protected_items
        with in_our_words(f"Reading replicated item {path[-1]}"):
            try:
                found = await client.get(vault.resource_group, vault.name, *path)
            except ResourceNotFoundError:
                return None
        return parse_item(found.as_dict())

    async def recovery_points(self, item_id: str) -> tuple[RecoveryPoint, ...]:
        vault, path = place_of(item_id, ITEM)
        client = self._connections.site_recovery(vault.subscription).recovery_points
        with in_our_words(f"Listing the recovery points of item {path[-1]}"):
            pages = client.list_by_replication_protected_items(
                vault.resource_group, vault.name, *path
            )
            found = [point.as_dict() async for point in pages]
        points = [point for raw in found if (point := parse_point(raw)) is not None]
        return tuple(sorted(points, key=lambda point: point.time))

    async def start_test_failover(
        self, item_id: str, network_id: str, recovery_point_id: str | None
    ) -> Accepted:
        details = {"instanceType": "A2A"}
        if (
            recovery_point_id is not None
        ):  # left out, it means: process what is pending, then the latest
            details["recoveryPointId"] = recovery_point_id
        body = {
            "properties": {
                # After a failover and reprotect the moved item fails over "PrimaryToRecovery"
                # again.
                "failoverDirection": "PrimaryToRecovery",
                "networkType": "VmNetworkAsInput",
                "networkId": network_id,
                "providerSpecificDetails": details,
            }
        }
        vault, path = place_of(item_id, ITEM)
        client = self._connections.site_recovery(vault.subscription).replication_protected_items
        return await accepted(
            f"Starting the test failover of item {path[-1]}",
            vault,
            client.begin_test_failover,
            *path,
            body,
        )

    async def start_cleanup(self, item_id: str, comments: str) -> Accepted:
        vault, path = place_of(item_id, ITEM)
        client = self._connections.site_recovery(vault.subscription).replication_protected_items
        body = {"properties": {"comments": comments}}
        return await accepted(
            f"Starting the test failover cleanup of item {path[-1]}",
            vault,
            client.begin_test_failover_cleanup,
            *path,
            body,
        )

    async def job(self, job_id: str) -> Job | None:
        arm = parse_id(job_id)
        return await _JobsOfVault(self._connections, vault_of(arm)).got(arm.name)

    async def jobs(self, vault: VaultRef, since: datetime) -> tuple[Job, ...]:
        found: list[Job] = []
        with in_our_words(f"Listing the jobs of vault {vault.name}"):
            async for page in _pages(self._connections, vault):
                recent = [job for job in page if job.started_at is None or job.started_at >= since]
                found += recent
                if page and not recent:
                    break
        return tuple(found)

    async def job_ended(self, job_id: str, *, expected: timedelta, within: timedelta) -> Job:
        vault = vault_of(parse_id(job_id))
        key = key_of(vault.id)
        if key not in self._watchers:
            source = _JobsOfVault(self._connections, vault)
            self._watchers[key] = JobWatcher(source, self._clock)
        return await self._watchers[key].ended(job_id, expected=expected, within=within)


@dataclass(frozen=True)
class _JobsOfVault:
    """A vault as the watcher of its jobs looks at it."""

    connections: Connections
    vault: VaultRef

    async def listed(self, names: Collection[str]) -> dict[str, Job]:
        found: dict[str, Job] = {}
        pages = 0
        with in_our_words(f"Listing the jobs of vault {self.vault.name}"):
            async for page in _pages(self.connections, self.vault):
                found |= {job.name.casefold(): job for job in page}
                pages += 1
                if pages >= PAGES_OF_JOBS or all(name in found for name in names):
                    break
        return found

    async def got(self, name: str) -> Job | None:
        client = self.connections.site_recovery(self.vault.subscription).replication_jobs
        with in_our_words(f"Reading job {name}"):
            try:
                found = await client.get(self.vault.resource_group, self.vault.name, name)
            except ResourceNotFoundError:
                return None
        return parse_job(found.as_dict())


async def _pages(connections: Connections, vault: VaultRef) -> Any:
    """The vault's jobs, page by page, so that a caller can stop early."""
    client = connections.site_recovery(vault.subscription).replication_jobs
    async for page in client.list(vault.resource_group, vault.name).by_page():
        yield [parse_job(job.as_dict()) async for job in page]
