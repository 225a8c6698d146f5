"""The figures of `make bench`: what was not measured is said so, a bad drill has none."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from benchmarks.drills import passed, rows_of, usage_of
from benchmarks.rows import line_of, per

GOOD = {"outcome": "passed", "rto": {"objective": 2700, "actual": 1200.0}, "causes": []}
BAD = {"outcome": "failed", "causes": [{"code": "CHECK-001", "message": "1 check failed"}]}
RECORD: dict[str, Any] = {
    "vms": [{}, {}, {}, {}],
    "critical_path": [{"seconds": 700.0}, {"seconds": 500.0}],
}
USAGE = {"cpu_seconds": 6.0, "reads": 50, "writes": 10, "deletes": 4}


def ended(code: int, value: dict[str, Any] | None, err: str = "") -> CompletedProcess[str]:
    return CompletedProcess(["muster"], code, json.dumps(value) if value else "", err)


def test_a_drill_that_passed_has_figures() -> None:
    assert passed("shop", ended(0, GOOD)) == GOOD
    figures = {what: figure for what, figure, _ in rows_of("shop", GOOD, RECORD, USAGE, 31.44)}
    assert figures == {
        "shop: outcome": "passed",
        "shop: wall, simulator started and stopped": "31.4 s",
        "shop: recovery time over critical path": "1200 s / 1200 s = 1.000",
        "shop: CPU of the flow process per VM": "1.50 s (4 VMs)",
        "shop: ARM reads per VM": "12.5",
        "shop: ARM writes + deletes per VM": "3.5",
    }


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (ended(1, BAD), "ended with 1, outcome failed.\n[CHECK-001] 1 check failed"),
        (ended(0, BAD), "ended with 0, outcome failed.\n[CHECK-001] 1 check failed"),
        (ended(1, GOOD, "late trouble"), "ended with 1, outcome passed.\nlate trouble"),
        (ended(2, None, "[PLAN-001] no such plan\n"), "outcome none.\n[PLAN-001] no such plan"),
        (ended(130, None), "ended with 130, outcome none.\nit gave no reason"),
    ],
    ids=["failed", "said-so-late", "exit-code-alone", "never-opened", "silent"],
)
def test_any_other_end_gives_a_sentence_in_place_of_figures(
    run: CompletedProcess[str], says: str
) -> None:
    with pytest.raises(SystemExit) as refused:
        passed("shop", run)
    # A text as its code: the interpreter prints it and ends with 1.
    assert str(refused.value.code).startswith("No figures: the drill of shop ")
    assert str(refused.value.code).endswith(says)


def test_what_was_not_measured_is_not_nought() -> None:
    blank: dict[str, Any] = {"vms": [], "critical_path": []}
    late = GOOD | {"rto": {"objective": 2700, "actual": None}}
    for value, record, usage in ((late, RECORD, {}), (GOOD, blank, USAGE)):
        figures = [figure for _, figure, _ in rows_of("shop", value, record, usage, 1.0)]
        assert figures == ["passed", "1.0 s", *["not measured"] * 4]


def test_nothing_is_divided_by_nothing() -> None:
    assert per(3.0, 2) == 1.5
    assert per(0.0, 2) == 0.0
    assert per(3.0, 0) is None
    assert per(None, 2) is None


def test_usage_is_what_the_run_noted_of_itself(tmp_path: Path) -> None:
    other = {"kind": "noted", "data": {"what": "stopping", "text": "stopped by SIGINT"}}
    noted = {"kind": "noted", "data": {"what": "usage", **USAGE}}
    (tmp_path / "00000001.jsonl").write_text(f"{json.dumps(other)}\n")
    assert usage_of(tmp_path) == {}
    (tmp_path / "00000002.jsonl").write_text(f"{json.dumps(other)}\n{json.dumps(noted)}\n")
    assert usage_of(tmp_path) == {"what": "usage", **USAGE}


def test_a_target_stands_beside_its_figure() -> None:
    assert line_of(("muster --help", "0.120 s", "0.3 s")).endswith("  0.120 s  (target 0.3 s)")
    assert line_of(("python -c pass", "0.010 s", "")).endswith("  0.010 s")
