"""An item's own id, and evidence that does not read: what they show of whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from muster.gateway.ids import key_of
from muster.gateway.values import ProtectedItem
from muster.replication.claiming import Claims, Doubt
from tests.unit.replication.test_holding_items import at, codes, enabled, held, item, vm

HIDDEN = Doubt("erp-web", "run erp-web-1", "it does not read", "Put it back.", at(2))
SEEN, ANEW = "8dc8f9c8-0001", "8dc8f9c8-0002"


def bearing(lifecycle_id: str | None, name: str = "db1") -> ProtectedItem:
    one = item(name)
    properties = dict(one.raw["properties"])
    details = {**properties["providerSpecificDetails"], "lifecycleId": lifecycle_id}
    raw: dict[str, Any] = {
        **one.raw,
        "properties": {**properties, "providerSpecificDetails": details},
    }
    return replace(one, raw=raw)


@pytest.mark.parametrize(
    ("seen", "now", "is_of"),
    [
        (None, None, True),
        (None, ANEW, True),
        (SEEN, None, True),
        (SEEN, f" {SEEN.upper()}", True),
        (SEEN, ANEW, False),
    ],
)
def test_an_item_with_another_id_of_its_own_is_not_what_was_enabled(seen, now, is_of):
    assert replace(enabled("db1"), lifecycle_id=seen).is_of(bearing(now)) is is_of


@pytest.mark.parametrize(("now", "is_of"), [(SEEN, True), (ANEW, False), (None, False)])
def test_what_may_have_been_ended_needs_the_items_own_id_as_proof(now, is_of):
    one = replace(enabled("db1"), lifecycle_id=SEEN, needs_proof=True)
    assert one.is_of(bearing(now)) is is_of


OURS = enabled("db1", hour=1)
STAYS, GOES = {"db1": "STEP-055"}, {"db1": None}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (Claims(doubts=(HIDDEN,)), STAYS),
        (Claims((OURS,), doubts=(HIDDEN,)), STAYS),
        (Claims((enabled("db1", hour=3),), doubts=(HIDDEN,)), GOES),
        (Claims((enabled("db1", hour=3),), doubts=(replace(HIDDEN, at=None),)), STAYS),
        (Claims((replace(OURS, lifecycle_id=SEEN),), doubts=(HIDDEN,)), GOES),
        (Claims(doubts=(HIDDEN.without({key_of(vm("db1"))}),)), GOES),
        (Claims(doubts=(HIDDEN.within({key_of(vm("db1"))}),)), STAYS),
        (Claims(doubts=(HIDDEN.within({key_of(vm("db2"))}),)), GOES),
        (Claims(perhaps=(enabled("db1", plan="erp-web"),)), STAYS),
        (Claims(perhaps=(enabled("db1", plan="erp-web", policy="another"),)), GOES),
        (Claims((enabled("db1", hour=3),), perhaps=(enabled("db1", plan="erp-web"),)), GOES),
    ],
)
def test_what_evidence_may_hide_keeps_an_item_unless_this_plan_shows_that_it_enabled_it(
    claims, expected
):
    (found,) = held(bearing(SEEN), claims=claims)
    assert codes([found]) == expected
    assert found.refusal is None or "may have enabled it" in found.refusal.why
