"""`muster drill --rehearse`: its simulator can be looked at while the drill runs."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest

from tests.rehearsal.checkout import make_checkout
from tests.rehearsal.command import Running, await_event, the_run
from tests.rehearsal.plans import plan, tcp
from tests.rehearsal.worlds import SPEED, good_world
from tests.simulator_process import environment_with
from tests.waiting import wait_until

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(180)]

PAGE = re.compile(r"simulator: watch it at (http://127\.0\.0\.1:\d+/\S+/) while the drill runs")


@pytest.mark.parametrize("form", ["lines", "json"])
def test_the_page_is_told_before_the_first_act_and_shows_the_world(
    form: str, tmp_path: Path
) -> None:
    value = plan("small-shop", "sql1", checks=[tcp("sql1")])
    checkout = make_checkout(value, good_world(), tmp_path)
    words = ("drill", "small-shop", "--rehearse", "--direct", "--speed", f"{SPEED:g}")
    words += ("--fault", "F26", *(("--json",) if form == "json" else ()))
    running = Running(words, environment_with({}), checkout)
    evidence = the_run(checkout / "evidence", running, within=90)
    assert running.has_said("simulator: watch it at ")
    await_event(evidence, "accepted", act="test-failover")
    told = wait_until(lambda: PAGE.search(_said(checkout)), 10, "the page's address")
    with urllib.request.urlopen(told[1], timeout=10) as answer:  # noqa: S310  our loopback
        assert b"<html" in answer.read()
    ended = running.end()
    assert ended.code == 0, ended
    assert PAGE.search(ended.err if form == "json" else ended.out)
    assert evidence.record()["faults"] == ["F26"]
    secret = told[1].rstrip("/").rpartition("/")[2]
    kept = [file.read_text() for file in evidence.folder.rglob("*.json*")]
    assert kept
    assert not any(secret in text for text in [*kept, evidence.report()])
    if form == "json":
        assert ended.json()["outcome"] == "passed"


def _said(checkout: Path) -> str:
    return "".join(file.read_text() for file in sorted(checkout.glob("command-0.*")))
