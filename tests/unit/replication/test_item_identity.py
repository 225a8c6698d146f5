"""What tells an item from another one that has its id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.gateway.values import ProtectedItem
from muster.replication.item_identity import (
    identity_of,
    is_marked,
    mark_of,
    marks_by_kept,
    why_another,
)
from tests.unit.replication.test_holding_items import GROUPS, item, vm


def test_an_item_is_itself_in_whatever_case_its_ids_are_written():
    one = item("db1")
    pinned = {key: value and value.upper() for key, value in identity_of(one).items()}
    assert why_another(pinned, one) is None


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (item("db2", of=vm("db1")), "stands in its place"),
        (item("db1", of=vm("db2")), "protects"),
        (item("db1", policy="theirs"), "under the policy theirs now"),
        (item("db1", into=f"{GROUPS}/rg-theirs"), "recovers into rg-theirs now"),
        (item("db1", policyId=None), "under the policy (nothing) now"),
    ],
)
def test_another_id_vm_policy_or_group_makes_it_another(now, said):
    assert said in (why_another(identity_of(item("db1")), now) or "")


def told(**guids: str | None) -> ProtectedItem:
    """The item db1, of which Azure tells these GUIDs; `managementId` unless it is given."""
    one = item("db1")
    properties = one.raw["properties"]
    properties["eventCorrelationId"] = guids.pop("event", None)
    properties["providerSpecificDetails"] |= guids
    return one


def holds(then: ProtectedItem, now: ProtectedItem) -> bool:
    """Whether an item is the one of before: of a pin and of a mark, which must say the same."""
    by_pin = why_another(identity_of(then), now) is None
    assert by_pin == is_marked(now, marks_by_kept([mark_of(item("db2")), mark_of(then)]))
    return by_pin


def test_an_item_whose_first_copy_came_through_is_still_itself():
    first = told(lifecycleId=None)
    assert holds(first, told(lifecycleId="l"))
    assert holds(told(managementId=None, event="e"), told(lifecycleId="l", event="E"))


@pytest.mark.parametrize("now", [{"managementId": "other"}, {"event": "other"}])
def test_a_vm_that_was_enabled_anew_during_a_first_copy_is_told(now):
    first = told(managementId="m", event="e")
    assert not holds(first, told(**({"managementId": "m", "event": "e"} | now)))


def test_a_lifecycle_id_that_changed_makes_it_another_and_case_does_not():
    assert not holds(told(lifecycleId="a"), told(lifecycleId="b"))
    assert holds(told(lifecycleId="a"), told(lifecycleId="A"))


def test_what_nothing_told_both_times_can_prove_the_same_is_not_known():
    nothing, later = told(managementId=None), told(managementId=None, lifecycleId="l")
    assert not holds(nothing, later)
    assert not holds(nothing, nothing)
    assert "nobody knows whether" in (why_another(identity_of(nothing), later) or "")


def test_an_entity_id_that_differs_makes_it_another_and_the_same_one_proves_nothing():
    one = replace(told(), entity_id="b")
    assert not holds(replace(one, entity_id="a"), one)
    assert holds(replace(one, entity_id=None), one)
    bare = replace(told(managementId=None), entity_id="b")
    assert not holds(bare, bare)


def test_a_mark_that_another_version_made_marks_nothing():
    kept = mark_of(item("db1")).partition(".")[0]
    assert not is_marked(item("db1"), marks_by_kept([kept]))


def test_a_list_that_pinned_no_more_than_ids_proves_nothing():
    one = item("db1")
    pinned = {key: identity_of(one)[key] for key in ("item_id", "vm_id")}
    assert "pinned too little" in (why_another(pinned, one) or "")
