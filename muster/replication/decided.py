"""Everything that follows from a plan and from what was found, at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from muster.gateway.values import ProtectedItem
from muster.plan.model import RecoveryPlan
from muster.plan.pairs import judge_pair, judge_vault_region
from muster.replication.change import Change, Kind
from muster.replication.changes import compare
from muster.replication.comparing_groups import told_of_groups
from muster.replication.drifting import told_of_drift
from muster.replication.elsewhere import vault_left
from muster.replication.found import Found
from muster.replication.impossible import with_impossible
from muster.replication.judgement import Judgement
from muster.replication.listing import ListedVm, listed_vms
from muster.replication.mirrors import refused_source, told_of_mirrors
from muster.replication.narrowing import narrowed
from muster.replication.orphans import told_of_orphans, told_of_selection
from muster.replication.outbound import OutboundFinding, judge_outbound
from muster.replication.selection import candidates, select_vms, told_of
from muster.replication.sparing import spared, without_idle
from muster.replication.unmatched import with_unmatched
from muster.replication.wanted import Left, Wanted
from muster.replication.working_out import work_out


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to be there, what that changes, who is left out, and what to know."""

    wanted: Wanted
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    told: tuple[tuple[str, Judgement], ...]
    outbound: tuple[OutboundFinding, ...]
    listed: tuple[ListedVm, ...]
    items: Mapping[str, ProtectedItem]  # of the plan's vault, by VM


def decide_on(plan: RecoveryPlan, found: Found) -> Decided:
    """The whole decision; sends nothing."""
    chosen, left = select_vms(plan, found)
    whole = work_out(plan, found)
    compared = with_unmatched(plan, found, whole, _changes(plan, found, whole))
    compared = with_impossible(plan, whole, found, compared)
    wanted, compared = spared(whole, narrowed(whole, compared))
    changes = without_idle((*refused_source(plan, found, chosen), *compared), whole.vms)
    return Decided(
        wanted=wanted,
        changes=changes,
        left=left,
        told=(
            *_of_regions(plan),
            *_of_vault(wanted),
            *told_of_selection(plan, found),
            *told_of_orphans(plan, found),
            *told_of_drift(plan, wanted, found),
            *told_of_mirrors(plan, found, chosen),
            *told_of_groups(wanted, found),
            *told_of(plan, found, chosen),
            *_of_unread(found),
        ),
        outbound=judge_outbound(plan, found, chosen),
        listed=listed_vms(tuple(candidates(plan, found)), changes, left),
        items={vm.name: item for vm in found.vms if (item := found.item_of(vm.id))},
    )


def _changes(plan: RecoveryPlan, found: Found, wanted: Wanted) -> tuple[Change, ...]:
    """What has to be done; no vault is made beside the one that protects the plan's VMs now."""
    changes = compare(wanted, found)
    moved = vault_left(plan, found)
    if moved is None:
        return changes
    return (moved, *(one for one in changes if one.kind is not Kind.VAULT))


def _of_unread(found: Found) -> Iterator[tuple[str, Judgement]]:
    """What nobody could read, and that stops nothing: it is judged as if it were not there."""
    for one in found.unread:
        if one.what.startswith("/") and not one.what.endswith(")"):
            remedy = "Permit reading it, and run this again."
            why = f"it could not be read: {one.why}"
            name = one.what.rpartition("/")[2]
            yield name, Judgement("unread", "tell", why, remedy, "")


def _of_regions(plan: RecoveryPlan) -> Iterator[tuple[str, Judgement]]:
    """What to know of the two regions, though they are possible."""
    source, target = plan.source.region, plan.target.region
    for why in judge_pair(source, target, plan.replication.data_residency).told:
        remedy = "Look whether both subscriptions may use it."
        yield f"{source} to {target}", Judgement("pair", "tell", why, remedy, "")


def _of_vault(wanted: Wanted) -> Iterator[tuple[str, Judgement]]:
    """What to know of where the vault is, or is made, though it is possible."""
    vault = wanted.vault
    _, warning = judge_vault_region(vault.region, wanted.source.region, wanted.target.region)
    if warning:
        remedy = f"A vault in {wanted.target.region} is up when the source region is not."
        yield vault.ref.name, Judgement("vault-region", "tell", warning, remedy, "")
