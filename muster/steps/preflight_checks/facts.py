"""What preflight read: one value that every check judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from muster.gateway.values import (
    Job,
    Json,
    Permission,
    ProtectedItem,
    RecoveryPoint,
    Resource,
    VaultRef,
    VirtualMachine,
)
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision


class NotRead(LookupError):
    """A check asked for something that could not be read: it is not evidenced."""


def unread_name(arm_id: str) -> str:
    """What `Facts.unread` says by why one thing, which stands among others, could not be read."""
    return f"thing {arm_id.strip().rstrip('/').casefold()}"


@dataclass(frozen=True, slots=True)
class Runbooks:
    """A runbook that will be started: where it should be, and what is there."""

    account_id: str
    name: str
    found: Resource | None
    run_on: str | None = None  # hybrid worker group; None: Azure's own sandbox


@dataclass(frozen=True, slots=True)
class Reserved:
    """A capacity reservation group that items name, and the reservations in it."""

    group: Resource | None
    reservations: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Ours:
    """What stands on our own side: journal, key, clock, earlier runs. No secret is in it."""

    is_rehearsal: bool = False
    journal_free: int | None = None  # bytes; None: nobody knows
    journal_lacking: str | None = None  # why no run can be written; "": one can; None: unknown
    key_is_there: bool = False
    key_is_attested: bool = False
    key_is_yet_to_be_made: bool = False  # there is no such file
    key_mode: int | None = None  # permission bits of the key's file; None: nobody knows
    azure_ahead: timedelta | None = None  # Azure's clock against ours
    region: str | None = None  # where this program runs
    last_passed: datetime | None = None  # when the last drill that passed was closed
    last_digest: str | None = None  # of the plan that it drilled
    open_runs: tuple[str, ...] = ()  # of this plan, others than this one
    failing_over: Mapping[str, str] = field(default_factory=dict)  # VM -> open run that began it
    broken_runs: Mapping[str, str] = field(default_factory=dict)  # do not verify, and why


@dataclass(slots=True)
class Facts:
    """Everything that was read. `unread` says what could not be, by field, and why."""

    plan: RecoveryPlan
    run_id: str
    now: datetime
    vault_ref: VaultRef
    target_group_id: str
    target_network_id: str
    drill_network_id: str
    source_network_id: str
    operation: Operation = Operation.DRILL
    digest: str = ""
    scripts: frozenset[str] = frozenset()
    # --- of a replication: what is to be made or changed; policies by where they are asked for ---
    decision: Decision | None = None
    assignments_at: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    exemptions_at: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)  # by place, too
    # --- the vault and what it protects; by VM: missing is not protected -------------------------
    vault: Resource | None = None
    items: Mapping[str, ProtectedItem] = field(default_factory=dict)
    protected_ids: frozenset[str] = frozenset()  # keys of ids of all VMs that the vault protects
    jobs: tuple[Job, ...] = ()  # that the vault lists as not ended
    points: Mapping[str, tuple[RecoveryPoint, ...]] = field(default_factory=dict)
    container_mappings: tuple[Json, ...] = ()
    network_mappings: tuple[Json, ...] = ()
    policies: tuple[Json, ...] = ()
    # --- the source ------------------------------------------------------------------------------
    source_ids: Mapping[str, str] = field(default_factory=dict)  # by VM, as the plan places it
    sources: Mapping[str, VirtualMachine | None] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # by key of id: another vault
    powers: Mapping[str, str | None] = field(default_factory=dict)  # by key of id: running, …
    selected: tuple[
        VirtualMachine, ...
    ] = ()  # that `replication.select` means, of the plan or not
    source_networks: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by VM: ids of the networks that its cards stand in
    source_cards: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)  # by VM
    source_network: Resource | None = None
    other_source_subnets: tuple[Json, ...] = ()  # of other networks, that source cards stand in
    source_disks: Mapping[str, Json] = field(default_factory=dict)  # by key of id
    caches: Mapping[str, Resource | None] = field(default_factory=dict)  # by id in small letters
    walls: Mapping[str, Json] = field(default_factory=dict)  # security groups, by key of id
    routes: Mapping[str, Json] = field(default_factory=dict)  # route tables, by key of id
    # --- the target ------------------------------------------------------------------------------
    target_group: Resource | None = None
    in_target_group: tuple[Resource, ...] = ()
    target_network: Resource | None = None
    drill_network: Resource | None = None
    peers: Mapping[str, Resource | None] = field(default_factory=dict)  # of the target network
    target_addresses: Mapping[str, str] = field(
        default_factory=dict
    )  # taken where copies come up: by address, whose
    target_walls: Mapping[str, Json] = field(default_factory=dict)
    zones: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # private DNS zone -> keys of the networks it is linked to
    zones_looked_in: tuple[str, ...] = ()  # subscriptions whose zones were listed
    compute_usages: tuple[Json, ...] = ()
    network_usages: tuple[Json, ...] = ()
    sizes: Mapping[str, Json] = field(default_factory=dict)  # by size in small letters
    reserved: Mapping[str, Reserved] = field(default_factory=dict)  # by key of id
    named: Mapping[str, bool] = field(default_factory=dict)  # by id that items name: is it there
    planned: Mapping[str, Resource | None] = field(
        default_factory=dict
    )  # by key of id that the plan names for VMs, of pools their balancer; missing: not read
    locks: tuple[Json, ...] = ()  # at the target group, above and below, and at the vault
    assignments: tuple[Json, ...] = ()  # of policies, at the target group and above
    definitions: Mapping[str, Json] = field(default_factory=dict)  # of those policies
    exemptions: tuple[Json, ...] = ()  # from them, at the target group and above
    # --- what is started, and as whom ------------------------------------------------------------
    runbooks: tuple[Runbooks, ...] = ()
    accounts: Mapping[str, Resource | None] = field(default_factory=dict)
    workers: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)  # by account/group
    vault_permissions: tuple[Permission, ...] = ()
    target_permissions: tuple[Permission, ...] = ()
    source_permissions: Mapping[str, tuple[Permission, ...]] = field(
        default_factory=dict
    )  # by id of a resource group that source VMs stand in
    account_permissions: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    ours: Ours = Ours()
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def decided(self) -> Decision:
        """What a replication is to make, change and leave.

        Raises:
            NotRead: It could not be decided.
        """
        self.need("decision")
        if self.decision is None:
            raise NotRead("what is to be made was not decided")
        return self.decision

    @property
    def comes_up_in(self) -> Literal["target_network", "drill_network"]:
        """The network whose subnets copies come up in; one to be made mirrors the target's."""
        is_given = self.operation is Operation.DRILL and self.plan.drill.network.use
        return "drill_network" if is_given else "target_network"

    @property
    def landing_id(self) -> str:
        """Id of the network that copies come up in, or that what they come up in mirrors."""
        is_given = self.comes_up_in == "drill_network"
        return self.drill_network_id if is_given else self.target_network_id

    @property
    def landing(self) -> Resource | None:
        """That network; None: it is not there.

        Raises:
            NotRead: It could not be read.
        """
        self.need(self.comes_up_in)
        return self.drill_network if self.comes_up_in == "drill_network" else self.target_network

    def need(self, *names: str) -> None:
        """Say what a judgement rests on.

        Raises:
            NotRead: One of these fields could not be read.
        """
        for name in names:
            if name in self.unread:
                raise NotRead(self.unread[name])
