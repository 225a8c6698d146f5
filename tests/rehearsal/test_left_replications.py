"""`muster replicate --rehearse`, left in the middle: the same command goes on in its world."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.command import Ended, Evidence, Running, await_event, the_run
from tests.rehearsal.desk import LEFT, Desk, told_to
from tests.rehearsal.from_nothing import PLAN, SPEED, VMS, delivered_checkout
from tests.waiting import wait_until

pytestmark = [*LEFT, pytest.mark.timeout(300)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(delivered_checkout(tmp_path))
    yield desk
    desk.clear()


def begun(desk: Desk, *args: str) -> tuple[Running, Evidence]:
    """A rehearsal whose first VM is being protected."""
    running = desk.begin("replicate", PLAN, "--rehearse", "--speed", f"{SPEED:g}", *args)
    evidence = the_run(desk.checkout / "evidence", running, within=90)
    await_event(evidence, "accepted", act="enable", within=90)
    return running, evidence


def test_after_ctrl_c_the_same_command_goes_on_in_the_same_world(desk: Desk) -> None:
    running, first = begun(desk)
    running.interrupt()
    left = running.end(within=60)
    assert left.code == 5, left
    assert first.record()["outcome"] == "aborted"
    assert (desk.notes(), desk.worlds()) == ({first.run}, 1), left
    assert told_to(left) == ("replicate", PLAN, "--rehearse")
    ended = desk.begin(*told_to(left), "--json").end()
    assert ended.code == 0, ended
    told = ended.json()
    assert told["run"] != first.run
    assert {vm["state"] for vm in told["vms"]} == {"Protected"}
    assert len(told["vms"]) == VMS
    sent = Evidence(desk.checkout / "evidence", told["run"]).of("accepted")
    assert not [one for one in sent if one["data"]["act"] in ("make-vault", "make-fabric")], sent
    assert (desk.notes(), desk.worlds()) == (set(), 0)
    assert wait_until(desk.is_deserted, 15, "everything to end")


def killed(running: Running, evidence: Evidence) -> Ended:
    """The process that owns the run dies; the command that started it stays to tell of it."""
    (owner,) = evidence.of("owner")
    os.kill(owner["data"]["pid"], signal.SIGKILL)
    left = running.end(within=30)
    assert left.code == 130, left
    return left


def test_when_its_process_was_killed_the_run_itself_goes_on(desk: Desk) -> None:
    running, evidence = begun(desk, "--direct")
    left = killed(running, evidence)
    assert wait_until(desk.is_deserted, 15, "the simulator to end with the command")
    assert (desk.notes(), desk.worlds()) == ({evidence.run}, 1)
    assert told_to(left) == ("replicate", PLAN, "--rehearse")
    ended = desk.begin(*told_to(left), "--direct", "--json").end()
    assert ended.code == 0, ended
    assert ended.json()["run"] == evidence.run
    assert (desk.notes(), desk.worlds()) == (set(), 0)


def test_a_named_world_begins_anew(desk: Desk) -> None:
    running, evidence = begun(desk, "--direct")
    running.interrupt()
    assert running.end(within=60).code == 5
    world = "deployments/rehearsal/from-nothing/contoso.world.yaml"
    words = ("replicate", PLAN, "--world", world, "--plan-only", "--json")
    shown = desk.begin(*words).end()
    assert shown.code == 0, shown
    made = [one for one in shown.json()["changes"] if one["act"] == "create"]
    assert "rsv-contoso" in str(made)
    assert evidence.run not in desk.notes()
    assert desk.worlds() == 0


def test_a_cleanup_of_a_replication_says_what_it_does_and_what_it_leaves(desk: Desk) -> None:
    running, evidence = begun(desk, "--direct")
    killed(running, evidence)
    closed = desk.begin("cleanup", evidence.run).end()
    assert closed.code == 0, closed
    assert "nothing is removed" in closed.out
    assert f"`muster replicate {PLAN}` finds it" in closed.out
    assert "the next one begins anew" in closed.err
    assert (desk.notes(), desk.worlds()) == (set(), 0)
