"""`--rehearse`, left with a second Ctrl-C: its world is kept until the run is cleaned up in it."""

from __future__ import annotations

import json
import re
import shlex
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.cli.processes import FAMILY, end_family, family_members
from tests.rehearsal.checkout import make_checkout
from tests.rehearsal.command import Ended, Evidence, Running, await_event, muster, the_run
from tests.rehearsal.plans import plan, tcp
from tests.rehearsal.worlds import SPEED, good_world
from tests.simulator_process import environment_with
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.rehearsal,
    pytest.mark.slow,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.timeout(240),
]


class Desk:
    """A checkout, and all that a person starts in it; what they start bears a mark."""

    def __init__(self, home: Path) -> None:
        self._mark = uuid.uuid4().hex
        self.environ = environment_with({FAMILY: self._mark})
        value = plan("small-shop", "sql1", "web1", checks=[tcp("sql1")])
        self.checkout = make_checkout(value, good_world(), home)
        self.kept = self.checkout / ".muster" / "rehearsal"

    def begin(self, *args: str) -> Running:
        return Running(args, self.environ, self.checkout)

    def left(self, *args: str) -> tuple[Ended, Evidence]:
        """A rehearsal that somebody leaves, with two Ctrl-C, while copies come up."""
        words = ("drill", "small-shop", "--rehearse", "--speed", f"{SPEED:g}", *args)
        running = self.begin(*words)
        evidence = the_run(self.checkout / "evidence", running, within=90)
        await_event(evidence, "accepted", times=2, act="test-failover")
        running.interrupt()
        await_event(evidence, "noted", what="stopping", within=20)
        running.interrupt()
        return running.end(within=30), evidence

    def is_deserted(self) -> bool:
        """Whether nothing of what was started here runs any more."""
        return not family_members(self._mark)

    def note_of(self, evidence: Evidence) -> dict[str, Any]:
        text = (self.kept / "kept" / f"{evidence.run}.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def clear(self) -> None:
        end_family(self._mark, seconds=10)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.clear()


def told_to(ended: Ended) -> tuple[str, ...]:
    """The words after `muster` of the command that one was told to go on with."""
    assert ended.code == 130, ended
    (command,) = set(re.findall(r"go on with: +muster (.*)", ended.out + ended.err))
    return tuple(shlex.split(command))


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
    assert list(desk.kept.glob("world-*")) == []
    assert wait_until(desk.is_deserted, 15, "everything to end")
    verified = muster("verify", evidence.run, environ=desk.environ, home=desk.checkout)
    assert verified.code == 0, verified


def test_a_rehearsal_that_was_left_is_cleaned_up_in_its_own_world(desk: Desk) -> None:
    left, evidence = desk.left()
    words = told_to(left)
    assert words == ("cleanup", evidence.run)
    assert wait_until(desk.is_deserted, 15, "simulator and Prefect to end with the command")
    note = desk.note_of(evidence)
    assert note["speed"] == SPEED
    assert Path(note["state"]).is_dir()
    judge_end(desk, desk.begin(*words).end(), evidence)


def test_a_cleanup_that_was_left_keeps_the_world_too(desk: Desk) -> None:
    left, evidence = desk.left("--direct")
    cleaning = desk.begin(*told_to(left))
    await_event(evidence, "accepted", act="test-failover-cleanup")
    cleaning.interrupt()
    await_event(evidence, "noted", times=2, what="stopping", within=20)
    cleaning.interrupt()
    words = told_to(cleaning.end(within=30))
    assert wait_until(desk.is_deserted, 15, "the simulator to end with the cleanup")
    assert Path(desk.note_of(evidence)["state"]).is_dir()
    judge_end(desk, desk.begin(*words).end(), evidence)
