"""What was decided about a plan's replication before anything is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change
from muster.replication.found import Found
from muster.replication.judgement import Judgement
from muster.replication.listing import ListedVm
from muster.replication.outbound import OutboundFinding
from muster.replication.rights import Rights, lacks_rights
from muster.replication.sparing import standing_in_the_way
from muster.replication.wanted import Left, Wanted


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be there, what that changes, and which VMs are left out, with the reasons."""

    wanted: Wanted
    changes: tuple[Change, ...] = ()
    left: tuple[Left, ...] = ()
    told: tuple[tuple[str, Judgement], ...] = ()  # what to know, by VM or pair of regions
    outbound: tuple[OutboundFinding, ...] = ()
    listed: tuple[ListedVm, ...] = ()  # what was found, whatever becomes of it
    items: tuple[ProtectedItem, ...] = ()  # all of the plan's vault, whosesoever
    items_of_vms: Mapping[str, ProtectedItem] = field(default_factory=dict)  # by VM, as read
    found: Found | None = None  # what was read for it, so that nobody reads it again
    rights: Rights = field(default_factory=Rights)  # what the caller lacks for the changes

    @property
    def vms(self) -> dict[str, str]:
        """Source VM's id by name, of every VM that is replicated."""
        return {vm.name: vm.source_vm_id for vm in self.wanted.vms}

    @property
    def also_meant(self) -> tuple[str, ...]:
        """Ids of VMs that the plan means and that are left, for now; those that it leaves to
        another plan it means no more.
        """
        ids = (one.vm_id for one in self.left if one.vm_id and not one.gives_way)
        return tuple(dict.fromkeys(ids))

    def left_of(self, plan: RecoveryPlan) -> tuple[Left, ...]:
        """The VMs that the plan names and that are left out: a run of the plan fails of them. One
        that only `select` would have taken is told, and stops nothing.
        """
        named = {vm.name.casefold() for vm in plan.all_vms}
        named -= {name.casefold() for name in self.vms}
        meant = [one for one in self.left if one.is_named]  # not another team's of that name
        left = {one.name.casefold(): one for one in reversed(meant)}  # the first word counts
        return tuple(one for name, one in reversed(left.items()) if name in named)

    def refusals(self) -> tuple[Change, ...]:
        """What stands in everybody's way; what is refused of one VM stops no other, and what is
        refused of every VM leaves nothing to be done.
        """
        return standing_in_the_way(self.changes, self.vms)

    def is_possible(self, plan: RecoveryPlan) -> bool:
        """Whether a run leaves all as the plan says: nothing refused, no VM of it left out, and
        the caller allowed to make what is to be made.
        """
        is_refused = any(one.act is Act.REFUSE for one in self.changes)
        return not (is_refused or self.left_of(plan) or lacks_rights(self.told))


Decide = Callable[[Gateway, RecoveryPlan, str], Awaitable[Decision]]
"""Reads Azure and decides; the text is the subscription where the plan names none."""


def change_data(change: Change) -> Mapping[str, Any]:
    """A change as JSON for journal, `--json` and pages; what it is made by stays out."""
    return {
        "act": change.act.value,
        "kind": change.noun,
        "name": change.name,
        "id": change.id,
        "why": change.why,
        "remedy": change.remedy,
        "fields": [asdict(one) for one in change.fields],
        "disks": [disk.id for disk in change.disks],
    }
