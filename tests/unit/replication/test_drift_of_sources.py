"""What changed at the source or in the plan since replication was set up, and is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from muster.gateway.values import ProtectedItem
from muster.replication.change import Act
from muster.replication.claiming import Claims, Judged, Named
from muster.replication.decided import Decided, decide_on
from muster.replication.decision import Decision
from muster.replication.found import Found, FoundSubnet
from muster.replication.others_items import without_others
from muster.replication.reading_places import read_network
from muster.replication.working_out import work_out
from tests.unit.replication.settled_world import settled
from tests.unit.replication.source_world import a_found, a_vm, network_raw, small_plan

ELSEWHERE = a_found(a_vm("db1", network="vnet-crm"), a_vm("web1", network="vnet-crm"))


AT = datetime(2026, 1, 1, tzinfo=UTC)


def told(decided: Decided, rule: str) -> list[tuple[str, str]]:
    return [(name, one.why) for name, one in decided.told if one.rule == rule]


def a_settled_world() -> Found:
    return settled(work_out(small_plan(), a_found()), a_found())


# --- the source network --------------------------------------------------------------------------
def test_a_source_network_that_no_vm_stands_in_is_refused() -> None:
    first = decide_on(small_plan(), ELSEWHERE).changes[0]
    assert (first.act, first.name) == (Act.REFUSE, "vnet-small")
    assert "no VM of the plan stands in `source.network`" in first.why
    there = replace(ELSEWHERE, networks=(replace(ELSEWHERE.networks[0], name="vnet-crm", id=(
        ELSEWHERE.vms[0].network_id or "")),))  # fmt: skip
    assert "`source.network: vnet-crm`" in decide_on(small_plan(), there).changes[0].remedy


def test_one_vm_in_the_source_network_is_enough() -> None:
    networks = tuple(read_network(network_raw(name)) for name in ("vnet-small", "vnet-crm"))
    found = a_found(a_vm("db1"), a_vm("web1", network="vnet-crm"), networks=networks)
    assert [one for one in decide_on(small_plan(), found).changes if one.act is Act.REFUSE] == []


# --- its mirror ----------------------------------------------------------------------------------
def test_a_subnet_that_was_added_to_the_source_since_is_told() -> None:
    world = a_settled_world()
    assert told(decide_on(small_plan(), world), "mirror") == []
    added = FoundSubnet("/subnets/cache", "cache", ("10.1.9.0/24",))
    grown = [
        replace(one, subnets=(*one.subnets, added)) if one.name == "vnet-small" else one
        for one in world.networks
    ]
    found = replace(world, networks=tuple(grown))
    assert told(decide_on(small_plan(), found), "mirror") == [
        ("vnet-small-asr", "it lacks subnet cache (10.1.9.0/24), which vnet-small has")
    ]
    named = small_plan(target={"region": "westus2", "network": "vnet-small-asr"})
    assert told(decide_on(named, found), "mirror") == []  # whoever made that one knows why


def test_ranges_that_the_mirror_lacks_are_told() -> None:
    world = a_settled_world()
    mirror = next(one for one in world.networks if one.name == "vnet-small-asr")
    data = next(one for one in mirror.subnets if one.name == "data")
    other = tuple(
        replace(one, prefixes=("10.1.8.0/24",)) if one is data else one for one in mirror.subnets
    )
    bent = replace(mirror, address_space=(), subnets=other)
    networks = tuple(bent if one is mirror else one for one in world.networks)
    ((_, why),) = told(decide_on(small_plan(), replace(world, networks=networks)), "mirror")
    assert "its subnet data has 10.1.8.0/24, that of vnet-small 10.1.0.0/24" in why
    assert "it lacks the range 10.1.0.0/16" in why


# --- items and selections ------------------------------------------------------------------------
def test_an_item_of_a_vm_that_left_the_plan_is_told() -> None:
    world = a_settled_world()
    assert told(decide_on(small_plan(), world), "orphan") == []
    found = replace(world, vms=tuple(vm for vm in world.vms if vm.name == "db1"))
    ((name, why),) = told(decide_on(small_plan("db1"), found), "orphan")
    assert name == "web1"
    assert "the plan names no such VM" in why
    (remedy,) = [one.remedy for _, one in decide_on(small_plan("db1"), found).told
                 if one.rule == "orphan"]  # fmt: skip
    assert "of those that its runs enabled" in remedy


def test_of_a_vm_that_was_deleted_one_advice_is_given_in_an_order_that_works() -> None:
    world = a_settled_world()
    found = replace(world, vms=tuple(vm for vm in world.vms if vm.name == "db1"))
    decided = decide_on(small_plan(), found)
    assert told(decided, "orphan") == []
    (left,) = [one for one in decided.left if one.name == "web1"]
    first = left.remedy.index("disable the item's replication")
    assert first < left.remedy.index("then take the VM out")


@pytest.mark.parametrize(
    ("claims", "whose"),
    [
        (lambda item: Claims(named=(Named(item.source_vm_id, "shop", "shop.yaml"),)),
         "plan shop names it (shop.yaml), and this one does not"),
        (lambda item: Claims(others_judged=(Judged(item.source_vm_id, "shop-2", "shop", AT),)),
         "plan shop took it for its own in run shop-2"),
    ],
)  # fmt: skip
def test_an_orphan_that_another_plan_claims_is_told_as_its_own_and_no_end_is_advised(
    claims: Callable[[ProtectedItem], Claims], whose: str
) -> None:
    world, plan = a_settled_world(), small_plan("db1")
    found = replace(world, vms=tuple(vm for vm in world.vms if vm.name == "db1"))
    made, items = decide_on(plan, found), found.setup.items
    before = Decision(made.wanted, made.changes, made.left, made.told, items=items)
    (item,) = [one for one in items if one.friendly_name == "web1"]
    after = without_others(plan, "s", before, claims(item))
    ((name, said),) = [one for one in after.told if one[1].rule == "orphan"]
    assert (name, said.remedy) == ("web1", "Nothing is to be done about it in this plan.")
    assert whose in said.why
    alone = without_others(plan, "s", before, Claims())
    assert "in the portal" in next(one.remedy for _, one in alone.told if one.rule == "orphan")


def test_an_item_of_another_target_group_is_another_plans() -> None:
    world = a_settled_world()
    items = tuple(
        replace(one, recovery_resource_group_id="/subscriptions/s/resourceGroups/other")
        for one in world.setup.items
    )
    setup = replace(world.setup, items=items)
    found = replace(world, vms=world.vms[:1], setup=setup)
    assert told(decide_on(small_plan("db1"), found), "orphan") == []


def test_a_tag_and_a_group_that_select_nothing_are_told() -> None:
    def selecting(**select: object) -> list[str]:
        plan = small_plan(replication={"select": select})
        tagged = a_found(a_vm("db1", tags={"Tier": "data"}), a_vm("web1"))
        return [why for _, why in told(decide_on(plan, tagged), "select-nothing")]

    assert selecting(tags={"tier": "data"}, resource_groups=["RG-small"]) == []
    assert selecting(tags={"tier": "dta"}) == [
        "no VM that was found bears the tag tier=dta: it selects nothing"
    ]
    assert selecting(resource_groups=["rg-nope"]) == [
        "no VM of rg-nope was found in eastus: it selects nothing"
    ]


def test_a_group_whose_vms_stand_in_another_region_selects_nothing_and_says_where() -> None:
    plan = small_plan(replication={"select": {"resource_groups": ["rg-small"]}})
    moved = tuple(replace(vm, region="centralus") for vm in a_found(a_vm("web1")).vms)
    found = replace(a_found(), vms=moved)
    assert [why for _, why in told(decide_on(plan, found), "select-nothing")] == [
        "no VM of rg-small was found in eastus; they stand in centralus: it selects nothing"
    ]


def test_a_vm_that_runs_where_it_is_replicated_from_shows_that_the_plans_region_is_wrong() -> None:
    world = a_settled_world()
    vms = tuple(replace(vm, region="centralus") for vm in world.vms)
    items = tuple(replace(one, primary_fabric_location="centralus") for one in world.setup.items)
    found = replace(world, vms=vms, setup=replace(world.setup, items=items))
    left = decide_on(small_plan(), found).left
    assert left
    assert {one.remedy for one in left} == {
        "Correct `source.region` in the plan: it runs in centralus."
    }
