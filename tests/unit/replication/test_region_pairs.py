"""Which regions replicate to which: the table's rules, and what is offered instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.plan.pairs import judge_pair, judge_vault_region, pair_rows
from muster.plan.regions import CONTINENTS, region_sources, regions, within

EVERY = sorted(regions())
RESIDENCY = st.one_of(
    st.none(), st.sampled_from(CONTINENTS), st.lists(st.sampled_from(EVERY), max_size=6).map(tuple)
)


def test_any_two_regions_of_one_cloud_are_possible() -> None:
    for source, target in (("eastus", "westeurope"), ("japaneast", "uksouth")):
        pair = judge_pair(source, target)
        assert (pair.is_possible, pair.why, pair.possible_targets) == (True, "", ())


@pytest.mark.parametrize(("source", "target", "words"), [
    ("eastus", "switzerlandwest", "reserved for disaster recovery of Switzerland North"),
    ("switzerlandwest", "westeurope", "reserved"),
    ("brazilsouth", "westeurope", "a few regions only"),
    ("eastus", "brazilsouth", "only ever a source"),
    ("brazilsoutheast", "brazilsouth", "only ever a target"),
    ("eastus", "usgovvirginia", "two clouds"),
    ("westus", "westus", "no availability zones"),
])  # fmt: skip
def test_an_impossible_pair_is_refused_with_the_reason(
    source: str, target: str, words: str
) -> None:
    pair = judge_pair(source, target)
    assert not pair.is_possible
    assert words in pair.why
    assert pair.rests


@pytest.mark.parametrize(("source", "target"), [
    ("switzerlandnorth", "switzerlandwest"), ("switzerlandwest", "switzerlandnorth"),
    ("brazilsouth", "brazilsoutheast"), ("brazilsouth", "eastus2"), ("eastus", "eastus"),
])  # fmt: skip
def test_a_reserved_region_serves_its_own_and_zones_serve_each_other(
    source: str, target: str
) -> None:
    pair = judge_pair(source, target)
    assert pair.is_possible
    assert pair.is_zonal == (source == target)


def test_a_region_of_restricted_access_is_told_not_refused() -> None:
    pair = judge_pair("koreacentral", "koreasouth")
    assert pair.is_possible
    assert "access to it is restricted" in pair.told[0]


def test_a_region_that_nobody_knows_is_told_not_refused() -> None:
    pair = judge_pair("eastus", "atlantis")
    assert pair.is_possible
    assert "not in Muster's table" in pair.told[0]


def test_a_residency_refuses_what_lies_outside_of_it_and_offers_what_does_not() -> None:
    pair = judge_pair("eastus", "westeurope", "north-america")
    assert "outside of the plan's data residency" in pair.why
    assert pair.possible_targets[0] == "westus"  # Azure's own pair comes first
    assert all(regions()[one].continent == "north-america" for one in pair.possible_targets)
    assert judge_pair("westeurope", "eastus", ("eastus",)).possible_targets == ()


@given(source=st.sampled_from(EVERY), target=st.sampled_from(EVERY), residency=RESIDENCY)
def test_what_is_offered_instead_is_possible(
    source: str, target: str, residency: str | tuple[str, ...] | None
) -> None:
    pair = judge_pair(source, target, residency)
    assert pair.is_possible == (not pair.why)
    assert target not in pair.possible_targets or not pair.is_possible
    for other in pair.possible_targets:
        assert judge_pair(source, other, residency).is_possible, other
        assert within(other, residency)


@given(source=st.sampled_from(EVERY), target=st.sampled_from(EVERY))
def test_only_a_source_that_is_none_is_offered_nothing(source: str, target: str) -> None:
    pair = judge_pair(source, target)
    if not pair.is_possible and source not in pair_rows()["never_source"]:
        assert pair.possible_targets


def test_the_vault_never_lies_in_the_source_region() -> None:
    refusal, _ = judge_vault_region("eastus", "eastus", "westus2")
    assert refusal is not None
    assert "lost together" in refusal
    assert judge_vault_region("westus2", "eastus", "westus2") == (None, None)
    assert judge_vault_region("eastus", "eastus", "eastus") == (None, None)  # zone to zone
    _, warning = judge_vault_region("centralus", "eastus", "westus2")
    assert warning is not None
    _, told = judge_vault_region("newzealandnorth", "eastus", "newzealandnorth")
    assert told is not None


def test_every_row_of_the_regions_names_its_sources_and_regions_that_exist() -> None:
    for region in regions().values():
        assert region.rests
        assert set(region.rests) <= set(region_sources())
        assert region.paired is None or region.paired in regions()
        assert region.continent in CONTINENTS
        assert region.zones or not region.zone_to_zone
    rows = pair_rows()
    named = {*rows["reserved"], *(row["serves"] for row in rows["reserved"].values())}
    named |= {*rows["only_to"], *rows["never_target"], *rows["never_source"], *rows["no_vault"]}
    named |= {one for row in rows["only_to"].values() for one in row["targets"]}
    assert named <= set(regions())
    for part in ("reserved", "only_to", "never_target", "never_source", "no_vault"):
        assert all(row["rests"] in rows["sources"] for row in rows[part].values())
