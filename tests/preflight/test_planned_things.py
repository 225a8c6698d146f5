"""How what plan and items name is read: once, in lists where it is many, each by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts, unread_name
from tests.preflight.bending import all_of, of_item, of_plan
from tests.preflight.cases_of_nothing_to_look_at import HEALTHY as LEFT_OUT
from tests.preflight.cases_of_own_settings import BALANCER, POOL, in_test
from tests.preflight.cases_of_planned_things import (
    ALIGNED,
    NO,
    SETS,
    WALLS,
    of_card,
    of_sql1,
    there,
    thing_id,
)
from tests.preflight.faults import answering, faults
from tests.preflight.looking import Case, Found, Raw, look_at

VMS = 7  # of the plan


def look(**case: Any) -> Found:
    return look_at(Case("", "", **case))


def a_wall_each(plan: Raw) -> None:
    """A security group of its own for every VM."""
    vms = [vm for group in plan["groups"] for vm in group["vms"]]
    for number, vm in enumerate(vms):
        vm["nics"][0]["network_security_group"] = f"nsg-{number}"


def walls(count: int) -> Callable[[Raw], object]:
    return all_of(*(there(WALLS, f"nsg-{number}") for number in range(count)))


@pytest.fixture(scope="module")
def plain() -> int:
    """Reads of a plan that names nothing."""
    return look().reads


def test_what_plan_and_items_name_is_read_once(plain):
    own = {"pools": [POOL.format("web")]}
    named = look(
        world=BALANCER, state=of_item("web1", own=own), plan=in_test(backend_pools=["lb/web"])
    )
    assert named.words["PRE-055"] == named.words["PRE-122"] == "passed"
    assert named.reads == plain + 1


def test_many_of_a_type_are_read_by_one_list(plain):
    found = look(plan=a_wall_each, world=walls(VMS))
    assert (found.words["PRE-124"], found.reads) == ("passed", plain + 1)


def test_what_a_list_does_not_show_is_asked_for_by_itself(plain):
    found = look(plan=a_wall_each, world=walls(VMS - 1))
    assert (found.words["PRE-124"], found.reads) == ("failed", plain + 2)
    assert found.why("PRE-124").startswith("network security group nsg-6: it is not in ")
    assert found.why("PRE-124").endswith(", and web3 is to use it")


def test_where_no_list_can_be_had_each_thing_is_asked_for(plain):
    refused = faults(answering(f"list {WALLS}", NO))
    found = look(plan=a_wall_each, world=walls(VMS), faults=refused)
    assert found.words["PRE-124"] == "passed"
    assert found.reads == plain + 1 + VMS


def unreadable(*ids: str) -> Callable[[Facts], object]:
    """As after a refusal of each of them: no simulated refusal is of one thing only."""

    def bend(facts: Facts) -> None:
        facts.planned = {
            key: one for key, one in facts.planned.items() if key not in map(key_of, ids)
        }
        facts.named = {key: one for key, one in facts.named.items() if key not in ids}
        facts.unread |= {unread_name(one): "not for you" for one in ids}

    return bend


def test_one_thing_that_may_not_be_read_hides_no_other_that_is_gone():
    found = look(
        plan=all_of(of_card(network_security_group="nsg", public_ip_address="pip")),
        world=there(WALLS, "nsg"), seen=unreadable(thing_id(WALLS, "nsg")),
    )  # fmt: skip
    assert found.words["PRE-124"] == "failed"
    assert found.why("PRE-124").startswith("public address pip: it is not in ")


@pytest.mark.parametrize("gone", [True, False])
def test_what_an_item_names_and_may_not_be_read_hides_no_other_items(gone):
    read, unread = thing_id(SETS, "as-read"), thing_id(SETS, "as-unread")
    found = look(
        state=all_of(of_item("sql1", target={"availability_set": unread}),
                     of_item("sql2", target={"availability_set": read})),
        world=all_of(there(SETS, "as-unread"), *([] if gone else [there(SETS, "as-read")])),
        seen=unreadable(unread),
    )  # fmt: skip
    assert found.words["PRE-055"] == ("failed" if gone else "not evidenced")
    said = f"sql2: there is no {read}" if gone else f"sql1: {unread}: not for you"
    assert found.why("PRE-055") == said


def test_a_set_that_is_yet_to_be_made_is_not_said_to_be_there():
    found = look(plan=of_sql1(availability_set="as-new"))
    assert found.words["PRE-123"] == "does not apply"
    assert found.why("PRE-123") == "`muster replicate` makes availability set as-new"
    both = of_sql1(availability_set="as-new", proximity_group="ppg")
    found = look(plan=both, world=there("Microsoft.Compute/proximityPlacementGroups", "ppg"))
    assert found.words["PRE-123"] == "passed"
    assert "`muster replicate` makes availability set as-new" in found.why("PRE-123")
    by_name = of_plan("groups", 0, "vms", 1, "availability_set", value="as-new")
    found = look(plan=all_of(of_sql1(availability_set=thing_id(SETS, "as-new")), by_name))
    assert found.words["PRE-123"] == "does not apply"  # what is made for one VM serves both
    found = look(plan=of_sql1(availability_set="as-new"), world=there(SETS, "as-new", sku=ALIGNED))
    assert found.why("PRE-123") == "the one that the plan names is there"


def test_what_only_a_failover_uses_is_not_looked_at_twice_where_a_test_uses_it():
    said = all_of(of_card(network_security_group="nsg"), in_test(network_security_group="nsg"))
    found = look(plan=said)
    assert (found.words["PRE-122"], found.words["PRE-124"]) == ("failed", "does not apply")
    found = look(plan=said, operation=Operation.FAILOVER)
    assert found.words["PRE-124"] == "failed"
    assert "PRE-122" not in found.words


def test_what_tests_use_is_not_read_for_a_failover():
    said, failover = in_test(network_security_group="nsg-test"), Operation.FAILOVER
    assert look(plan=said, operation=failover).reads == look(operation=failover).reads


def test_two_things_of_one_name_are_told_apart():
    hub = thing_id(WALLS, "nsg").replace("rg-erp-asr", "rg-hub")
    of_web2 = of_plan("groups", 2, "vms", 1, "nics", 0, "network_security_group", value=hub)
    why = look(plan=all_of(of_card(network_security_group="nsg"), of_web2)).why("PRE-124")
    assert f"{hub}: it is not in " in why
    assert f"{thing_id(WALLS, 'nsg')}: it is not in " in why


def test_without_the_source_vm_azures_word_stands_of_disks_that_are_not_replicated():
    def no_source(facts: Facts) -> None:
        facts.sources = {**facts.sources, "sql1": None}

    known = look_at(LEFT_OUT)
    assert known.words["PRE-027"] == "passed"
    found = look(plan=LEFT_OUT.plan, state=LEFT_OUT.state, seen=no_source)
    assert found.words["PRE-027"] == "failed"
    assert "153039" in found.why("PRE-027")
