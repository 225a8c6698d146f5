"""Every mistake is reported at its line, with its code, and with nothing else."""

from __future__ import annotations

import pytest

from muster.errors import PlanError
from muster.plan.codes import CODES
from muster.plan.loader import load_plan, read_plan
from tests.unit.plan.broken_plans import CASES, VALID, Case, WritePlan


def test_the_text_that_the_cases_change_is_a_valid_plan(write_plan: WritePlan) -> None:
    assert load_plan(write_plan(VALID)).plan.plan == "broken"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_mistake_is_reported_at_its_line(case: Case, write_plan: WritePlan) -> None:
    path = write_plan(case.text)
    with pytest.raises(PlanError) as caught:
        load_plan(path, environment={})
    found = [f"{one.line} {one.code}" for one in caught.value.problems]
    assert found == case.expected.split("\n"), str(caught.value)
    for one in caught.value.problems:
        assert one.file == str(path)
        assert one.hint == CODES[one.code].hint
        assert str(one).startswith(f"{path}:{one.line}: [{one.code}] ")


def test_the_cases_are_at_least_ninety_and_use_most_codes() -> None:
    assert len(CASES) >= 90
    expected = {line.split()[1] for case in CASES for line in case.expected.split("\n")}
    elsewhere = {  # the file itself, compiling, warnings
        *("PLAN-001", "PLAN-002", "PLAN-050", "PLAN-051", "PLAN-052", "PLAN-053"),
        *("PLAN-055", "PLAN-100", "PLAN-101", "PLAN-102", "PLAN-103", "PLAN-104"),
        "PLAN-083",  # found out by reading Azure
        "PLAN-121",  # likewise
        *("PLAN-105", "PLAN-106", "PLAN-107", "PLAN-108", "PLAN-109", "PLAN-115", "PLAN-116"),
    }
    assert expected == set(CODES) - elsewhere


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("owner: sre", "ownr: sre", "did you mean 'owner'?"),
        ("port: 5432, within", "port: 5432, witin", "did you mean 'within'?"),
        ("needs: [database]", "needs: [databse]", "did you mean 'database'?"),
        ("{web1}:8080/health", "{wbe1}:8080/health", "did you mean 'web1'?"),
        ("{vm: db1, file", "{vm: DB1, file", "did you mean 'db1'?"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(
    old: str, new: str, words: str, write_plan: WritePlan
) -> None:
    _, problems, _ = read_plan(write_plan(VALID.replace(old, new)))
    assert words in problems[0].message


def test_a_circle_is_named(write_plan: WritePlan) -> None:
    text = VALID.replace("  - name: database\n", "  - name: database\n    needs: [web]\n")
    _, problems, _ = read_plan(write_plan(text))
    assert problems[0].message == "groups wait in a circle: database -> web -> database"


def test_all_mistakes_of_a_file_are_reported_at_once(write_plan: WritePlan) -> None:
    text = VALID
    for old, new in [
        ("about: A", "owner: twice\nabuot: A"),  # a new line 2: all others move down by one
        ("rto: 30m", "rto: '${MUSTER_NEVER_SET}'"),
        ("rpo: 15m", "rpo: -15m"),
        ("target: {region: westus2}", "target: westus2"),
        ("{create: vnet-small-drill}", "{create: vnet-small}"),
        ("0 3 1 * *", "0 3 1"),
        ("port: 5432", "port: 70000"),
        ("needs: [database]", "needs: [databse]"),
        ("vms: [web1]", "vms: [web1, db1, db1]"),
        ("{web1}:8080/health", "{web9}:8080/health"),
        ("scripts/promote.sh", "scripts/nowhere.sh"),
        ("live_from: worker", "live_from: dc1"),
    ]:
        assert text.count(old) == 1
        text = text.replace(old, new)
    _, problems, _ = read_plan(write_plan(text), environment={})
    assert [f"{one.line} {one.code}" for one in problems] == [
        "3 PLAN-061",
        "4 PLAN-005",
        "5 PLAN-009",
        "5 PLAN-021",
        "7 PLAN-062",
        "10 PLAN-039",
        "12 PLAN-040",
        "19 PLAN-034",
        "21 PLAN-064",
        "23 PLAN-015",
        "24 PLAN-012",
        "28 PLAN-018",
        "31 PLAN-038",
    ]
