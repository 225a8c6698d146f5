"""Whose an item is where several plans may mean its VM: what their files and runs say. Pure.

Terms prove nothing between plans: policy and group have defaults that all of them share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.replication.item_details import policy_of
from muster.replication.primary_side import Refusal

FOREIGN = "STEP-055"
AT_ONCE = timedelta(hours=1)
"""How far apart two runs may mean to enable one VM and still be at it at the same time."""


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
    is_proven: bool = True  # Azure's own answer took it, and its job is not known to have failed

    @property
    def counts_from(self) -> datetime:
        """When it is taken to have been, among enablings of one item by several plans.

        Of two that were at it at once Azure takes one: the other was refused, its job failed, or
        it took the first one's job for its own; whichever meant it later.
        """
        return self.at if self.is_proven else self.at - AT_ONCE

    @property
    def said(self) -> str:
        """The claim in words, for other plans."""
        return f"run {self.run} of plan {self.plan} enabled it"

    def is_of(self, item: ProtectedItem) -> bool:
        """Whether an item is what was asked for then, and not what others enabled otherwise."""
        return (
            same_id(self.item_id, item.id)
            and same_id(self.vm_id, item.source_vm_id)
            and same_id(self.policy_id, policy_of(item))
            and same_id(self.group_id, item.recovery_resource_group_id)
        )


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


@dataclass(frozen=True, slots=True)
class Claims:
    """What the plan's own runs say of VMs, and what other plans do."""

    own: tuple[Enabled, ...] = ()
    own_judged: tuple[Judged, ...] = ()
    named: tuple[Named, ...] = ()  # by files of other plans
    others: tuple[Enabled, ...] = ()  # by runs of other plans that have it still
    others_judged: tuple[Judged, ...] = ()

    def enabled_by(self, item: ProtectedItem) -> str | None:
        """The plan's own run that enabled an item; None where what is there now is not what was
        asked for then: somebody else may have enabled the same VM under the same name since.
        """
        return next((one.run for one in _newest_first(self.own) if one.is_of(item)), None)

    def enabled_by_another(self, item: ProtectedItem) -> Enabled | None:
        """The enabling of an item that came last, where a run of another plan asked for it."""
        every = _newest_first(self.own + self.others)  # of one instant our own comes first
        newest = next((one for one in every if one.is_of(item)), None)
        return newest if newest in self.others else None

    def named_by_another(self, vm_id: str) -> Named | None:
        """The file of another plan that names a VM."""
        return next((one for one in self.named if same_id(one.vm_id, vm_id)), None)

    def taken_by_another(self, vm_id: str) -> Judged | None:
        """The run of another plan that took a VM for its own, later than any run of this plan."""
        of_vm = (one for one in self.others_judged if same_id(one.vm_id, vm_id))
        return next((one for one in of_vm if not self._is_ours_since(one)), None)

    def of_another(self, item: ProtectedItem) -> Refusal | None:
        """Why an item is another plan's to end; None where no other plan claims it."""
        if name := self.named_by_another(item.source_vm_id):
            remedy = (
                f"Take the VM out of {name.file} if it is this plan's; if not, {_by(name.plan)}."
            )
            return Refusal(FOREIGN, name.said, remedy)
        claim = self.enabled_by_another(item) or self.taken_by_another(item.source_vm_id)
        if claim is None:
            return None
        remedy = f"{_by(claim.plan).capitalize()}; or let a run of {claim.plan} leave the VM out."
        return Refusal(FOREIGN, claim.said, remedy)

    def _is_ours_since(self, last: Judged) -> bool:
        ours = (one for one in self.own_judged if same_id(one.vm_id, last.vm_id))
        return any(one.at > last.at for one in ours)


def _by(plan: str) -> str:
    return f"disable it by {plan}, or in the vault"


def _newest_first(enabled: Sequence[Enabled]) -> list[Enabled]:
    return sorted(enabled, key=lambda one: one.counts_from, reverse=True)
