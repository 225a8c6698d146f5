"""What a world file may say: the facts a simulated Azure starts from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from muster.simulator.worlds.facts import (
    Address,
    Endpoint,
    Facts,
    Guid,
    Location,
    Name,
    Range,
    Seconds,
)
from muster.simulator.worlds.identities import IdentityFacts, Role, Throttling


class Settings(Facts):
    """Where Azure's behaviour is not known, or may be chosen."""

    refusal: Literal["conflict", "bad_request", "failed_job"] = "failed_job"  # FACTS 11
    failover_test_job_ends: Literal["succeeded", "suspended"] = "succeeded"  # FACTS 7
    cancelled_operation: Literal["Canceled", "Cancelled"] = "Canceled"  # FACTS 2
    policy_limits: Literal["twelve_hours", "none"] = "twelve_hours"  # FACTS 3: 150261
    failed_job_restart: Literal["offered", "never"] = "offered"  # FACTS 8
    failed_runbook: Literal["goes_on", "fails_plan"] = "goes_on"  # in a plan [DOC], FACTS 6
    failed_machine: Literal["stops_plan", "goes_on"] = "stops_plan"  # in a plan: not known
    signed_urls: bool = True  # FACTS 1.4: long URLs since 2025
    failed_over_lists: Literal["complete_migration", "plain"] = "complete_migration"  # FACTS 7
    failover_cancel: Literal["unlisted", "listed", "refused"] = "unlisted"  # FACTS 13
    item_reprotect: Literal["fails", "works"] = "fails"  # reProtect of an item; see reprotects.py
    critical_after: Seconds = 3600.0  # replicationHealth of an item that makes no points
    item_while_enabling: Literal["shown", "missing"] = "shown"  # FACTS 4
    items_per_page: int = Field(100, ge=1)  # of lists of protected items
    token_lifetime: Seconds = 3599.0  # wall-clock time
    replayed_assertion: Literal["accepted", "refused"] = "accepted"  # identity/assertions.py
    throttling: Throttling = Throttling()
    page_size: int = Field(1000, ge=1)  # of ARM's own lists
    run_command_failure: Literal["succeeded", "failed"] = "succeeded"  # FACTS 12: MEMORY


class Subscription(Facts):
    id: Guid
    name: str = "Simulated"


class GroupFacts(Facts):
    name: Name
    location: Location
    subscription: Guid | None = None  # another one than the world's own
    tags: dict[str, str] = Field(default_factory=dict)


class NetworkFacts(Facts):
    name: Name
    group: Name
    ranges: tuple[Range, ...] = Field(min_length=1)
    subnets: dict[Name, Range]
    security_groups: dict[Name, Name] = Field(default_factory=dict)  # of `resources`, by subnet
    peered_with: tuple[str, ...] = ()  # network names (both ways are made), or ids (one way)


class Service(Facts):
    port: int = Field(ge=1, le=65535)
    kind: Literal["tcp", "http"] = "tcp"
    paths: dict[str, str] = Field(default_factory=dict)
    needs: tuple[Endpoint, ...] = ()
    open_after: Seconds = 0.0


class Script(Facts):
    match: str = Field(min_length=1)
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    takes: Seconds = 5.0


class Disk(Facts):
    name: Name
    gb: int = Field(127, ge=1)


class JobFault(Facts):
    """How a job fails, in the words of FACTS 8."""

    code: str
    message: str
    causes: str = ""
    action: str = ""
    at: Literal["prerequisites", "work", "end"] = "work"  # before, in or after the real work
    times: int = Field(1_000_000, ge=1)  # the first so many jobs of this VM fail


class Faults(Facts):
    failover_test: JobFault | None = Field(None, alias="test_failover")
    cleanup: JobFault | None = None
    enable: JobFault | None = None
    shutdown: JobFault | None = None  # of the source VM; the failover goes on
    failover: JobFault | None = None
    commit: JobFault | None = None
    reprotect: JobFault | None = None


class VmFacts(Facts):
    name: Name
    group: Name
    size: str = "Standard_D2s_v5"
    os: Literal["linux", "windows"] = "linux"
    network: Name
    subnet: str
    address: Address
    tags: dict[str, str] = Field(default_factory=dict)
    zone: Literal["1", "2", "3"] | None = None  # its disks stand in the same
    power: Literal["running", "stopped", "deallocated"] = "running"  # as the world begins
    data_disks: tuple[Disk, ...] = ()
    boot: Seconds | Literal["never"] = 40.0  # of its test copies, and when started again
    services: tuple[Service, ...] = ()
    scripts: tuple[Script, ...] = ()
    faults: Faults = Faults()


