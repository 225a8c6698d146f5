"""What steps may ask of Azure: values in our words, and the port that `azure.py` and the tests'
fake implement.

Instants are aware UTC or None where Azure sends a sentinel (1753, 0001). Ids are ARM ids as Azure
sent them; compare
them with `muster.gateway.ids.same_id`. Every method raises `GatewayError` (or a kind of it) when
Azure says no or
nothing; a read of something that is not there returns None where the type says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VaultRef:
    subscription: str
    resource_group: str
    name: str

    @property
    def id(self) -> str:
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.RecoveryServices/vaults/{self.name}"
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the credential says we are, read from the access token's claims."""

    object_id: str | None
    app_id: str | None
    tenant: str | None


@dataclass(frozen=True, slots=True)
class ItemIpConfig:
    name: str
    is_primary: bool
    subnet: str | None  # source subnet's name
    static_ip: str | None  # source's static address
    test_subnet: str | None  # tfoSubnetName
    test_static_ip: str | None
    test_public_ip_id: str | None


@dataclass(frozen=True, slots=True)
class ItemNic:
    source_nic_id: str | None
    test_network_id: str | None  # tfoVMNetworkId
    test_nsg_id: str | None
    ip_configs: tuple[ItemIpConfig, ...]


@dataclass(frozen=True, slots=True)
class ProtectedItem:
    """One replicated VM as Site Recovery sees it (A2A)."""

    id: str
    name: str
    friendly_name: str
    source_vm_id: str
    recovery_vm_name: str
    test_vm_name: str
    os: str
    recovery_size: str | None
    recovery_resource_group_id: str
    recovery_network_id: str | None
    test_network_id: str | None  # selectedTfoAzureNetworkId: the item's own test setting
    protection_state: str
    protection_state_description: str
    test_failover_state: str | None  # "None" as a string is None here
    active_location: str
    allowed_operations: tuple[str, ...]
    replication_health: str
    failover_health: str
    health_errors: tuple[Json, ...]
    rpo: timedelta | None
    rpo_at: datetime | None
    current_job_id: str | None
    multi_vm_group_name: str | None  # None for a group that Azure made by itself for one VM
    last_heartbeat: datetime | None
    last_successful_test_failover: datetime | None
    primary_fabric_location: str
    recovery_fabric_location: str
    nics: tuple[ItemNic, ...]
    source_disk_ids: tuple[str, ...]
    test_disk_names: tuple[str, ...]
    replica_disk_ids: tuple[str, ...]
    entity_id: (
        str | None
    )  # internal GUID (health errors, VmMap of runbooks); None if Azure did not show it
    raw: Json


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    id: str
    time: datetime
    type: str  # CrashConsistent | AppConsistent (extensible)
    multi_vm: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """Azure took a write; the job's id is read from the `Location` header."""

    job_id: str  # ARM id {vault}/replicationJobs/{guid}
    correlation_id: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class JobError:
    code: str
    message: str
    causes: str
    action: str


@dataclass(frozen=True, slots=True)
class JobTask:
    name: str
    friendly_name: str
    state: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A Site Recovery job. `ended` holds for Succeeded, Failed, Cancelled (either spelling), and
    for a test failover that
    waits for its cleanup (Suspended / WaitingForStopTestFailover).
    """

    id: str
    name: str
    scenario: str | None
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    target_name: str | None
    target_id: str | None
    allowed_actions: tuple[str, ...]
    tasks: tuple[JobTask, ...]
    errors: tuple[JobError, ...]
    raw: Json
    network_id: str | None = (
        None  # drill network of a test failover job, where the details name one
    )

    @property
    def succeeded(self) -> bool:
        return self.state.casefold() in {"succeeded", "suspended", "completedwithinformation"}

    @property
    def ended(self) -> bool:
        return self.succeeded or self.state.casefold() in {"failed", "cancelled", "canceled"}


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    id: str
    name: str
    location: str
    size: str
    os: str
    provisioning_state: str
    power_state: str | None  # running | deallocated | …; None when not asked for
    agent_ready: bool | None  # VM agent's status is Ready; None when not asked for
    agent_status: str | None
    created_at: datetime | None
    nic_ids: tuple[str, ...]
    disk_ids: tuple[str, ...]
    tags: Mapping[str, str]
    raw: Json


@dataclass(frozen=True, slots=True)
class CommandResult:
    """State of a managed run-command."""

    state: str  # Pending | Running | Succeeded | Failed | TimedOut | Canceled | Unknown
    exit_code: int | None
    stdout: str
    stderr: str
    started_at: datetime | None
    ended_at: datetime | None
    raw: Json

    @property
    def ended(self) -> bool:
        return self.state.casefold() in {
            "succeeded",
            "failed",
            "timedout",
            "canceled",
            "cancelled",
        }


@dataclass(frozen=True, slots=True)
class AutomationJob:
    name: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    exception: str | None
    raw: Json

    @property
    def ended(self) -> bool:
        return self.status.casefold() in {"completed", "failed", "stopped", "suspended"}


@dataclass(frozen=True, slots=True)
class Resource:
    """Any ARM resource through the generic client."""

    id: str
    name: str
    type: str
    location: str | None
    tags: Mapping[str, str]
    properties: Json = field(default_factory=dict)
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permission:
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run cost of ARM's budget, for `make bench` and the report."""

    reads: int
    writes: int
    deletes: int
    throttled: int


class Gateway(Protocol):
    """The port. One instance serves one run; `async with` opens and closes its connections."""

    async def __aenter__(self) -> Gateway: ...
    async def __aexit__(self, *exc: object) -> None: ...

    async def caller(self) -> Caller: ...
    def usage(self) -> Usage: ...

    # --- Site Recovery
    # -------------------------------------------------------------------------------
    async def vault(self, vault: VaultRef) -> Resource | None: ...
    async def protected_items(self, vault: VaultRef) -> tuple[ProtectedItem, ...]: ...
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

    # --- Compute
    # -------------------------------------------------------------------------------------
    async def vm(self, vm_id: str, *, instance_view: bool = False) -> VirtualMachine | None: ...
    async def start_command(self, vm_id: str, name: str, script: str, timeout: timedelta) -> None:
        """PUT a managed run-command (name is ours: sending it again is the same command)."""
        ...

    async def command(self, vm_id: str, name: str) -> CommandResult | None: ...
    async def command_ended(
        self, vm_id: str, name: str, *, expected: timedelta, within: timedelta
    ) -> CommandResult: ...
    async def delete_command(self, vm_id: str, name: str) -> None: ...

    # --- Automation
    # ----------------------------------------------------------------------------------
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

    # --- everything else in ARM
    # ----------------------------------------------------------------------
    async def resource(self, resource_id: str) -> Resource | None:
        """None when it is not there; raises GatewayError (code AZ-403) when it may not be read."""
        ...

    async def put_resource(self, resource_id: str, body: Json, *, within: timedelta) -> Resource:
        """Create or replace; returns when provisioningState is Succeeded."""
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

    async def subscriptions(self) -> tuple[str, ...]:
        """Ids (GUIDs) of all subscriptions in which the caller has any role."""
        ...

    async def permissions(self, scope: str) -> tuple[Permission, ...]: ...
