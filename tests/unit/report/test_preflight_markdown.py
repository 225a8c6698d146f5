"""A preflight on one page of Prefect: what is wrong first, each with why and what to do."""

from __future__ import annotations

from typing import Any

from muster.report.preflight_groups import MEND_READING, UNREAD
from muster.report.preflight_markdown import preflight_markdown


def check(name: str, verdict: str, why: str, severity: str = "stops", **more: str) -> Any:
    usual = {"area": "vault", "title": f"title of {name}", "remedy": f"Mend {name}."}
    return {"id": name, "verdict": verdict, "why": why, "severity": severity, **usual, **more}


def page_of(*checks: Any, target: str = "azure") -> str:
    open_ones = [one for one in checks if one["verdict"] != "passed"]
    return preflight_markdown(
        {
            "plan": "shop", "operation": "drill", "target": target, "at": "2027-01-01T03:00:00Z",
            "checks": checks,
            "stopping": [one["id"] for one in open_ones if one["severity"] == "stops"],
            "told": [one["id"] for one in open_ones if one["severity"] != "stops"],
        }
    )  # fmt: skip


PASSED = check("PRE-001", "passed", "it is there")
SMALL = check("PRE-002", "failed", "the size is small", "told", area="plan")
GONE = check("PRE-003", "failed", "sql2 is not protected")
UNSEEN = [
    check(f"PRE-01{number}", "not evidenced", f"{UNREAD}no vault rsv", severity)
    for number, severity in enumerate(("stops", "told", "told"))
]


def test_each_check_that_did_not_pass_says_why_and_what_to_do() -> None:
    page = page_of(PASSED, SMALL, GONE)
    for one in (SMALL, GONE):
        name = one["id"].replace("-", r"\-")
        told = page.partition(f"### {name} ")[2].split("\n###")[0]
        assert told.startswith(f"title of {name}: failed\n")
        assert f"**Why:** {one['why']}\n" in told
        assert f"**What to do:** Mend {name}.\n" in told
    assert "Mend PRE" not in page_of(PASSED)


def test_what_stops_a_drill_comes_first_and_what_passed_last() -> None:
    page = page_of(PASSED, SMALL, GONE)
    order = [
        "STOPPED", "## What stops a drill", "sql2 is not protected",
        "## What did not pass, and stops nothing", "the size is small", "## Every check",
        "it is there",
    ]  # fmt: skip
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_a_look_at_which_all_passed_has_no_section_for_what_did_not() -> None:
    page = page_of(PASSED)
    assert page.startswith("# shop: READY\n")
    assert "## What" not in page
    assert (
        "**vault**: 1 of 1 passed\n\n- PRE\\-001 title of PRE\\-001: passed, it is there" in page
    )


def test_what_could_not_be_read_for_one_reason_is_told_once_behind_its_cause() -> None:
    page = page_of(*UNSEEN, GONE).partition("## Every check")[0]
    assert page.count("no vault rsv") == 1
    assert page.index("sql2 is not protected") < page.index(
        "### 3 checks could not be read; 1 of them stops a drill"
    )
    assert f"**What to do:** {MEND_READING}\n\nPRE\\-010, PRE\\-011, PRE\\-012\n" in page


def test_checks_that_could_not_be_read_and_stop_nothing_stop_nothing_here() -> None:
    told = [one | {"severity": "told"} for one in UNSEEN]
    page = page_of(PASSED, *told)
    assert "What stops a drill" not in page
    assert "and stops nothing\n\n### 3 checks could not be read; they stop nothing\n" in page


def test_every_check_stands_under_its_area_what_did_not_pass_before_the_rest() -> None:
    page = page_of(PASSED, SMALL, GONE).partition("## Every check")[2]
    plan, vault = page.split("**vault**: 1 of 2 passed")
    assert "**plan**: 0 of 1 passed" in plan
    assert vault.index("**failed**, sql2") < vault.index("passed, it is there")


def test_a_look_at_the_simulator_says_so_and_how_to_look_again() -> None:
    assert "SIMULATOR" in page_of(PASSED, target="simulator")
    page = page_of(GONE)
    assert "SIMULATOR" not in page
    assert "Looked at 2027-01-01 03:00:00 UTC" in page
    assert "`muster preflight shop --for drill`" in page


def test_what_azure_says_becomes_no_markup_and_backticks_are_code() -> None:
    wild = check("PRE-003", "failed", "<img src=x>\n# [a](b) `x*y`", remedy="Give it `Reader`.")
    page = page_of(wild)
    assert r"**Why:** \<img src=x\> \# \[a\]\(b\) `x*y`" in page
    assert "**What to do:** Give it `Reader`." in page
