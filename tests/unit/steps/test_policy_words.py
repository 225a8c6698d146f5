"""`like` and `match` against a definition of their own, sign by sign, of random short texts."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.steps.preflight_checks.policy_expressions import Around, Unsolved, solved
from muster.steps.preflight_checks.policy_words import OPERATORS, like, match

SIGNS = "aB1-?#.[]*^$"
TEXTS = st.text(SIGNS, max_size=7)


def liked(value: str, pattern: str) -> bool:
    """`*` stands for any text, all else for itself, whatever the casing."""
    parts = [".*" if sign == "*" else re.escape(sign.lower()) for sign in pattern]
    return re.fullmatch("".join(parts), value.lower(), re.DOTALL) is not None


def matched(value: str, pattern: str) -> bool:
    if not pattern or not value:
        return pattern == value
    kinds = {"#": string.digits, "?": string.ascii_letters, ".": value[0]}
    return value[0] in kinds.get(pattern[0], pattern[0]) and matched(value[1:], pattern[1:])


@given(TEXTS, TEXTS)
def test_like_knows_one_star_and_no_other_wildcard(value: str, pattern: str) -> None:
    if pattern.count("*") > 1:
        with pytest.raises(Unsolved):
            like(value, pattern)
    else:
        assert like(value, pattern) is liked(value, pattern)


@given(st.text("aB?[", min_size=1, max_size=4), st.integers(0, 4), st.integers(0, 4))
def test_what_stands_before_and_after_a_star_does_not_overlap(
    value: str, begin: int, end: int
) -> None:
    pattern = f"{value[:begin]}*{value[end:]}"
    assert like(value, pattern) is liked(value, pattern)
    assert like(value, pattern) or begin > end


@given(st.text("aB1-?#.", max_size=5), st.text("aB1-?#.", max_size=5))
def test_match_goes_sign_by_sign(value: str, pattern: str) -> None:
    assert match(value, pattern) is matched(value, pattern)
    lowered = matched(value.lower(), pattern.lower())
    assert OPERATORS["matchInsensitively"](value, pattern) is lowered
    assert OPERATORS["notMatch"](value, pattern) is not matched(value, pattern)


def test_what_a_letter_or_a_digit_is_outside_of_ascii_nobody_tells() -> None:
    for pattern in ("?", "#"):
        with pytest.raises(Unsolved):
            match({"?": "é", "#": "٣"}[pattern], pattern)
    assert match("é", ".")


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("[concat('a', ',b''c', 3)]", "a,b'c3"),
        ("[concat(parameters('LIST'), createArray('z'))]", ["x", "y", "z"]),
        ("[parameters('list')[1]]", "y"),
        ("[if(equals(toUpper('a'), 'A'), first(split('p-q', '-')), 'no')]", "p"),
        ("[not(contains(parameters('list'), 'x'))]", False),
        ("[length(replace('aXbX', 'X', ''))]", 2),
        ("[parameters('object').inner['Deep']]", 7),
        ("[[literal]", "[literal]"),
        ("[not closed", "[not closed"),
        (7, 7),
    ],
)
def test_an_expression_is_worked_out(told: object, value: object) -> None:
    parameters = {"list": ["x", "y"], "object": {"Inner": {"deep": 7}}}
    assert solved(told, Around(parameters)) == value


@pytest.mark.parametrize(
    "told",
    [
        "[utcNow()]", "[parameters('none')]", "[concat('a']", "[concat('a') 'b']", "[concat]",
        "[field('type')]", "[resourceGroup().location]", "[parameters('list')[5]]", "[]",
        "[concat('a', parameters('object'))]", "[split('a')]", "[~]", "[if('x', 1, 2)]",
    ],
)  # fmt: skip
def test_what_is_not_known_or_no_expression_is_never_guessed(told: str) -> None:
    with pytest.raises(Unsolved):
        solved(told, Around({"list": ["x"], "object": {}}))
