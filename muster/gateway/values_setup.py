"""A vault's set-up as Azure tells it, in our words: what a VM's protection stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from muster.gateway.values import JobError, Json, ProtectedItem


@dataclass(frozen=True, slots=True)
class Fabric:
    """A region that the vault knows."""

    id: str
    name: str
    region: str  # as an ARM location: eastus
    raw: Json


@dataclass(frozen=True, slots=True)
class Container:
    """A protection container of a fabric."""

    id: str
    name: str
    fabric: str  # name
    raw: Json


@dataclass(frozen=True, slots=True)
class ContainerMapping:
    """One container to another under a policy: one direction."""

    id: str
    name: str
    container_id: str
    target_container_id: str
    policy_id: str
    state: str  # Paired …
    raw: Json


@dataclass(frozen=True, slots=True)
class ReplicationPolicy:
    """An A2A replication policy; a span of zero is off."""

    id: str
    name: str
    app_consistent_every: timedelta
    keep_recovery_points: timedelta
    multi_vm_sync: bool
    raw: Json


@dataclass(frozen=True, slots=True)
class NetworkMapping:
    """Which network VMs of one network recover into; ids in small letters, as Azure sends them."""

    id: str
    name: str
    fabric: str  # name of the source fabric
    source_network_id: str
    target_network_id: str
    state: str
    raw: Json


@dataclass(frozen=True, slots=True)
class VaultSetup:
    """All set-up and items of one vault, as listed now."""

    fabrics: tuple[Fabric, ...]
    containers: tuple[Container, ...]
    mappings: tuple[ContainerMapping, ...]
    policies: tuple[ReplicationPolicy, ...]
    network_mappings: tuple[NetworkMapping, ...]
    items: tuple[ProtectedItem, ...]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Azure's own answer to whether a VM can be replicated; no errors: it can."""

    vm_id: str
    errors: tuple[JobError, ...]
