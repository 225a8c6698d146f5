"""Names fit Azure's bounds, never collide, and are the same on every run."""

from __future__ import annotations

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from muster.gateway.ids import key_of
from muster.replication.naming import (
    account_name,
    copy_name,
    policy_name,
    shortened,
    unique_names,
)
from tests.unit.replication.source_world import arm_id

TEXTS = st.text("abcAB1-_.", min_size=1, max_size=90)
GROUPS = st.sampled_from(["rg-a", "rg-b", "RG-A"])
IDS = st.builds(lambda name, group: arm_id("X.Y/things", name, group), TEXTS, GROUPS)


@given(of=st.text("abcXYZ09-_.é", max_size=60), seed=st.text(max_size=60), taken=st.integers(0, 4))
def test_an_accounts_name_is_one_that_azure_takes_and_nobody_has(
    of: str, seed: str, taken: int
) -> None:
    names: set[str] = set()
    for _ in range(taken):
        names.add(account_name(of, seed, names, ()))
    name = account_name(of, seed, names, ())
    assert re.fullmatch(r"[a-z0-9]{3,24}", name)
    assert name not in names
    assert name == account_name(of, seed, names, ())
    assert len(names) == taken


def test_an_account_of_ours_keeps_its_name_though_it_is_taken() -> None:
    name = account_name("rg", "seed", (), ())
    assert account_name("rg", "seed", {name}, {name}) == name


@given(one=st.text(max_size=30), other=st.text(max_size=30))
def test_accounts_of_other_places_have_other_names(one: str, other: str) -> None:
    same = account_name("rg", one, (), ()) == account_name("rg", other, (), ())
    assert same == (one == other)


@given(ids=st.lists(IDS, max_size=12), longest=st.integers(16, 80))
def test_every_id_gets_a_name_of_its_own_within_the_bounds(ids: list[str], longest: int) -> None:
    names = unique_names(ids, longest)
    assert set(names) == set(map(key_of, ids))
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(folded)
    assert all(0 < len(name) <= longest for name in names.values())


@given(ids=st.lists(IDS, min_size=1, max_size=8), more=IDS)
def test_a_further_id_renames_only_what_has_its_name(ids: list[str], more: str) -> None:
    before, after = unique_names(ids), unique_names([*ids, more])
    own = more.rpartition("/")[2].casefold()
    for key, name in before.items():
        if not key.endswith(f"/{own}"):
            assert after[key] == name


@given(name=TEXTS, other=TEXTS, suffix=st.sampled_from(["-asr", "-dr"]))
def test_a_copys_name_ends_with_the_suffix_and_tells_copies_apart(
    name: str, other: str, suffix: str
) -> None:
    made = copy_name(name, suffix, 64)
    assert len(made) <= 64
    assert made.endswith(suffix)
    assert (made == copy_name(other, suffix, 64)) == (name == other)


@given(name=TEXTS, longest=st.integers(12, 90))
def test_a_short_name_stays(name: str, longest: int) -> None:
    assert (shortened(name, longest) == name) == (len(name) <= longest)
    assert len(shortened(name, longest)) <= longest


def test_the_policys_name_tells_its_terms() -> None:
    day, four = timedelta(days=1), timedelta(hours=4)
    assert policy_name(day, four, multi_vm_sync=False) == "24-hour-retention-policy"
    terms = {
        policy_name(day * keep, four * every, multi_vm_sync=sync)
        for keep in (1, 2)
        for every in (0, 1, 2)
        for sync in (True, False)
    }
    assert len(terms) == 12
