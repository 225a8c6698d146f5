"""Who is in a consistency group already counts, and is told."""

from __future__ import annotations

from dataclasses import replace

from muster.replication.change import Act
from muster.replication.decided import Decided, decide_on
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import item_of, settled
from tests.unit.replication.source_world import a_found, a_vm, small_plan

KEYS = {"mode": "native", "replication": {"consistency_group": "erp"}}


def decided(wanted: int, strangers: int) -> Decided:
    """A plan of so many VMs that stand as wanted, and so many that are another plan's."""
    ours, theirs = ([f"{who}{n}" for n in range(many)] for who, many in (
        ("vm", wanted), ("other", strangers)))  # fmt: skip
    plan = small_plan(*ours, **KEYS)
    found = a_found(*(a_vm(name) for name in ours))
    everybody = small_plan(*ours, *theirs, **KEYS)
    others = work_out(everybody, a_found(*(a_vm(name) for name in (*ours, *theirs))))
    there = settled(work_out(plan, found), found)
    more = tuple(item_of(others, vm) for vm in others.vms[wanted:])
    setup = replace(there.setup, items=(*there.setup.items, *more))
    return decide_on(plan, replace(there, setup=setup))


def told(made: Decided) -> dict[str, str]:
    return {one.rule: one.why for name, one in made.told if name == "erp"}


def test_members_of_other_plans_are_told() -> None:
    assert told(decided(2, 0)).keys() == {"group-port"}
    assert "other0, other1 of the vault" in told(decided(2, 2))["group-strangers"]


def test_they_count_among_the_sixteen() -> None:
    assert [one for one in decided(14, 2).changes if one.act is Act.REFUSE] == []
    (refused,) = [one for one in decided(14, 3).changes if one.act is Act.REFUSE]
    assert "VMs of the vault that are not the plan's: other0, other1, other2)" in refused.why
