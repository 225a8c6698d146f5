"""Whose an item is where several plans may mean its VM: what their files and runs say. Pure.

Terms prove nothing between plans: policy and group have defaults that all of them share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.replication.claims_made import Doubt, Enabled, Judged, Named
from muster.replication.primary_side import Refusal

__all__ = ["FOREIGN", "Claims", "Doubt", "Enabled", "Judged", "Named"]

FOREIGN = "STEP-055"


@dataclass(frozen=True, slots=True)
class Claims:
    """What the plan's own runs say of VMs, and what other plans do."""

    own: tuple[Enabled, ...] = ()
    own_judged: tuple[Judged, ...] = ()
    named: tuple[Named, ...] = ()  # by files of other plans
    others: tuple[Enabled, ...] = ()  # by runs of other plans that have it still
    others_judged: tuple[Judged, ...] = ()
    perhaps: tuple[Enabled, ...] = ()  # asked for by runs of other plans, and never answered
    doubts: tuple[Doubt, ...] = ()  # what other plans' evidence may hide
    beside: frozenset[str] = frozenset()  # names of the plans whose files lie beside this one

    def enabled_by(self, item: ProtectedItem) -> str | None:
        """The plan's own run that enabled an item; None where what is there now is not what was
        asked for then: somebody else may have enabled the same VM under the same name since.
        """
        return next((one.run for one in self._own_of(item)), None)

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

    def perhaps_of_another(self, item: ProtectedItem) -> Refusal | None:
        """Why nobody can say that no other plan enabled an item; None where this plan did: by the
        id that its run saw it have, or later than whatever the evidence may hide.
        """
        own = self._own_of(item)
        if any(one.is_proven_by(item) for one in own):
            return None
        for claim in self._perhaps_of(item):
            if not any(claim.at and one.at > claim.at for one in own):
                return Refusal(FOREIGN, claim.said, claim.remedy)
        return None

    def of_another(self, item: ProtectedItem) -> Refusal | None:
        """Why an item is, or may be, another plan's to end; None where no other plan claims it."""
        if name := self.named_by_another(item.source_vm_id):
            remedy = (
                f"Take the VM out of {name.file} if it is this plan's; if not, {_by(name.plan)}."
            )
            return Refusal(FOREIGN, name.said, remedy)
        claim = self.enabled_by_another(item) or self.taken_by_another(item.source_vm_id)
        if claim is None:
            return self.perhaps_of_another(item)
        remedy = f"{_by(claim.plan).capitalize()}; or {self.how_to_take_over(claim.plan)}."
        return Refusal(FOREIGN, claim.said, remedy)

    def how_to_take_over(self, plan: str) -> str:
        """What has another plan give a VM up, at no cost of recovery points: half a sentence."""
        if plan in self.beside:
            return f"let {plan} mean the VM no more, and run `muster replicate {plan}` once"
        return (
            f"let a run of {plan} leave the VM out; or, if this plan is {plan} by another name, "
            f"write `formerly: [{plan}]` into it"
        )

    def _own_of(self, item: ProtectedItem) -> list[Enabled]:
        return [one for one in _newest_first(self.own) if one.is_of(item)]

    def _perhaps_of(self, item: ProtectedItem) -> Iterator[Doubt]:
        yield from (one for one in self.doubts if one.may_be_of(item))
        for one in self.perhaps:
            if one.is_of(item):
                yield one.as_doubt()

    def _is_ours_since(self, last: Judged) -> bool:
        ours = (one for one in self.own_judged if same_id(one.vm_id, last.vm_id))
        return any(one.at > last.at for one in ours)


def _by(plan: str) -> str:
    return f"disable it by {plan}, or in the vault"


def _newest_first(enabled: Sequence[Enabled]) -> list[Enabled]:
    return sorted(enabled, key=lambda one: one.counts_from, reverse=True)
