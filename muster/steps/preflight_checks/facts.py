"""What preflight read: one value that every check judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from muster.gateway.values import (
    Job,
    Permission,
    ProtectedItem,
    Resource,
    VaultRef,
    VirtualMachine,
)
from muster.plan.model import RecoveryPlan

T = TypeVar("T")


class NotRead(LookupError):
    """A check asked for something that could not be read: it is not evidenced."""


@dataclass(frozen=True, slots=True)
class Runbooks:
    """A runbook that the drill will start: where it should be, and what is there."""

    account_id: str
    name: str
    found: Resource | None


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
    scripts: frozenset[str] = frozenset()
    vault: Resource | None = None
    items: Mapping[str, ProtectedItem] = field(
        default_factory=dict
    )  # by VM; missing: not protected
    sources: Mapping[str, VirtualMachine | None] = field(default_factory=dict)
    source_networks: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by VM: ids of the networks that its cards stand in
    source_network: Resource | None = None
    in_target_group: tuple[Resource, ...] = ()
    target_network: Resource | None = None
    drill_network: Resource | None = None
    runbooks: tuple[Runbooks, ...] = ()
    jobs: tuple[Job, ...] = ()  # that the vault lists as not ended
    vault_permissions: tuple[Permission, ...] = ()
    target_permissions: tuple[Permission, ...] = ()
    account_permissions: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def need(self, *names: str) -> None:
        """Say what a judgement rests on.

        Raises:
            NotRead: One of these fields could not be read.
        """
        for name in names:
            if name in self.unread:
                raise NotRead(self.unread[name])
