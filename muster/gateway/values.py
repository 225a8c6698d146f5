"""What Azure tells, as values in our words.

Instants are aware UTC or None where Azure sends a sentinel (1753, 0001). Ids are ARM ids as Azure
sent them; compare them with `muster.gateway.ids.same_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

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
    # internal GUID (health errors, VmMap of runbooks); None if Azure did not show it
    entity_id: str | None
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
    """A Site Recovery job.

    `ended` holds for Succeeded, Failed, Cancelled (either spelling), and for a test failover that
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
    # drill network of a test failover job, where the details name one
    network_id: str | None = None

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
    parted: str = field(default="", compare=False)  # how the simulator's clock left ours
