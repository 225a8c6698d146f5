"""When a fault happens: by moment, VM, client, count, chance and time; the same by seed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from muster.simulator.faults.engine import Engine, any_vm
from muster.simulator.world import World
from tests.unit.simulator.faults.fault_writing import fault
from tests.unit.simulator.still_world import StillWorld

SLOW = {"slow": "1s"}


def engine(world: World, *rules: dict[str, Any], seed: str = "s") -> Engine:
    return Engine(world, [fault(*rules, seed=seed)], own="drill")


def happened(one: Engine, times: int, name: str = "get X", **where: str) -> list[int]:
    """At which of so many moments, counted from 1, something happened."""
    return [n for n in range(1, times + 1) if one.meet("call", name, **where)]


def test_a_call_is_matched_by_operation_vm_and_client_in_any_case() -> None:
    world = StillWorld().world
    one = engine(world, {"on": {"call": "get *Jobs"}, "vm": "sql*", "client": "own", "do": SLOW})
    ask = one.meet
    assert ask("call", "GET A/replicationJOBS", vm="Sql1", client="drill")
    assert not ask("call", "get A/replicationJobs/x", vm="Sql1", client="drill")
    assert not ask("call", "get A/replicationJobs", vm="web1", client="drill")
    assert not ask("call", "get A/replicationJobs", vm="Sql1", client="operator")
    assert not ask("job", "get A/replicationJobs", vm="Sql1", client="drill")
    (rule,) = one.shown()["rules"]
    assert (rule["met"], rule["fired"]) == (1, 1)


def test_calls_are_counted_and_times_are_not_passed() -> None:
    world = StillWorld().world
    assert happened(engine(world, {"on": {"call": "*"}, "calls": "3-4", "do": SLOW}), 6) == [3, 4]
    world = StillWorld().world
    rule = {"on": {"call": "*"}, "calls": "2-", "times": 3, "do": SLOW}
    assert happened(engine(world, rule), 9) == [2, 3, 4]


def test_chance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    rule = {"on": {"call": "*"}, "chance": 0.3, "do": SLOW}
    first = happened(engine(StillWorld().world, rule), 400)
    assert first == happened(engine(StillWorld().world, rule), 400)
    assert first != happened(engine(StillWorld().world, rule, seed="t"), 400)
    assert 80 < len(first) < 160


def test_a_rule_holds_from_after_until_until() -> None:
    still = StillWorld()
    one = engine(still.world, {"on": {"call": "*"}, "after": "1m", "until": "2m", "do": SLOW})
    seen = []
    for _ in range(5):
        seen.append(bool(one.meet("call", "get X")))
        still.pass_by(30)
    assert seen == [False, False, True, True, False]


def test_any_is_one_protected_vm_by_seed() -> None:
    chosen = set()
    for seed in "abcdefgh":
        one = engine(StillWorld().world, {"on": {"call": "*"}, "vm": "any", "do": SLOW}, seed=seed)
        names = [vm for vm in ("Sql1", "web1", "dead1", "bad1") if one.meet("call", "get", vm=vm)]
        assert len(names) == 1
        assert one.chosen_vm("mine/1") == names[0] == one.shown()["rules"][0]["vm"]
        chosen |= set(names)
    assert len(chosen) > 1


def test_any_is_chosen_once_something_is_protected() -> None:
    world = StillWorld().world
    items, world.state["items"] = world.state["items"], {}
    one = engine(world, {"on": {"call": "*"}, "vm": "any", "do": SLOW})
    assert not one.meet("call", "get X")  # not for a call that is about no VM
    assert one.chosen_vm("mine/1") == ""
    world.state["items"] = items
    vm = one.chosen_vm("mine/1")
    assert vm in {item["vm_name"] for item in items.values()}
    assert one.meet("call", "get X", vm=vm)


def test_which_vm_is_any_depends_on_the_seed_alone() -> None:
    found = set()
    for turned in (False, True):
        world = StillWorld().world
        items = list(world.items.items())
        world.state["items"] = dict(reversed(items) if turned else items)
        found.add(tuple(any_vm(world, seed) for seed in "abcdefgh"))
    assert len(found) == 1


def test_the_same_rule_twice_has_two_stories() -> None:
    rule = {"on": {"call": "*"}, "chance": 0.5, "do": SLOW}
    one = engine(StillWorld().world, rule, rule)
    counts = [len(one.meet("call", f"get {n}")) for n in range(40)]
    assert 1 in counts


def test_a_dot_in_a_name_is_a_dot() -> None:
    one = engine(StillWorld().world, {"on": {"call": "get Microsoft.X"}, "do": SLOW})
    assert not one.meet("call", "get MicrosoftsX")
    assert one.meet("call", "get Microsoft.X")


def test_what_is_counted_has_to_be_kept() -> None:
    world = StillWorld().world
    one = engine(world, {"on": {"call": "*"}, "calls": "2", "do": SLOW})
    for what in ("a moment that is passed", "one at which it happens"):
        world.changed = False
        one.meet("call", "get X")
        assert world.changed, what
    world.changed = False
    one.fired("mine/1", "somebody did something")
    assert world.changed


def test_the_clock_of_a_fault_is_wound_once_whatever_else_is_switched_on_later() -> None:
    still = StillWorld()
    delete = {"somebody": [{"method": "DELETE", "path": "{vm_id}"}]}
    timed = fault({"on": {"time": "now"}, "vm": "any", "after": "1m", "do": delete})
    still.world.faults = Engine(still.world, [timed], own="drill")
    still.pass_by(30)
    other = fault({"on": {"call": "*"}, "do": SLOW}, name="other")
    still.world.faults = one = Engine(still.world, [timed, other], own="drill")
    planned = [event for event in still.world.state["events"] if event[2] == "fault_deed"]
    assert len(planned) == 1
    still.pass_by(600)
    (told,) = one.shown()["story"]
    assert told["what"].endswith(": 202")


@pytest.mark.parametrize("on", [{"time": "now"}, {"call": "*"}])
def test_what_somebody_does_can_come_later_than_its_moment(on: dict[str, str]) -> None:
    still = StillWorld()
    rule = {
        "on": on,
        "vm": "any",
        "later": "5m",
        "do": {"somebody": [{"method": "DELETE", "path": "{vm_id}"}]},
    }
    still.world.faults = one = engine(still.world, rule)
    vm = one.chosen_vm("mine/1")
    assert list(one.meet("call", "get X", vm=vm)) == []
    still.pass_by(299)
    assert ": 202" not in str(one.shown()["story"])
    still.pass_by(2)
    assert ": 202" in str(one.shown()["story"])


def test_counts_and_the_story_go_on_after_a_restart() -> None:
    still = StillWorld()
    rule = {"on": {"call": "*"}, "calls": "3", "do": SLOW}
    assert happened(engine(still.world, rule), 2) == []
    state = json.loads(json.dumps(still.world.state))  # as it is kept
    still.pass_by(600)
    world = World(state, still.world.settings, still.clock, still.world.effects)
    world.advance()
    again = engine(world, rule)
    assert happened(again, 2) == [1]
    assert again.shown()["story"][0]["what"] == "call get X"


def test_the_story_is_bounded_and_counts_what_repeats() -> None:
    one = engine(StillWorld().world, {"on": {"call": "*"}, "do": SLOW})
    for n in range(300):
        one.meet("call", f"get {n}")
    for _ in range(5):
        one.meet("call", "get same")
    story = one.shown()["story"]
    assert len(story) == 200
    assert (story[-1]["what"], story[-1]["again"]) == ("call get same", 4)


def test_somebody_acts_at_a_time_and_what_was_answered_is_told() -> None:
    still = StillWorld()
    path = "{vm_id}"
    rule = {
        "on": {"time": "now"},
        "vm": "any",
        "after": "1m",
        "do": {"somebody": [{"method": "DELETE", "path": path}]},
    }
    one = engine(still.world, rule)
    still.world.faults = one
    vm = next(
        item["vm"]
        for item in still.world.items.values()
        if item["vm_name"] == one.chosen_vm("mine/1")
    )
    still.pass_by(59)
    assert still.world.resource(vm)
    still.pass_by(120)
    assert still.world.resource(vm) is None
    (told,) = one.shown()["story"]
    assert told["what"] == f"DELETE {vm}: 202"


def test_what_somebody_is_refused_is_told_too() -> None:
    still = StillWorld()
    rule = {
        "on": {"time": "now"},
        "do": {"somebody": [{"method": "PUT", "path": "{target_group}/providers/No.Such/x/y"}]},
    }
    still.world.faults = engine(still.world, rule)
    still.pass_by(1)
    (told,) = still.world.faults.shown()["story"]
    assert told["what"].endswith(": 404 InvalidResourceType")


def test_what_is_somebodys_deed_is_not_for_whoever_met_it() -> None:
    still = StillWorld()
    deed = {"somebody": [{"method": "DELETE", "path": "{vm_id}"}]}
    one = engine(still.world, {"on": {"call": "*"}, "do": deed}, {"on": {"call": "*"}, "do": SLOW})
    assert [do.slow for do in one.meet("call", "get X", vm="web1")] == [1.0]


def test_a_rule_is_told_by_its_name_or_by_what_it_does() -> None:
    rule = {"on": {"call": "get X"}, "do": SLOW}
    shown = engine(StillWorld().world, rule | {"name": "later"}, rule).shown()["rules"]
    assert [each["does"] for each in shown] == ["later", "call get X: {'slow': 1.0}"]


def test_the_ids_are_those_of_the_faults_in_their_order() -> None:
    rule = {"on": {"call": "*"}, "do": SLOW}
    faults = [fault(rule, name=name) for name in ("b", "a")]
    assert list(Engine(StillWorld().world, faults).ids) == ["b", "a"]
