"""An item whose source is off or gone, or whose failover was cancelled, is replicated no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from .conftest import VAULT
from .life import SOURCE, VM, failover_body
from .planning import PLAN, group, manual, plan_body
from .planning import failover_body as plan_failover_body
from .still_items import JOBS, StillItems, path_of

WEB = f"{SOURCE}/{VM}/web1"
HOUR = 3600.0


def at(told: str) -> datetime:
    return datetime.fromisoformat(told[:19] + "+00:00")


def instant(told: str) -> float:
    return at(told).timestamp()


def details(world: StillItems) -> Any:
    return world.item("web1")["providerSpecificDetails"]


def newest(world: StillItems) -> datetime:
    points = world.get(path_of("web1", "recoveryPoints"))["value"]
    return max(at(point["properties"]["recoveryPointTime"]) for point in points)


def codes(world: StillItems) -> list[str]:
    return [error["errorCode"] for error in world.item("web1")["healthErrors"]]


def turned_off(world: StillItems) -> None:
    assert world.ask("POST", f"{WEB}/deallocate").status == 202
    world.settle()


def test_a_source_without_power_makes_no_points_and_its_rpo_grows() -> None:
    world = StillItems()
    world.pass_by(2 * HOUR)
    points, before = newest(world), details(world)
    turned_off(world)

    world.pass_by(0.5 * HOUR)

    assert newest(world) - points < timedelta(minutes=6)
    told = details(world)
    assert 30 * 60 <= told["rpoInSeconds"] < 33 * 60 + before["rpoInSeconds"]
    assert at(told["lastHeartbeat"]) - at(before["lastHeartbeat"]) < timedelta(minutes=2)
    assert world.item("web1")["replicationHealth"] == "Normal"

    world.pass_by(0.6 * HOUR)

    item = world.item("web1")
    assert item["replicationHealth"] == "Critical"
    assert codes(world) == ["153007", "161011"]
    assert item["failoverHealth"] == "Warning"  # that of the test that nobody has done
    assert item["allowedOperations"] == ["UnplannedFailover", "DisableProtection", "TestFailover"]
    issues = world.get(f"{VAULT}/replicationVaultHealth")["properties"]["protectedItemsHealth"]
    assert [issue["severity"] for issue in issues["issues"]] == ["Error"]


def test_the_old_points_of_a_silent_source_are_kept_past_their_time() -> None:
    world = StillItems()
    turned_off(world)
    world.pass_by(48 * HOUR)  # the policy keeps 24
    assert len(world.get(path_of("web1", "recoveryPoints"))["value"]) > 10


def test_a_source_that_is_started_again_replicates_on_and_the_gap_stays() -> None:
    world = StillItems()
    world.pass_by(HOUR)
    turned_off(world)
    off = world.world.now
    world.pass_by(1.5 * HOUR)
    assert world.ask("POST", f"{WEB}/start").status == 202
    world.settle()
    on = world.world.now

    world.pass_by(0.3 * HOUR)

    item = world.item("web1")
    assert item["replicationHealth"] == "Normal"
    assert item["providerSpecificDetails"]["rpoInSeconds"] < 120
    points = world.get(path_of("web1", "recoveryPoints"))["value"]
    times = [instant(point["properties"]["recoveryPointTime"]) for point in points]
    assert not [time for time in times if off + 1 < time < on - 1]
    assert [time for time in times if time > on]
    events = world.get(f"{VAULT}/replicationEvents")["value"]
    assert "Replication health changed to Normal." not in [
        event["properties"]["description"] for event in events
    ]  # nobody looked while it was critical


def test_health_that_changes_is_told_among_the_events() -> None:
    world = StillItems()
    turned_off(world)
    world.pass_by(2 * HOUR)

    def told() -> list[tuple[str, str]]:
        rows = world.get(f"{VAULT}/replicationEvents")["value"]
        changes = [row["properties"] for row in rows if "HealthChanged" in str(row)]
        return [(change["description"], change["severity"]) for change in changes]

    assert told() == [("Replication health changed to Critical.", "Critical")]
    assert told() == [("Replication health changed to Critical.", "Critical")]
    world.ask("POST", f"{WEB}/start")
    world.settle()
    assert told()[0] == ("Replication health changed to Normal.", "OK")


def test_a_source_that_was_deleted_never_replicates_again() -> None:
    world = StillItems(critical_after=1800.0)
    assert world.ask("DELETE", WEB).status == 202
    world.settle()
    points = newest(world)

    world.pass_by(0.6 * HOUR)

    assert world.item("web1")["replicationHealth"] == "Critical"
    assert newest(world) == points
    world.fail_over("web1")  # what there is can still be brought up
    assert world.item("web1")["protectionState"].startswith("UnplannedFailover")
    assert world.item("web1")["replicationHealth"] == "Normal"


def test_a_failover_to_the_latest_of_a_silent_source_is_as_old_as_its_silence() -> None:
    world = StillItems()
    turned_off(world)
    off = world.world.now
    world.pass_by(5 * HOUR)

    ended = world.fail_over("web1")

    point = ended["customDetails"]["protectedItemDetails"][0]["recoveryPointTime"]
    assert off - 60 <= instant(point) <= off


# -- a failover that somebody cancelled --------------------------------------------------------


def cancelled(world: StillItems, after: float = 20.0) -> Any:
    job = world.act("web1", "unplannedFailover", failover_body("Required"))
    world.pass_by(after)
    assert world.ask("POST", f"{job}/cancel").status == 202
    ended = world.until_ended(job)
    assert ended["state"] == "Cancelled"
    return ended


def test_a_cancelled_failover_ends_the_replication() -> None:
    world = StillItems()
    world.pass_by(2 * HOUR)
    cancelled(world)
    points = newest(world)

    world.pass_by(2 * HOUR)
    world.ask("POST", f"{WEB}/start")
    world.settle()
    world.pass_by(HOUR)

    item = world.item("web1")
    assert newest(world) == points
    assert item["replicationHealth"] == "Critical"
    assert item["providerSpecificDetails"]["rpoInSeconds"] > 2 * HOUR
    assert item["allowedOperations"] == ["UnplannedFailover", "DisableProtection"]
    assert "enable it again" in item["healthErrors"][0]["recommendedAction"]


def test_after_a_cancelled_failover_another_one_brings_the_vm_up() -> None:
    world = StillItems()
    cancelled(world)
    world.fail_over("web1")
    assert world.item("web1")["activeLocation"] == "Recovery"


def test_after_a_cancelled_failover_a_new_protection_replicates_again() -> None:
    world = StillItems()
    cancelled(world)
    world.ask("POST", f"{WEB}/start")
    world.settle()
    world.did("web1", "remove", {"replicationProviderInput": {"instanceType": "A2A"}})
    item = world.enabled("web1")
    world.pass_by(HOUR)
    assert "TestFailover" in world.item("web1")["allowedOperations"]
    assert item["replicationHealth"] == "Normal"
    assert details(world)["rpoInSeconds"] < 120


def test_a_step_that_was_skipped_stays_so_when_its_job_is_cancelled() -> None:
    ended = cancelled(StillItems(), after=100.0)
    told = {task["friendlyName"]: task["state"] for task in ended["tasks"]}
    assert told["Synchronizing the latest changes"] == "Other"  # Skipped, as it read before
    assert told["Start failover"] == "Cancelled"


def test_the_pause_of_a_failover_that_was_taken_back_stays_without_points() -> None:
    world = StillItems()
    world.fail_over("web1")
    world.pass_by(HOUR)
    points = newest(world)
    world.did("web1", "failoverCancel")
    world.pass_by(60)
    assert newest(world) == points
    world.pass_by(900)
    assert newest(world) > points


@pytest.mark.parametrize(
    ("after", "waits", "replicates"),
    [(30.0, [], True), (100.0, [], False), (900.0, [manual()], False)],
)
def test_a_plan_that_is_cancelled_ends_the_replication_of_what_was_failing_over(
    after: float, waits: list[Any], replicates: bool
) -> None:
    world = StillItems()
    world.answer("PUT", PLAN, plan_body(group("web1", start=waits)))
    world.settle()
    answer = world.answer("POST", f"{PLAN}/unplannedFailover", plan_failover_body())
    job = f"{JOBS}/{answer.headers['x-ms-request-id'].rpartition('/')[2]}"
    world.pass_by(after)  # in its shutdown, in the failover itself, between that and the boot
    assert world.ask("POST", f"{job}/cancel").status == 202
    world.settle()
    assert world.job(job)["state"] == "Cancelled"
    assert ("TestFailover" in world.item("web1")["allowedOperations"]) is replicates
