"""`--rehearse`, left with a second Ctrl-C: its world is kept until the run is cleaned up in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.checkout import make_checkout
from tests.rehearsal.command import Ended, Evidence, await_event, muster, the_run
from tests.rehearsal.desk import LEFT, Desk, told_to
from tests.rehearsal.plans import plan, tcp
from tests.rehearsal.worlds import SPEED, good_world
from tests.waiting import wait_until

pytestmark = [*LEFT, pytest.mark.timeout(240)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    value = plan("small-shop", "sql1", "web1", checks=[tcp("sql1")])
    desk = Desk(make_checkout(value, good_world(), tmp_path))
    yield desk
    desk.clear()


def left(desk: Desk, *args: str) -> tuple[Ended, Evidence]:
    """A rehearsal that somebody leaves, with two Ctrl-C, while copies come up."""
    running = desk.begin("drill", "small-shop", "--rehearse", "--speed", f"{SPEED:g}", *args)
    evidence = the_run(desk.checkout / "evidence", running, within=90)
    await_event(evidence, "accepted", times=2, act="test-failover")
    running.interrupt()
    await_event(evidence, "noted", what="stopping", within=20)
    running.interrupt()
    return running.end(within=30), evidence


def words_after(ended: Ended) -> tuple[str, ...]:
    """What one was told to go on with by a command that was left with two Ctrl-C."""
    assert ended.code == 130, ended
    return told_to(ended)


def judge_end(desk: Desk, ended: Ended, evidence: Evidence) -> None:
    """Clean, closed, and nothing of the world kept any longer."""
    assert ended.code == 0, ended
    record = evidence.record()
    assert (record["state"], record["outcome"]) == ("closed", "aborted")
    assert record["cleanup"]["proven"]
    assert record["cleanup"]["left"] == []
    cleaned = evidence.of("accepted", act="test-failover-cleanup")
    assert {one["data"]["subject"] for one in cleaned} == {"sql1", "web1"}
    assert list(desk.kept.rglob("*.json")) == []
    assert desk.worlds() == 0
    assert wait_until(desk.is_deserted, 15, "everything to end")
    verified = muster("verify", evidence.run, environ=desk.environ, home=desk.checkout)
    assert verified.code == 0, verified


def test_a_rehearsal_that_was_left_is_cleaned_up_in_its_own_world(desk: Desk) -> None:
    ended, evidence = left(desk)
    words = words_after(ended)
    assert words == ("cleanup", evidence.run)
    assert wait_until(desk.is_deserted, 15, "simulator and Prefect to end with the command")
    note = desk.note_of(evidence)
    assert note["speed"] == SPEED
    assert Path(note["state"]).is_dir()
    judge_end(desk, desk.begin(*words).end(), evidence)


def test_a_cleanup_that_was_left_keeps_the_world_too(desk: Desk) -> None:
    ended, evidence = left(desk, "--direct")
    cleaning = desk.begin(*words_after(ended))
    await_event(evidence, "accepted", act="test-failover-cleanup")
    cleaning.interrupt()
    await_event(evidence, "noted", times=2, what="stopping", within=20)
    cleaning.interrupt()
    words = words_after(cleaning.end(within=30))
    assert wait_until(desk.is_deserted, 15, "the simulator to end with the cleanup")
    assert Path(desk.note_of(evidence)["state"]).is_dir()
    judge_end(desk, desk.begin(*words).end(), evidence)
