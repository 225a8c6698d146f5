"""What `compare` answers: one change for each thing that is wanted, and why. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from muster.replication.nouns import noun_of
from muster.replication.wanted import (
    DiskWanted,
    FabricWanted,
    MappingWanted,
    NetworkMappingWanted,
    PolicyWanted,
    ResourceWanted,
    VaultWanted,
    VmWanted,
)


class Act(StrEnum):
    """What is to be done with a thing."""

    CREATE = "create"
    CHANGE = "change"
    WAIT = "under way"  # Azure is at it already; the next run follows it to its end
    LEAVE = "leave alone"
    REFUSE = "refuse"  # it is not as wanted, and a person has to mend it


class Kind(StrEnum):
    """What a change is about; the order is that of making."""

    GROUP = "resource group"
    VAULT = "vault"
    RESOURCE = "resource"
    FABRIC = "fabric"
    CONTAINER = "protection container"
    POLICY = "replication policy"
    MAPPING = "container mapping"
    NETWORK_MAPPING = "network mapping"
    VM = "protected item"  # CREATE: enable replication; CHANGE: its settings
    DISKS = "disks of a protected item"  # CHANGE: replicate disks that were added


OF_ONE_VM = frozenset({Kind.VM, Kind.DISKS})
"""What is about one VM alone: what is refused of it stops no other."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs, as people read it; None: nothing."""

    name: str
    before: str | None
    after: str | None


Thing = (
    ResourceWanted
    | VaultWanted
    | FabricWanted
    | PolicyWanted
    | MappingWanted
    | NetworkMappingWanted
    | VmWanted
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done about one thing.

    `name` is what people call it, `id` the ARM id where it has or will have one. `wanted` is what
    to make or change it by; None for a refusal about something that nobody wants. `disks` are the
    disks to replicate (Kind.VM to create), or to add (Kind.DISKS).
    """

    act: Act
    kind: Kind
    name: str
    id: str | None
    why: str
    fields: tuple[FieldChange, ...] = ()
    remedy: str = ""
    wanted: Thing | None = None
    disks: tuple[DiskWanted, ...] = ()

    @property
    def noun(self) -> str:
        """What people call the kind of thing it is about: `network`, not `resource`."""
        return noun_of(self.id, self.kind.value) if self.kind is Kind.RESOURCE else self.kind.value
