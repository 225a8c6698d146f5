"""A text of the wrong form is answered with what to write, not with a regular expression."""

from __future__ import annotations

import pytest

from muster.plan.forms import form_of


@pytest.mark.parametrize("path", ["source.region", "target.region", "vault.region",
                                  "replication.data_residency[1]"])  # fmt: skip
def test_a_region_as_people_write_it_is_answered_with_azures_name(path: str) -> None:
    assert str(form_of(path, "UK West")).endswith("write ukwest")


def test_a_pool_without_its_balancer_is_told_how_to_name_both() -> None:
    said = form_of("groups[0].vms[1].nics[0].backend_pools[0]", "lb9")
    assert said == "should be BALANCER/POOL, such as lb-web/pool1; lb9 names no pool of a balancer"


def test_other_keys_keep_their_pattern() -> None:
    assert form_of("plan", "A B") is None
