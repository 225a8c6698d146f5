"""What `muster preflight` says: causes first, areas for what passed, and of what it is not for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muster.checks.verdict import Verdict
from muster.cli.output import OutputLost
from muster.cli.preflight import _print, _show, again_command
from muster.gateway.values import Usage
from muster.plan.actions import Operation
from muster.runs.preflight import Look
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.preflight_checks.judging import Judgement
from tests.unit.cli.conftest import Muster


def a_look() -> Look:
    """Everything passed but the vault, and what cannot be read without it."""
    lacking = {"PRE-003", "PRE-004", "PRE-005"}
    judged = []
    for one in CHECKS:
        word, why = "passed", ""
        if one.id == "PRE-001":
            word, why = "failed", "there is no vault /x/rsv"
        elif one.id in lacking:
            word, why = "not evidenced", "it could not be read: there is no vault rsv to read"
        judged.append(Judgement(one, Severity.STOPS, Verdict(word, why, {})))
    return Look("erp", Operation.DRILL, "d", "azure", is_rehearsal=False,
                at=datetime(2026, 1, 1, tzinfo=UTC), took=timedelta(seconds=2),
                usage=Usage(3, 0, 0, 0), judged=tuple(judged))  # fmt: skip


def said_of(look: Look, capsys: pytest.CaptureFixture[str], *, every: bool) -> str:
    again = again_command(look, None, is_rehearsed=False)
    _print(look, look.as_data() | {"page": "p.html"}, again, every=every)
    return capsys.readouterr().out


def test_the_cause_comes_first_and_what_follows_is_one_line(capsys) -> None:
    said = said_of(a_look(), capsys, every=False)
    cause = said.index("PRE-001 the vault exists: failed; it stops a drill")
    follows = said.index("3 checks could not be read: there is no vault rsv to read; 3 of them")
    assert cause < follows
    assert said.count("PRE-004") == 1
    assert "muster replicate PLAN" in said  # the remedy of the vault that is not there


def test_passed_checks_are_summed_by_area_and_shown_with_all(capsys) -> None:
    short = said_of(a_look(), capsys, every=False)
    assert "PRE-095" not in short
    assert "Every check with its result:  muster preflight erp --all" in short
    in_area = [one for one in CHECKS if one.area.value == "left-overs"]
    row = next(line for line in short.splitlines() if line.startswith("left-overs"))
    assert row.split(maxsplit=1)[1] == f"{len(in_area)} of {len(in_area)}"
    assert "PRE-095" in said_of(a_look(), capsys, every=True)


@pytest.mark.parametrize(
    ("said", "meant"), [("disaster", "failover"), ("dril", "drill"), ("replication", "replicate")]
)
def test_an_operation_that_is_none_is_refused_with_a_code_and_the_likely_one(
    said: str, meant: str, muster: Muster
) -> None:
    refused = muster("preflight", "contoso-erp", "--for", said)
    assert refused.code == 2
    assert "[INPUT-034]" in refused.err
    assert f"did you mean {meant}?" in refused.err


def test_without_a_subscription_nothing_is_announced(muster: Muster) -> None:
    refused = muster("preflight", "contoso-erp")
    assert refused.code == 2
    assert "Reading what" not in refused.out + refused.err
    assert "Set MUSTER_SUBSCRIPTION" in refused.err


REPAIRED = ("001", "003", "016", "025", "033", "045", "046", "047", "078")


@pytest.mark.parametrize("number", REPAIRED)
def test_what_replicate_mends_says_so(number: str) -> None:
    (check,) = [one for one in CHECKS if one.id == f"PRE-{number}"]
    assert "`muster replicate PLAN`" in check.remedy


@pytest.mark.parametrize("as_json", [True, False])
def test_a_page_that_cannot_be_written_does_not_take_the_verdict_away(as_json, tmp_path, capsys):
    stands_in_the_way = tmp_path / "file"
    stands_in_the_way.write_text("x", "utf-8")
    with pytest.raises(OutputLost, match=r"The page .*p\.html cannot be written"):
        _show(a_look(), stands_in_the_way / "p.html", "again", every=False, as_json=as_json)
    said = capsys.readouterr().out
    assert "there is no vault /x/rsv" in said
    if as_json:
        assert (json.loads(said)["page"], json.loads(said)["exit_code"]) == (None, 1)
    else:
        assert "no page was written" in said


@pytest.mark.parametrize(
    ("operation", "world", "is_rehearsed", "command"),
    [
        (Operation.DRILL, None, False, "muster preflight erp --all"),
        (Operation.REPLICATE, None, True, "muster preflight erp --all --for replicate --rehearse"),
        (
            Operation.FAILOVER,
            Path("a b.yaml"),
            False,
            "muster preflight erp --all --for failover --world 'a b.yaml'",
        ),
    ],
)
def test_the_way_to_every_check_looks_at_the_same(
    operation: Operation, world: Path | None, is_rehearsed: bool, command: str
) -> None:
    look = replace(a_look(), operation=operation)
    assert again_command(look, world, is_rehearsed=is_rehearsed) == command
