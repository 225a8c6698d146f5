"""What `replicate` leaves behind: all named and decided before anything is made. Pure values.

Worked out from the plan and from what was found, by `muster.replication.working_out`;
compared with what is there by `muster.replication.changes`; made by `muster.steps.replicating`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from muster.gateway.values import VaultRef

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResourceWanted:
    """An ARM resource that is made if it is missing, and never changed if it is there.

    `after` are ids that have to be there first. `why` is a sentence: whose copy it is.
    """

    id: str
    body: Json  # as PUT
    why: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VaultWanted:
    ref: VaultRef
    region: str


@dataclass(frozen=True, slots=True)
class PolicyWanted:
    name: str
    app_consistent_every: timedelta  # zero: no app-consistent snapshots
    keep_recovery_points: timedelta
    multi_vm_sync: bool


@dataclass(frozen=True, slots=True)
class FabricWanted:
    """A region in the vault, with its protection container."""

    name: str
    region: str
    container: str  # name


@dataclass(frozen=True, slots=True)
class MappingWanted:
    """Source container to target container under the policy, or back."""

    name: str
    source: FabricWanted
    target: FabricWanted


@dataclass(frozen=True, slots=True)
class NetworkMappingWanted:
    """Which network VMs of one network recover into; both ways, so that reprotect works."""

    name: str
    source: FabricWanted
    target: FabricWanted
    source_network_id: str
    target_network_id: str


@dataclass(frozen=True, slots=True)
class DiskWanted:
    """A disk that is replicated. Types are ARM's words, such as Premium_LRS."""

    id: str
    cache_storage_id: str
    recovery_group_id: str
    replica_type: str | None = None
    target_type: str | None = None
    encryption_set_id: str | None = None


@dataclass(frozen=True, slots=True)
class IpWanted:
    """An address of a card after a failover, or in a test failover; None: as Azure chooses."""

    name: str  # of the source's ip configuration
    is_primary: bool
    subnet: str | None
    private_ip: str | None
    public_ip_id: str | None = None
    backend_pool_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardWanted:
    """A network card of the item: after a failover (`ips`) and in a test failover (`test_ips`)."""

    source_nic_id: str
    network_id: str
    ips: tuple[IpWanted, ...]
    security_group_id: str | None = None
    test_network_id: str | None = None
    test_ips: tuple[IpWanted, ...] = ()
    test_security_group_id: str | None = None
    accelerated: bool | None = None


@dataclass(frozen=True, slots=True)
class VmWanted:
    """One VM's protected item, and where it recovers to."""

    name: str
    source_vm_id: str
    item: str  # name of the protected item
    disks: tuple[DiskWanted, ...]
    recovery_group_id: str
    recovery_network_id: str
    recovery_subnet: str
    cards: tuple[CardWanted, ...] = ()
    size: str | None = None
    zone: str | None = None
    availability_set_id: str | None = None
    proximity_group_id: str | None = None
    capacity_reservation_id: str | None = None
    consistency_group: str | None = None
    boot_diagnostics_storage_id: str | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """Something that the plan names and that nobody makes here: it has to be there already."""

    id: str
    why: str  # whose it is


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything. Order of making: groups, vault and resources; fabrics; policy; mappings; VMs."""

    vault: VaultWanted
    groups: tuple[ResourceWanted, ...]
    resources: tuple[ResourceWanted, ...]  # target network, cache storage, availability sets …
    source: FabricWanted
    target: FabricWanted  # zone to zone: the source's own fabric, with another container
    policy: PolicyWanted
    mappings: tuple[MappingWanted, ...]  # there and back
    network_mappings: tuple[NetworkMappingWanted, ...]  # there and back
    vms: tuple[VmWanted, ...]
    needed: tuple[Needed, ...] = ()
    residency: str | tuple[str, ...] | None = None  # where data may be; None: anywhere
    own_vms: tuple[str, ...] = ()  # keys of VMs' ids: runs of the plan enabled what protects them


@dataclass(frozen=True, slots=True)
class Left:
    """A VM that is not protected by this run, and why: already, unsupported or pending.

    Names are no proof of whose it is: another team's VM, which a selector means, may have the name
    of one that the plan names.
    """

    name: str
    kind: str  # protected | unsupported | pending | not found | another plan's
    why: str
    remedy: str = ""
    vm_id: str = ""
    is_named: bool = False  # by the plan itself: without it the run fails
    gives_way: bool = False  # to another plan that claims it: this one's claim ends by that
