"""How one value is told in the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.forms import either, fits, form_of
from tests.conformance.id_patterns import id_pattern, names_in, words_of

SUB = "00000000-0000-0000-0000-000000000000"
VAULT = f"/Subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/vault"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (None, "null"),
        (True, "boolean"),
        (0, "integer"),
        (0.0, "decimal"),
        ("", "empty"),
        ("East US", "text"),
        ("8010", "digits"),
        ("10.67.0.5", "address"),
        ("1a533964-760c-4d03-8811-4999ac23538b", "guid"),
        ("Mon, 16 Jan 2023 09:32:00 GMT", "http date"),
        ("2026-01-15T08:53:51Z", "time, whole seconds, Z"),
        ("2022-12-23T08:03:52.0000000Z", "time, whole seconds as .0000000, Z"),
        ("2023-01-16T09:31:29.1388321Z", "time, 7 digits, Z"),
        ("2023-01-16T09:31:29.1388320Z", "time, 7 digits with zeros, Z"),
        ("2025-03-19T19:40:58.492133Z", "time, up to 7 digits without zeros, Z"),
        ("2025-03-19T19:40:58.492130Z", "time, 6 digits, Z"),
        ("2023-01-16T09:30:35.5800701+00:00", "time, 7 digits, offset"),
        ("2023-01-16T09:30:35", "time, whole seconds, no zone"),
        ("1753-01-01T01:01:01Z", "'1753-01-01T01:01:01Z'"),
        ("0001-01-01T00:00:00", "'0001-01-01T00:00:00'"),
        (f"{VAULT}/replicationJobs/None", "{V}/replicationJobs/None"),
        (f"{VAULT}/replicationPolicies/gold", "{V}/replicationPolicies/{}"),
        (
            "680f37cf-916f-41c8-b1d0-b0dd4d9f6db1 ActivityId: "
            "c37df0b5-3a08-4888-bff1-3bfd31177773",
            "{client request} ActivityId: {guid}",
        ),
    ],
)
def test_a_value_has_the_form_that_can_be_told_of_it(value: Any, form: str) -> None:
    assert form_of(value) == form
    assert fits(form, value)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("Protected", "'Protected'"),
        ("161011", "'161011'"),
        ("Group 1: Start (12)", "'Group {n}: Start ({n})'"),
        ("The machine 'web1' isn't ready.", "'The machine '{}' isn't ready.'"),
        ("1a533964-760c-4d03-8811-4999ac23538b", "guid"),
        ("", "empty"),
    ],
)
def test_azures_own_words_stay_and_names_in_them_go(word: str, form: str) -> None:
    assert form_of(word, fact=True) == form
    assert fits(form, word)


@pytest.mark.parametrize(
    ("arm_id", "pattern"),
    [
        (f"{VAULT}", "{V}"),
        (VAULT.replace("/S", "/s", 1), "{v}"),
        (f"/subscriptions/{SUB}", "/subscriptions/{}"),
        (f"/subscriptions/{SUB}/resourceGroups/rg", "/subscriptions/{}/resourceGroups/{}"),
        (
            f"/subscriptions/{SUB}/resourcegroups/rg/providers/microsoft.compute/disks/d",
            "/subscriptions/{}/resourcegroups/{lower}/providers/microsoft.compute/disks/{lower}",
        ),
        (
            f"{VAULT}/replicationFabrics/f/replicationNetworks/azureNetwork",
            "{V}/replicationFabrics/{}/replicationNetworks/azureNetwork",
        ),
        (f"{VAULT}/replicationJobs/{SUB}/resume", "{V}/replicationJobs/{guid}/resume"),
        (f"{VAULT}/replicationPolicies/{SUB}", "{V}/replicationPolicies/{}"),
        (f"{VAULT}/replicationJobs/", "{V}/replicationJobs/"),
        (
            f"https://management.azure.com{VAULT}/replicationJobs/{SUB}?api-version=1&t=2&c=3&s=4&h=5",
            "https://{host}{V}/replicationJobs/{guid}?api-version={} signed",
        ),
    ],
)
def test_an_id_keeps_its_words_and_its_casing_and_loses_its_names(
    arm_id: str, pattern: str
) -> None:
    assert form_of(arm_id) == pattern


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{2,20}", fullmatch=True)


@given(st.lists(NAMES, min_size=5, max_size=5))
def test_no_name_of_an_id_is_left_in_its_pattern(names: list[str]) -> None:
    kinds = ("vaults", "replicationFabrics", "replicationProtectionContainers")
    words = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names[2:], strict=True))
    arm_id = f"/subscriptions/{SUB}/resourceGroups/{names[0]}/providers/Some.Thing/{words}"
    given_names = [SUB, names[0], *names[2:]]
    kept = {"azureNetwork", "None", "Default", "default", "defaultAlertSetting"}
    assert names_in(arm_id) == [name for name in given_names if name not in kept]
    spelled = {"", "subscriptions", "{}", "resourceGroups", "providers", "Some.Thing", *kinds}
    assert set(id_pattern(arm_id).split("/")) <= spelled | kept


def test_a_request_is_known_by_its_words_alone() -> None:
    asked = f"{VAULT}/replicationVaultHealth/default/refresh?api-version=2025-08-01"
    assert words_of(asked) == (
        "/subscriptions/{}/resourcegroups/{}/providers/microsoft.recoveryservices/vaults/{}"
        "/replicationvaulthealth/{}/refresh"
    )


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("text", 5),
        ("text", ""),
        ("text", "2026-01-15T08:53:51Z"),
        ("text", VAULT),
        ("digits", "a"),
        ("integer", 1.5),
        ("decimal", 1),
        ("integer", True),
        ("'Protected'", "protected"),
        ("'8010'", 8010),
        ("exactly 5", 4),
        ("guid", "1a533964760c4d0388114999ac23538b"),
        ("time, 7 digits with zeros, Z", "2025-03-19T19:40:58.492133Z"),
        ("time, up to 7 digits without zeros, Z", "2025-03-19T19:40:58.4921330Z"),
        ("time, 7 digits, Z", "2025-03-19T19:40:58.492130Z"),
        ("time, whole seconds, Z", "2025-03-19T19:40:58.1Z"),
        ("{V}/replicationPolicies/{}", VAULT.replace("/S", "/s", 1) + "/replicationPolicies/p"),
        ("{V}/replicationJobs/{guid}", f"{VAULT}/replicationJobs/None"),
    ],
)
def test_what_has_another_form_does_not_fit(form: str, value: Any) -> None:
    assert not fits(form, value)


def test_alternatives_are_told_once_and_any_of_them_fits() -> None:
    form = either("'A' | null", "'B'", "null")
    assert form == "'A' | null | 'B'"
    assert [fits(form, value) for value in ("A", None, "B", "C")] == [True, True, True, False]


def test_a_time_that_leaves_zeros_open_is_told_by_one_that_does_not() -> None:
    open_, cut = "time, 7 digits, Z", "time, up to 7 digits without zeros, Z"
    assert either(open_, cut) == cut
    assert either(open_, "time, 7 digits with zeros, offset") == (
        f"{open_} | time, 7 digits with zeros, offset"
    )
