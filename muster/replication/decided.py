"""Everything that follows from a plan and from what was found, at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from muster.plan.model import RecoveryPlan
from muster.plan.pairs import judge_pair
from muster.replication.change import Change
from muster.replication.changes import compare
from muster.replication.comparing_groups import told_of_groups
from muster.replication.found import Found
from muster.replication.impossible import with_impossible
from muster.replication.judgement import Judgement
from muster.replication.mirrors import refused_source, told_of_mirrors
from muster.replication.orphans import told_of_orphans, told_of_selection
from muster.replication.outbound import OutboundFinding, judge_outbound
from muster.replication.selection import select_vms, told_of
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


def decide_on(plan: RecoveryPlan, found: Found) -> Decided:
    """The whole decision; sends nothing."""
    chosen, left = select_vms(plan, found)
    wanted = work_out(plan, found)
    return Decided(
        wanted=wanted,
        changes=(
            *refused_source(plan, found, chosen),
            *with_impossible(plan, wanted, found, compare(wanted, found)),
        ),
        left=left,
        told=(
            *_of_regions(plan),
            *told_of_selection(plan, found),
            *told_of_orphans(plan, found),
            *told_of_mirrors(plan, found, chosen),
            *told_of_groups(wanted, found),
            *told_of(plan, found, chosen),
        ),
        outbound=judge_outbound(plan, found, chosen),
    )


def _of_regions(plan: RecoveryPlan) -> Iterator[tuple[str, Judgement]]:
    """What to know of the two regions, though they are possible."""
    source, target = plan.source.region, plan.target.region
    for why in judge_pair(source, target, plan.replication.data_residency).told:
        remedy = "Look whether both subscriptions may use it."
        yield f"{source} to {target}", Judgement("pair", "tell", why, remedy, "")
