"""The step `checks`: one probe per VM, every verdict journalled, canaries with a live control."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from muster.checks.probe import MAX_CHECKS_PER_PROBE
from muster.journal.events import EventKind, Observed
from tests.builders import a_plan, group_data
from tests.unit.steps.drilling import Drill, every_check_holds, probe_says

UP = ("test-failover:db1", "boot:db1")
CHECKS = "checks:database.db1"


def a_plan_with(*checks: object, **vm: object):
    return a_plan(groups=[group_data("database", [{"name": "db1", **vm}], checks=list(checks))])


async def checked(*checks: object, bend=None, scripts=None, **vm: object) -> Drill:
    drill = await Drill.begin(a_plan_with(*checks, **vm), scripts=scripts)
    if bend:
        bend(drill.world)
    await drill.up_to(*UP)
    await drill.do(CHECKS)
    return drill


def verdicts(drill: Drill) -> dict[str, str]:
    found = [data for data in drill.of(EventKind.CHECKED) if data["kind"] != "preflight"]
    return {data["check"]: data["verdict"] for data in found}


def tcp(port: int, **more: object):
    return {"tcp": {"vm": "db1", "port": port}, **more}


async def test_all_checks_of_a_vm_travel_in_one_probe_which_is_removed():
    drill = await checked(tcp(1), tcp(2), {"http": {"url": "http://{db1}/h"}})
    assert verdicts(drill) == dict.fromkeys(("database.1", "database.2", "database.3"), "passed")
    assert drill.kinds().count("start_command") == drill.kinds().count("delete_command") == 1
    (probe,) = drill.observed(Observed.PROBE)
    assert (probe["vm"], probe["ran"], probe["host"]) == ("db1", True, "guest")
    data = drill.of(EventKind.CHECKED)[-1]
    assert data["evidence"]["raw"]
    assert data["began"] < data["ended"]
    assert drill.of(EventKind.FINISHED)[-1]["spent"]["check"] >= 20


async def test_more_checks_than_one_probe_carries_go_into_the_next():
    drill = await checked(*(tcp(port + 1) for port in range(MAX_CHECKS_PER_PROBE + 1)))
    assert len(verdicts(drill)) == MAX_CHECKS_PER_PROBE + 1
    assert drill.kinds().count("start_command") == 2
    assert drill.outcomes[CHECKS].is_ok


async def test_a_check_that_is_not_required_fails_no_step():
    def bend(world):
        lines = {"database.1": {"ok": False, "how": "refused"}}
        world.answer = lambda vm, name, script: (0, probe_says(script, **lines), "")

    drill = await checked(tcp(1, required=False), bend=bend)
    assert verdicts(drill) == {"database.1": "failed"}
    assert drill.outcomes[CHECKS].is_ok


async def test_a_probe_that_did_not_run_leaves_every_check_without_evidence():
    drill = await checked(
        tcp(1),
        bend=lambda world: setattr(world, "answer", lambda *_: (127, "", "bash: not found")),
    )
    assert verdicts(drill) == {"database.1": "not evidenced"}
    assert drill.outcomes[CHECKS].error["code"] == "CHECK-002"
    assert "ran at all" in drill.of(EventKind.CHECKED)[-1]["why"]


async def test_a_script_that_checks_runs_beside_the_probe():
    script = {"run_command": {"vm": "db1", "file": "scripts/c.sh", "contains": "consistent"}}

    def answer(vm, name, script):
        return (
            (0, "consistent", "") if script == "check it" else every_check_holds(vm, name, script)
        )

    drill = await checked(
        tcp(1), script, bend=lambda world: setattr(world, "answer", answer),
        scripts={"scripts/c.sh": b"check it"},
    )  # fmt: skip
    assert verdicts(drill) == {"database.1": "passed", "database.2": "passed"}
    assert drill.observed(Observed.SCRIPT)[0]["file"] == "scripts/c.sh"


async def test_data_loss_is_measured_from_the_instant_the_points_were_resolved():
    drill = await checked({"data_loss": {"url": "http://{db1}/hb", "at_most": "15m"}})
    data = drill.of(EventKind.CHECKED)[-1]
    assert data["verdict"] == "passed"
    reference = drill.observed(Observed.POINTS)[0]["reference"]
    assert data["evidence"]["reference"] == reference
    assert data["evidence"]["loss_seconds"] == 300


async def test_a_marker_younger_than_the_copy_does_not_count():
    late = {"database.1": {"how": "answered", "written_at": "2026-01-01T09:00:00Z"}}

    def bend(world):
        world.answer = lambda vm, name, script: (0, probe_says(script, **late), "")

    drill = await checked({"data_loss": {"url": "http://{db1}/hb", "at_most": "15m"}}, bend=bend)
    assert verdicts(drill) == {"database.1": "not evidenced"}


async def test_windows_copies_are_not_said_to_have_passed():
    drill = await checked(tcp(1), os="windows")
    assert verdicts(drill) == {"database.1": "not evidenced"}
    assert "start_command" not in drill.kinds()


# --- the canary ----------------------------------------------------------------------------------
@asynccontextmanager
async def listening():
    async def accept(_: object, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def canary(port: int, host: str = "127.0.0.1"):
    return {"unreachable": {"from": "db1", "host": host, "port": port, "live_from": "worker"}}


async def test_silence_counts_while_the_worker_reaches_the_target():
    async with listening() as port:
        drill = await checked(canary(port))
    assert verdicts(drill) == {"database.1": "passed"}
    evidence = drill.of(EventKind.CHECKED)[-1]["evidence"]
    assert [one["ok"] for one in evidence["controls"]] == [True, True]


async def test_silence_of_a_target_that_is_down_shows_nothing():
    async with listening() as port:
        pass
    drill = await checked(canary(port))
    assert verdicts(drill) == {"database.1": "not evidenced"}
    assert drill.outcomes[CHECKS].error["code"] == "CHECK-002"


async def test_an_answer_from_the_target_is_a_breach():
    lines = {"database.1": {"ok": False, "how": "connected"}}

    def bend(world):
        world.answer = lambda vm, name, script: (0, probe_says(script, **lines), "")

    async with listening() as port:
        drill = await checked(canary(port), bend=bend)
    assert drill.outcomes[CHECKS].error["code"] == "CHECK-001"


async def test_a_target_inside_the_drill_networks_own_ranges_is_not_asked():
    drill = await checked(canary(443, host="10.1.0.4"))
    assert verdicts(drill) == {"database.1": "not evidenced"}
    assert "start_command" not in drill.kinds()


async def test_in_a_step_that_decides_a_check_of_an_optional_vm_does_not_fail_it():
    checks = [tcp(1), {"tcp": {"vm": "opt1", "port": 2, "from": "db1"}}]
    vms = ["db1", {"name": "opt1", "critical": False}]
    for bad, is_ok in (("database.2", True), ("database.1", False)):
        drill = await Drill.begin(a_plan(groups=[group_data("database", vms, checks=checks)]))
        lines = {bad: {"ok": False, "how": "refused"}}
        drill.world.answer = lambda vm, name, script, lines=lines: (
            0,
            probe_says(script, **lines),
            "",
        )
        await drill.up_to("test-failover:db1", "boot:db1", "test-failover:opt1", "boot:opt1")
        await drill.do(CHECKS)
        assert drill.step(CHECKS).critical
        assert verdicts(drill)[bad] == "failed"
        assert drill.outcomes[CHECKS].is_ok is is_ok
