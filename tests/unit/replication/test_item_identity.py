"""What tells an item from another one that has its id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.replication.item_identity import identity_of, why_another
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


def test_a_lifecycle_id_that_changed_makes_it_another_and_one_that_came_does_not():
    one = item("db1")
    told = identity_of(one)
    with_life = item("db1")
    with_life.raw["properties"]["providerSpecificDetails"]["lifecycleId"] = "b"
    assert why_another({**told, "lifecycle_id": "a"}, with_life)
    assert why_another({**told, "lifecycle_id": "B"}, with_life) is None
    assert why_another(told, with_life) is None
    assert why_another({**told, "lifecycle_id": "a"}, one) is None


def test_an_entity_id_counts_where_it_was_told_both_times():
    one = replace(item("db1"), entity_id="b")
    assert why_another({**identity_of(one), "entity_id": "a"}, one)
    assert why_another({**identity_of(one), "entity_id": None}, one) is None


def test_a_list_that_pinned_no_more_than_ids_proves_nothing():
    one = item("db1")
    pinned = {key: identity_of(one)[key] for key in ("item_id", "vm_id")}
    assert "pinned too little" in (why_another(pinned, one) or "")
