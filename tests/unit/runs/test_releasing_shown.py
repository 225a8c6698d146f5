"""What a person confirmed is what may go: marks of the list that was shown."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.values import ProtectedItem, VaultRef
from muster.replication.holding import Held
from muster.replication.primary_side import Refusal
from muster.runs.releasing import Release
from muster.runs.releasing_shown import marks_of, only_shown
from tests.unit.replication.test_holding_items import PLAN, item


def release(*items: ProtectedItem, refusal: Refusal | None = None) -> Release:
    held = tuple(Held(one.name, one, "named by the plan", refusal) for one in items)
    return Release(PLAN.plan, PLAN.source.region, VaultRef("s", "g", "v"), held)


def staying(found: Release) -> dict[str, str]:
    return {one.name: stays.code for one in found.held if (stays := found.stays(one))}


def test_what_was_shown_goes_and_what_came_since_stays():
    marks = marks_of(release(item("db1"), item("db2")))
    now = release(item("db2"), item("web1"))
    assert staying(only_shown(now, marks)) == {"web1": "STEP-056"}


def test_an_item_that_changed_since_stays_and_health_errors_change_nothing():
    marks = marks_of(release(item("db1"), item("db2")))
    ill = replace(item("db2"), entity_id="told by a health error")
    found = only_shown(release(item("db1", policy="theirs"), ill), marks)
    assert staying(found) == {"db1": "STEP-056"}


def test_what_was_shown_to_stay_does_not_go_because_its_reason_went():
    shown = release(item("db1"), refusal=Refusal("STEP-055", "another plan's", "ask"))
    assert staying(only_shown(release(item("db1")), marks_of(shown))) == {"db1": "STEP-056"}


def test_a_reason_of_its_own_is_kept():
    tested = item("db1", testFailoverState="WaitingForCompletion")
    assert staying(only_shown(release(tested), marks_of(release()))) == {"db1": "STEP-049"}


def test_where_no_list_was_shown_nothing_is_held_against_it():
    assert staying(only_shown(release(item("db1")), "")) == {}
