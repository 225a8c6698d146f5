"""A text of the wrong form is answered with what to write, not with a regular expression."""

from __future__ import annotations

import pytest

from muster.plan.forms import form_of


@pytest.mark.parametrize("path", ["source.region", "target.region", "vault.region",
                                  "replication.data_residency[1]"])  # fmt: skip
def test_a_region_as_people_write_it_is_answered_with_azures_name(path: str) -> None:
    assert str(form_of(path, "UK West")).endswith("write ukwest")


@pytest.mark.parametrize(("found", "write"), [("_DR", "-dr"), ("asr", "-asr"), ("--", "-asr")])
def test_a_suffix_of_another_form_is_answered_with_one_that_is_taken(
    found: str, write: str
) -> None:
    said = str(form_of("replication.suffix", found))
    assert said == f"should be a hyphen and 1 to 12 small letters or digits: write {write}"


def test_a_pool_without_its_balancer_is_told_how_to_name_both() -> None:
    said = form_of("groups[0].vms[1].nics[0].backend_pools[0]", "lb9")
    assert said == "should be BALANCER/POOL, such as lb-web/pool1; lb9 names no pool of a balancer"


def test_other_keys_keep_their_pattern() -> None:
    assert form_of("plan", "A B") is None
