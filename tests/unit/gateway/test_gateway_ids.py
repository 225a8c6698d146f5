"""ARM ids: any id survives being taken apart, whatever its case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.gateway.ids import BadArmId, key_of, lies_in, parse_id, same_id

NAMES = st.text("abcXYZ019-_.()", min_size=1, max_size=12)
TYPES = st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4)
GUIDS = st.uuids().map(str)


@st.composite
def arm_ids(draw: st.DrawFn) -> str:
    scope = f"/subscriptions/{draw(GUIDS)}"
    if draw(st.booleans()):
        scope += f"/resourceGroups/{draw(NAMES)}"
    for _ in range(draw(st.integers(0, 2))):
        tail = "".join(f"/{kind}/{name}" for kind, name in draw(TYPES))
        scope += f"/providers/{draw(NAMES)}{tail}"
    return scope


@given(arm_ids())
def test_an_id_taken_apart_and_put_together_is_the_same(text: str) -> None:
    if "/providers/providers" in text:
        return
    assert same_id(str(parse_id(text)), text)


@given(arm_ids(), st.data())
def test_case_and_a_closing_slash_do_not_matter(text: str, data: st.DataObject) -> None:
    flips = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    other = "".join(
        letter.swapcase() if flip else letter for letter, flip in zip(text, flips, strict=True)
    )
    assert same_id(text, other + "/")
    assert key_of(parse_id(other).name) == key_of(parse_id(text).name)


@given(arm_ids(), NAMES)
def test_what_hangs_below_lies_in_and_is_not_the_same(text: str, name: str) -> None:
    below = f"{text}/locks/{name}"
    assert lies_in(below.upper(), text)
    assert lies_in(text, text)
    assert not same_id(below, text)
    assert not lies_in(text + "x", text)


def test_an_extension_keeps_its_parent() -> None:
    vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1"
    lock = parse_id(f"{vm}/providers/Microsoft.Authorization/locks/keep")
    assert lock.parent == vm
    assert lock.type == "Microsoft.Authorization/locks"
    assert (lock.subscription, lock.resource_group, lock.name) == ("s", "g", "keep")
    assert str(lock) == f"{vm}/providers/Microsoft.Authorization/locks/keep"


def test_parts_are_found_by_type() -> None:
    arm = parse_id(
        "/Subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
        "/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/i"
    )
    assert arm.named("REPLICATIONFABRICS") == "f"
    assert arm.up_to("vaults").endswith("/vaults/v")
    with pytest.raises(BadArmId):
        arm.named("subnets")
    with pytest.raises(BadArmId):
        arm.up_to("subnets")


def test_groups_and_subscriptions_are_ids_too() -> None:
    group = parse_id("/subscriptions/s/resourcegroups/g")
    assert (group.type, group.name) == ("Microsoft.Resources/resourceGroups", "g")
    assert parse_id("/subscriptions/s").type == "Microsoft.Resources/subscriptions"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vm1",
        "subscriptions/s",
        "/subscriptions",
        "/subscriptions/s/resourceGroups",
        "/resourceGroups/g",
        "/subscriptions/s//x",
        "/subscriptions/s/providers/Microsoft.Compute",
        "/subscriptions/s/subscriptions/t",
        "https://management.azure.com/subscriptions/s",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadArmId):
        parse_id(text)


def test_nothing_is_the_same_as_nothing() -> None:
    assert not same_id(None, None)
    assert not same_id("", "")
    assert not same_id("/subscriptions/s", None)
