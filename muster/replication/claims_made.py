"""What may be said for a plan's claim to a VM: enabled, taken, named; or hidden by evidence that
does not read. Pure values.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from muster.gateway.ids import key_of, same_id
from muster.gateway.values import ProtectedItem
from muster.replication.item_details import policy_of
from muster.replication.item_identity import lifecycle_of

AT_ONCE = timedelta(hours=1)
"""How far apart two runs may mean to enable one VM and still be at it at the same time."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Evidence of a plan that does not read, or is not as it was written: what it hides may have
    enabled a VM.

    `at` is when what is hidden began, at the latest (Azure time); None: nobody knows.
    """

    plan: str  # "" where not even that is known
    what: str  # "run erp-1", or the entry of the register
    why: str
    remedy: str
    at: datetime | None = None
    only: frozenset[str] | None = None  # keys of the VMs that it can still be about; None: any
    over: frozenset[str] = frozenset()  # keys of those that it is not about any more

    @property
    def said(self) -> str:
        """The claim in words, for other plans."""
        of_plan = f" of plan {self.plan}" if self.plan else ""
        return f"{self.what}{of_plan} may have enabled it: {self.why}"

    @property
    def told(self) -> str:
        """The same as a sentence of its own."""
        of_plan = f" of plan {self.plan}" if self.plan else ""
        return f"what {self.what}{of_plan} enabled is not known: {self.why}"

    def may_be_of(self, item: ProtectedItem) -> bool:
        """Whether an item is one that this may hide the enabling of."""
        return self.may_mean(key_of(item.source_vm_id))

    def may_mean(self, key: str) -> bool:
        """Whether a VM, by the key of its id, is one that this may be about."""
        return key not in self.over and (self.only is None or key in self.only)

    def without(self, keys: Set[str]) -> Doubt:
        """The same, once those VMs are known to be no longer the plan's."""
        return replace(self, over=self.over.union(keys))

    def within(self, keys: Set[str]) -> Doubt:
        """The same, once a later run of the plan means those VMs and no others."""
        only = frozenset(keys) if self.only is None else self.only.intersection(keys)
        return replace(self, only=only)


@dataclass(frozen=True, slots=True)
class Enabled:
    """What a run of a plan asked for when it enabled a VM, as its journal tells."""

    item_id: str
    vm_id: str
    policy_id: str
    group_id: str
    run: str
    plan: str
    at: datetime  # Azure time
    lifecycle_id: str | None = None  # of the item, once that run saw it Protected
    needs_proof: bool = False  # it may have been ended since: only the item's own id shows it
    is_answered: bool = True  # Azure's own answer took it; False: its job was found later

    @property
    def counts_from(self) -> datetime:
        """When it is taken to have been, among enablings of one item by several plans.

        Of two that were at it at once Azure takes one, and the other may take the first one's
        job for its own, whichever meant it later.
        """
        return self.at if self.is_answered else self.at - AT_ONCE

    @property
    def said(self) -> str:
        """The claim in words, for other plans."""
        return f"run {self.run} of plan {self.plan} enabled it"

    def is_of(self, item: ProtectedItem) -> bool:
        """Whether an item is what was asked for then, and not what others enabled since: by the
        terms, and by the item's own id where it is known.
        """
        return self._is_on_its_terms(item) and (
            self.is_proven_by(item) or not (self.needs_proof or self._is_another(item))
        )

    def is_proven_by(self, item: ProtectedItem) -> bool:
        """Whether an item bears the id that the run saw it have."""
        now = lifecycle_of(item)
        return bool(now and self.lifecycle_id) and _same_guid(now, self.lifecycle_id)

    def as_doubt(self) -> Doubt:
        """The same of a request that was sent, as far as is known, and never answered."""
        return Doubt(
            self.plan,
            f"run {self.run}",
            "it was to enable it, and whether Azure took that is not recorded",
            f"Let `muster replicate {self.plan}` come to its end, or run it again.",
            self.at,
        )

    def _is_on_its_terms(self, item: ProtectedItem) -> bool:
        return (
            same_id(self.item_id, item.id)
            and same_id(self.vm_id, item.source_vm_id)
            and same_id(self.policy_id, policy_of(item))
            and same_id(self.group_id, item.recovery_resource_group_id)
        )

    def _is_another(self, item: ProtectedItem) -> bool:
        """Whether the item has an id, and it is another one: then others enabled it anew."""
        now = lifecycle_of(item)
        return bool(now and self.lifecycle_id) and not _same_guid(now, self.lifecycle_id)


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest run of a plan that took a VM for the plan's own."""

    vm_id: str
    run: str
    plan: str
    at: datetime  # Azure time

    @property
    def said(self) -> str:
        """The claim in words, for other plans."""
        taken = f"plan {self.plan} took it for its own in run {self.run}"
        return f"{taken}, later than any run of this plan"


@dataclass(frozen=True, slots=True)
class Named:
    """A VM that a plan's file names, for the same vault."""

    vm_id: str
    plan: str
    file: str

    @property
    def said(self) -> str:
        """The claim in words, for other plans."""
        return f"plan {self.plan} names it, too ({self.file})"


def _same_guid(one: str | None, other: str | None) -> bool:
    return (one or "").strip().casefold() == (other or "").strip().casefold()
