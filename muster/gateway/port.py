"""The port: what steps may ask of Azure. `azure.py` and the tests' fake implement it.

Every method raises `GatewayError` (or a kind of it) when Azure says no or nothing; a read of
something that is not there returns None where the type says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from muster.gateway.port_replication import ReplicationPort
from muster.gateway.values import (
    Accepted,
    AutomationJob,
    Caller,
    CommandResult,
    Job,
    Json,
    Permission,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    Usage,
    VaultRef,
    VirtualMachine,
)


class Gateway(ReplicationPort, Protocol):
    """The port. One instance serves one run; `async with` opens and closes its connections."""

    async def __aenter__(self) -> Gateway: ...
    async def __aexit__(self, *exc: object) -> None: ...

    async def caller(self) -> Caller: ...
    def usage(self) -> Usage: ...
    def clock_ahead(self) -> timedelta | None:
        """How far Azure's clock is ahead of ours, by the last answer's `Date`; None before one.

        To a second, for a `Date` has whole seconds, and half of what the call took.
        """
        ...

    # --- Site Recovery ---
    async def vault(self, vault: VaultRef) -> Resource | None: ...
    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]: ...
    async def items_lately(self, vault: VaultRef, max_age: timedelta) -> tuple[ProtectedItem, ...]:
        """The same, no older than that: one list serves all who follow an item of the vault."""
        ...

    async def protected_item(self, item_id: str) -> ProtectedItem | None: ...
    async def recovery_points(self, item_id: str) -> tuple[RecoveryPoint, ...]:
        """Oldest first, whatever order Azure sent."""
        ...

    async def start_test_failover(
        self, item_id: str, network_id: str, recovery_point_id: str | None
    ) -> Accepted:
        """Returns when Azure has accepted; never retried here."""
        ...

    async def start_cleanup(self, item_id: str, comments: str) -> Accepted: ...
    async def job(self, job_id: str) -> Job | None: ...
    async def jobs(self, vault: VaultRef, since: datetime) -> tuple[Job, ...]:
        """Jobs that began at or after `since` (listed; details missing)."""
        ...

    async def job_ended(self, job_id: str, *, expected: timedelta, within: timedelta) -> Job:
        """Wait by the vault's one watcher; the job as got (with tasks and errors) once it ended.

        Raises: WaitEnded after `within`. A failed job is returned, not raised.
        """
        ...

    # --- Compute ---
    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None: ...
    async def vms(self, scope: str) -> tuple[VirtualMachine, ...]:
        """All VMs of a resource group, or of a subscription, without their instance views."""
        ...

    async def start_command(self, vm_id: str, name: str, script: str, timeout: timedelta) -> None:
        """PUT a managed run-command (name is ours: sending it again is the same command)."""
        ...

    async def command(self, vm_id: str, name: str) -> CommandResult | None: ...
    async def command_ended(
        self, vm_id: str, name: str, *, expected: timedelta, within: timedelta
    ) -> CommandResult: ...
    async def delete_command(self, vm_id: str, name: str) -> None: ...

    # --- Automation ---
    async def runbook(self, account_id: str, name: str) -> Resource | None: ...
    async def start_runbook(
        self,
        account_id: str,
        job_name: str,
        runbook: str,
        parameters: Mapping[str, str],
        run_on: str | None,
    ) -> None: ...
    async def automation_job(self, account_id: str, job_name: str) -> AutomationJob | None: ...
    async def automation_job_ended(
        self, account_id: str, job_name: str, *, start_within: timedelta, within: timedelta
    ) -> AutomationJob: ...
    async def automation_output(self, account_id: str, job_name: str) -> str: ...

    # --- everything else in ARM ---
    async def resource(self, resource_id: str) -> Resource | None:
        """None when it is not there; raises GatewayError (code AZ-403) when it may not be read."""
        ...

    async def put_resource(
        self, resource_id: str, body: Json, *, within: timedelta, only_new: bool = False
    ) -> Resource:
        """Create or replace; returns when provisioningState is Succeeded.

        `only_new` asks Azure to refuse it (412, AZ-409) where something is there; not every
        provider heeds that.
        """
        ...

    async def delete_resource(self, resource_id: str, *, within: timedelta) -> None:
        """Returns when it is gone (also when it was never there)."""
        ...

    async def resources_of_group(self, group_id: str) -> tuple[Resource, ...]:
        """All resources of a resource group; properties are empty. Raises GatewayError (code
        AZ-404) when the group is not there.
        """
        ...

    async def resources_of_type(self, subscription: str, arm_type: str) -> tuple[Resource, ...]:
        """All resources of a type in a subscription, properties empty."""
        ...

    async def collection(self, path: str) -> tuple[Json, ...]:
        """All rows of one of ARM's lists, as they came: `{scope}/providers/{namespace}/{type}`,
        or `{subscription}/resourceGroups`.

        A query may stand behind it. Raises GatewayError for a list of more pages than anybody
        would read.
        """
        ...

    async def subscriptions(self) -> tuple[str, ...]:
        """Ids (GUIDs) of all subscriptions in which the caller has any role."""
        ...

    async def permissions(self, scope: str) -> tuple[Permission, ...]: ...