class OwnTestSettings(Facts):
    """The item's own test failover settings; what is set wins over the call (FACTS 7)."""

    network: str | None = None  # ARM id -> selectedTfoAzureNetworkId
    subnet: str | None = None
    address: Address | None = None
    public_ip: str | None = None
    security_group: str | None = None


class AgentFacts(Facts):
    """What an item's mobility agent tells of itself; ends count from the world's first day."""

    expires: Seconds | None = None
    certificate_expires: Seconds | None = None
    update_required: bool = False


class ItemFacts(Facts):
    vm: Name
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{3,64}$")]
    rpo: Seconds = 60.0
    protection_state: Literal["Protected", "InitialReplicationInProgress"] = "Protected"
    replication_health: Literal["Normal", "Warning", "Critical"] = "Normal"
    multi_vm_group: str = ""
    own_test_settings: OwnTestSettings = OwnTestSettings()
    agent: AgentFacts = AgentFacts()
    resync: bool = False  # its disks have to be synchronised again


class PolicyFacts(Facts):
    name: Name = "24-hour-retention-policy"
    app_consistent_every: Seconds = 4 * 3600.0
    keep_recovery_points: Seconds = 24 * 3600.0


class SideFacts(Facts):
    location: Location
    group: Name
    network: Name


class VaultFacts(Facts):
    name: Name
    group: Name
    policy: PolicyFacts = PolicyFacts()
    source: SideFacts
    target: SideFacts
    items: tuple[ItemFacts, ...] = ()


class RunbookFacts(Facts):
    name: Name
    activate: Seconds = 8.0
    run: Seconds = 30.0
    result: Literal["completed", "failed", "suspended"] = "completed"
    output: str = ""  # `{parameters}` becomes the JSON of the parameters it got
    exception: str = "The runbook stopped with an error."


class AccountFacts(Facts):
    name: Name
    group: Name
    state: Literal["Ok", "Unavailable", "Suspended"] = "Ok"
    identity: bool = True  # a managed identity of its own
    runbooks: tuple[RunbookFacts, ...] = ()


class OtherResource(Facts):
    """Any other ARM resource, in ARM's own words."""

    type: Annotated[str, StringConstraints(pattern=r"^[A-Za-z.]+(/[A-Za-z]+)+$")]
    name: Annotated[str, StringConstraints(pattern=r"^[^/\s]+(/[^/\s]+)*$", max_length=300)]
    group: Name
    location: Location | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    sku: dict[str, Any] | None = None
    properties: dict[str, Any] = Field(default_factory=dict)


class PolicyAssignmentFacts(Facts):
    """An Azure Policy, assigned: what `rule` (the `if` of Azure's policies) finds is denied."""

    name: Name
    display_name: str = ""
    scope: str = ""  # below the subscription, as in role assignments
    not_scopes: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()  # scopes that an exemption frees, without an end
    rule: dict[str, Any]
    effect: Literal["deny", "audit"] = "deny"
    mode: Literal["Indexed", "All"] = "Indexed"


class LockFacts(Facts):
    name: Name
    scope: str = ""  # below the subscription, as in role assignments
    level: Literal["CanNotDelete", "ReadOnly"] = "CanNotDelete"
    notes: str = ""


class QuotaFacts(Facts):
    location: Location
    limits: dict[str, Annotated[int, Field(ge=0)]]  # by the names usages tell


class WorkerFacts(Facts):
    """Where the program that drills stands: it reaches what this address reaches."""

    network: Name
    address: Address


class WorldFacts(Facts):
    """A whole world file."""

    world: Name
    seed: str
    subscription: Subscription
    tenant: Guid
    settings: Settings = Settings()
    roles: dict[str, Role] = Field(default_factory=dict)
    identities: tuple[IdentityFacts, ...] = Field(min_length=1)
    client: Name  # the identity that simulator.env is written for
    clients: dict[str, Name] = Field(default_factory=dict)  # instead of it, by what it is for
    groups: tuple[GroupFacts, ...] = Field(min_length=1)
    networks: tuple[NetworkFacts, ...] = ()
    worker: WorkerFacts | None = None
    scripts: tuple[Script, ...] = ()  # every VM answers these, after its own
    vms: tuple[VmFacts, ...] = ()
    vaults: tuple[VaultFacts, ...] = ()
    automation: tuple[AccountFacts, ...] = ()
    resources: tuple[OtherResource, ...] = ()
    locks: tuple[LockFacts, ...] = ()
    policies: tuple[PolicyAssignmentFacts, ...] = ()
    quotas: tuple[QuotaFacts, ...] = ()
