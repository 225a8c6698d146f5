"""A settled world, other in one part, and what `compare` would change in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change
from muster.replication.changes import compare
from muster.replication.found import Found
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import a_found, small_plan


def changed(plan: RecoveryPlan, found: Found, *, unlike: Act = Act.LEAVE) -> list[Change]:
    """The changes that are not of an act, by default all but those that leave alone."""
    return [one for one in compare(work_out(plan, found), found) if one.act is not unlike]


def a_settled(plan: RecoveryPlan | None = None, found: Found | None = None) -> Found:
    found = found or a_found()
    return settled(work_out(plan or small_plan(), found), found)


def with_setup(found: Found, **parts: Any) -> Found:
    return replace(found, setup=replace(found.setup, **parts))


def with_details(found: Found, **details: Any) -> Found:
    """The settled world with other A2A details of the first item."""
    wanted = work_out(small_plan(), found)
    first = item_of(wanted, wanted.vms[0], **details)
    return with_setup(found, items=(first, *found.setup.items[1:]))
