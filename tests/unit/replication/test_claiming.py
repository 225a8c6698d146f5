"""Whose an item is where several plans may mean its VM."""

from __future__ import annotations

import pytest

from muster.replication.claiming import Claims, Judged, Named
from tests.unit.replication.test_holding_items import at, codes, enabled, held, item, vm

OTHER = "erp-web"


def judged(name: str, hour: int, plan: str = OTHER) -> Judged:
    return Judged(vm(name).upper(), f"{plan}-2", plan, at(hour))


STAYS = {"db1": "STEP-055"}
GOES = {"db1": None}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (Claims(), GOES),
        (Claims(named=(Named(vm("db1").upper(), OTHER, "erp-web.yaml"),)), STAYS),
        (Claims(named=(Named(vm("db2"), OTHER, "erp-web.yaml"),)), GOES),
        (Claims(others=(enabled("db1", plan=OTHER),)), STAYS),
        (Claims(others=(enabled("db1", plan=OTHER, policy="another"),)), GOES),
        (Claims((enabled("db1", hour=2),), others=(enabled("db1", plan=OTHER, hour=1),)), GOES),
        (Claims((enabled("db1", hour=1),), others=(enabled("db1", plan=OTHER, hour=2),)), STAYS),
        (Claims(others_judged=(judged("db1", 2),)), STAYS),
        (Claims(own_judged=(judged("db1", 1),), others_judged=(judged("db1", 2),)), STAYS),
        (Claims(own_judged=(judged("db1", 3),), others_judged=(judged("db1", 2),)), GOES),
        (Claims(own_judged=(judged("db2", 3),), others_judged=(judged("db1", 2),)), STAYS),
    ],
)
def test_a_named_vm_is_released_unless_another_plan_claims_it(claims, expected):
    (found,) = held(item("db1"), claims=claims)
    assert codes([found]) == expected
    assert found.refusal is None or OTHER in found.refusal.why
    assert found.refusal is None or OTHER in found.refusal.remedy


def test_what_a_run_enabled_and_the_plan_does_not_name_stays_where_another_plan_took_it():
    ours = enabled("pay1")
    assert codes(held(item("pay1"), by=(ours,))) == {"pay1": None}
    claims = Claims((ours,), others_judged=(judged("pay1", 2),))
    assert codes(held(item("pay1"), claims=claims)) == {"pay1": "STEP-055"}
