"""Copies of JSON share nothing with what they were made of."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from muster.simulator.json_types import copied

ATOMS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(
    ATOMS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def holders(value: Any) -> list[Any]:
    """Every object and list in a value, itself among them."""
    inside = value.values() if isinstance(value, dict) else value
    is_holder = isinstance(value, dict | list)
    return [value, *(one for each in inside for one in holders(each))] if is_holder else []


@given(JSON)
def test_a_copy_of_json_is_equal_and_shares_no_object_or_list(value):
    made = copied(value)
    assert made == value
    assert {id(one) for one in holders(made)}.isdisjoint(id(one) for one in holders(value))


def test_what_stands_in_two_places_stands_in_each_by_itself():
    one: dict[str, Any] = {"id": "x"}
    made = copied([one, one])
    made[0]["id"] = "y"
    assert made[1] == {"id": "x"}


def test_what_is_no_json_is_copied_all_the_same():
    inner = ([1], {2})
    made = copied({"held": inner})
    assert made["held"] == inner
    assert made["held"][0] is not inner[0]
    assert made == copy.deepcopy({"held": inner})
