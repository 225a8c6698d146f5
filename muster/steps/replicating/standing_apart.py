"""What a survey refused of one VM: it stops that VM alone, and never passes for done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.errors import StepFailed
from muster.gateway.ids import key_of, same_id
from muster.gateway.values import ProtectedItem
from muster.journal.events import Observed
from muster.replication.change import OF_ONE_VM, Act, Kind
from muster.replication.comparing_groups import group_id_of_item, split_group
from muster.replication.comparing_items import fixed_terms, other_place
from muster.replication.item_states import FINISH, stands_otherwise
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import Run
from muster.steps.recorded import last_observed

_KINDS = frozenset(kind.value for kind in OF_ONE_VM)


def require_mendable(run: Run, vm: VmWanted) -> None:
    """Let a VM pass of which the survey refused nothing: to any other nothing is sent.

    Raises:
        StepFailed: STEP-051: the VM is not, or cannot be, replicated as wanted.
    """
    for change in _changes(run):
        is_its = change["kind"] in _KINDS and change["name"] == vm.name
        if is_its and change["act"] == Act.REFUSE.value:
            differs = "; ".join(
                f"{one['name']}: {one['before'] or 'nothing'}, not {one['after'] or 'nothing'}"
                for one in change["fields"]
            )
            raise StepFailed(
                f"{vm.name} cannot be replicated as the plan says: {change['why']}"
                + (f" ({differs})" if differs else ""),
                code="STEP-051",
                hint=str(change["remedy"]),
            )


def refused_names(run: Run) -> frozenset[str]:
    """Names of the VMs of which the survey refused something."""
    return frozenset(
        str(change["name"])
        for change in _changes(run)
        if change["kind"] in _KINDS and change["act"] == Act.REFUSE.value
    )


def require_as_enabled(run: Run, wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> None:
    """Let an item pass that this run enabled, or would have enabled: what its survey read may be
    old, and somebody else may have protected the VM on other terms since.

    Raises:
        StepFailed: STEP-051: it is under another policy, or leads elsewhere; or it is neither
            protected nor on its way to be.
    """
    if why := stands_otherwise(item):
        raise StepFailed(
            f"Nothing is asked of the item of {vm.name}: {why}", code="STEP-051", hint=FINISH
        )
    differs = [*fixed_terms(wanted, vm, item)]
    if was_to_enable(run, vm):
        differs += other_place(wanted, vm, item)
    if differs:
        said = "; ".join(f"{one.name}: {one.before}, not {one.after}" for one in differs)
        raise StepFailed(
            f"{vm.name} is protected otherwise than this run would have: {said}; its item "
            f"{item.name} is left as it is",
            code="STEP-051",
            hint=_OTHER_TERMS.format(plan=run.plan.plan),
        )
    if whose := run.claimed.get(key_of(item.id)):
        raise StepFailed(
            f"Nothing is asked of the item of {vm.name}: {whose}, and what another plan protects "
            "is not changed",
            code="STEP-051",
            hint=_CLAIMED.format(plan=run.plan.plan),
        )


_LEFT = "This run leaves the VM to whoever protects it by now. Take it out of plan {plan}; or, if "
_OTHER_TERMS = (
    _LEFT + "{plan} is to protect it, disable its replication in the portal: `muster replicate "
    "{plan}` then enables it anew."
)
_CLAIMED = (
    _LEFT + "{plan} is to protect it, let that plan mean it no more and replicate that plan once. "
    "`muster replicate {plan} --plan-only` says what the next run does."
)
"""What can be done once the run has ended: it closes itself, so that nobody has to close it."""


def was_to_enable(run: Run, vm: VmWanted) -> bool:
    """Whether the survey found no item of a VM."""
    return any(
        change["kind"] == Kind.VM.value
        and change["name"] == vm.name
        and change["act"] == Act.CREATE.value
        for change in _changes(run)
    )


def is_to_change(run: Run, thing_id: str) -> bool:
    """Whether the survey said that a part of the vault is ours, and is to be changed."""
    return any(
        change["act"] == Act.CHANGE.value and same_id(change["id"], thing_id)
        for change in _changes(run)
    )


def _changes(run: Run) -> list[Mapping[str, Any]]:
    return list((last_observed(run, Observed.WANTED) or {}).get("changes", ()))


def require_one_group(
    vm: VmWanted, item: ProtectedItem, listed: tuple[ProtectedItem, ...]
) -> None:
    """Let a VM pass that is in the consistency group it is wanted in, with all its others.

    Raises:
        StepFailed: STEP-052: Azure put it into another group, or into one of its own.
    """
    wants, has = vm.consistency_group, item.multi_vm_group_name
    if wants is None:
        return
    if (has or "").casefold() != wants.casefold():
        why = f"it is in the group {has}" if has else "it is in no group"
    elif apart := split_group(wants, listed):
        why = f"there are {len(apart)} groups of that name: {'; '.join(apart)}"
    else:
        return
    raise StepFailed(
        f"{vm.name} was to be in the consistency group {wants}, and {why} "
        f"(id {group_id_of_item(item) or 'not told'})",
        code="STEP-052",
        hint="Disable the replication of those outside in the portal, one by one, then run "
        "`muster replicate` again: a VM joins a group only as it is enabled.",
    )
