"""Where a cell's long tokens may break: after separators, never within a word."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.report.soft_breaks import with_soft_breaks

HASH = "3dfc3743d92d0d04f187cd70da5b4d7b88f9bb331518ad274ea94ac70632"


def in_cell(text: str) -> str:
    page = with_soft_breaks(f"<table><tr><td>{text}</td></tr></table>")
    return page.removeprefix("<table><tr><td>").removesuffix("</td></tr></table>")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("http://{app1}:8080/ready", "http://|{app1}:|8080/|ready"),
        ("/subscriptions/s/Microsoft.Compute", "/|subscriptions/|s/|Microsoft.|Compute"),
        ("scripts/consistency.sh in sql1", "scripts/|consistency.|sh in sql1"),
        ("https://x/?a=bcdefg&amp;h=1", "https://|x/?|a=|bcdefg&amp;|h=|1"),
        ("&#39;erp.contoso.example&#39;", "&#39;erp.|contoso.|example&#39;"),
        ("erp-database-1.internal.", "erp-|database-|1.|internal."),
        (HASH, f"{HASH[:24]}|{HASH[24:48]}|{HASH[48:]}"),
    ],
)
def test_a_long_token_breaks_after_its_separators(text: str, broken: str) -> None:
    assert in_cell(text).replace("<wbr>", "|") == broken


@pytest.mark.parametrize(
    "text",
    [
        "17:34:13",
        "10.9.0.10:443",
        "unreachable for the internationalization",
        "incomprehensibilities, told",
    ],
)
def test_what_fits_and_what_is_a_word_stays_whole(text: str) -> None:
    assert in_cell(text) == text


def test_only_the_words_of_cells_are_touched() -> None:
    address = "https://erp.contoso.example/ready"
    page = (
        f'<p>{address}</p><dd>{address}</dd><td class="n" title="{address}">{HASH}'
        f"<details><pre>{address}</pre></details></td><pre>{address}</pre>"
    )
    told = with_soft_breaks(page)
    assert told.replace("<wbr>", "") == page
    assert [len(one) for one in told.split("<wbr>")[1:-1]] == [24]
    assert told.count(address) == 5


PIECES = ["word", "b1é" * 11, "7" * 24, "/", ".", "_", " ", "{", "'", "&", "<", ";"]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_no_part_of_a_cell_is_longer_than_a_word_and_no_character_is_lost(text: str) -> None:
    escaped = html.escape(text)
    told = in_cell(escaped)
    assert told.replace("<wbr>", "") == escaped
    parts = html.unescape(told.replace("<wbr>", "\n"))
    assert not re.search(r"[^\W_]{25}", parts)
