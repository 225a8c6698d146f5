"""A preflight is told by its causes: what follows from one of them is one line, not fifty."""

from __future__ import annotations

from typing import Any

from muster.report.preflight_groups import UNREAD, areas_of, in_causes
from muster.report.preflight_page import headline, render_preflight


def check(name: str, verdict: str, why: str = "", severity: str = "stops") -> dict[str, Any]:
    return {
        "id": name, "area": "vault" if name < "PRE-050" else "plan", "title": f"title of {name}",
        "severity": severity, "verdict": verdict, "why": why, "remedy": "Mend it.", "evidence": {},
    }  # fmt: skip


NO_VAULT = f"{UNREAD}there is no vault rsv to read"
CHECKS = [
    check("PRE-004", "not evidenced", NO_VAULT),
    check("PRE-001", "failed", "there is no vault /x/rsv"),
    check("PRE-003", "not evidenced", NO_VAULT),
    check("PRE-060", "not evidenced", NO_VAULT, "told"),
    check("PRE-070", "not evidenced", f"{UNREAD}403"),
    check("PRE-071", "failed", "small", "told"),
    check("PRE-080", "passed"),
]


def test_what_could_not_be_read_for_one_reason_is_one_group_behind_its_cause() -> None:
    single, groups = in_causes(CHECKS)
    assert [one["id"] for one in single] == ["PRE-001", "PRE-070", "PRE-071"]
    (group,) = groups
    assert group.ids == ("PRE-003", "PRE-004", "PRE-060")
    assert (group.why, group.stopping) == ("there is no vault rsv to read", 2)


def test_two_checks_that_share_a_reason_are_told_each() -> None:
    single, groups = in_causes(CHECKS[:1] + CHECKS[2:3])
    assert (len(single), groups) == (2, [])


def test_what_passed_is_counted_by_area() -> None:
    assert areas_of(CHECKS) == [("plan", 1, 4), ("vault", 0, 3)]
    several = [check("PRE-001", "passed") | {"area": area} for area in ("RPO", "vault", "plan")]
    assert [area for area, *_ in areas_of(several)] == ["plan", "RPO", "vault"]


def test_the_page_shows_the_group_once() -> None:
    page = render_preflight(
        {
            "plan": "erp", "operation": "drill", "target": "azure", "rehearsal": False,
            "ok": False,
            "counts": {"passed": 1, "failed": 2, "not evidenced": 4}, "checks": CHECKS,
            "stopping": ["PRE-001"], "told": ["PRE-071"], "at": "2026-01-01T00:00:00Z",
            "plan_digest": "d", "reads": 1, "took_seconds": 1.0,
        }
    )  # fmt: skip
    assert "PRE-003, PRE-004, PRE-060" in page
    assert page.count("there is no vault rsv to read") == 1 + 3  # the group, and the full table


def test_one_check_that_stops_nothing_is_told_in_good_grammar() -> None:
    look = {"stopping": [], "told": ["PRE-071"], "operation": "drill"}
    assert headline(look)[1] == "Nothing stops a drill; 1 check did not pass, see below."


def test_what_follows_from_one_vm_that_is_gone_is_one_group_too() -> None:
    gone = "front2: the source VM was not found"
    checks = [check("PRE-024", "failed", "front2: the source VM is not there")]
    checks += [check(name, "not evidenced", gone) for name in ("PRE-031", "PRE-064", "PRE-066")]
    single, (group,) = in_causes(checks)
    assert [one["id"] for one in single] == ["PRE-024"]
    assert (group.why, group.ids) == (gone, ("PRE-031", "PRE-064", "PRE-066"))
