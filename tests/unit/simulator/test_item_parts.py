"""Parts of a failover as a recovery plan does them, and jobs that are cancelled: in process."""

from __future__ import annotations

import copy

import pytest

from muster.simulator.asr import failovers, item_jobs
from muster.simulator.asr.items import now_at
from muster.simulator.durations import BOOT_SHORTER, FAILOVER_SHORTER

from .item_rules import RECOVERED, WEB, enabled, kept, path_of, switch_details
from .life import SOURCE, TARGET, VAULT, VM, failover_body
from .still_world import StillWorld

# -- a plan's failover, part by part ----------------------------------------------------------


def test_a_plan_fails_an_item_over_in_three_parts_and_keeps_it_all_the_while():
    still = StillWorld()
    world, item = still.world, kept(still)
    plan = {"scenario": "UnplannedFailover", "job": "the plan's", "since": world.now}
    item["busy"] = dict(plan)
    asking = item_jobs.Later(world, "a-client")
    powers = []
    for part in ("shutdown", "failover", "start"):
        job = failovers.begun_failover(asking, item, part=part)
        assert failovers.choose_point(asking, item, job, None) is None
        failovers.begin_failover(world, item, job)
        assert item["busy"]["job"] == job["id"]
        still.pass_by(job["ends"] - world.now + 0.001)
        assert not job["fails"]
        assert item["busy"] == plan
        powers.append(world.machines.get(RECOVERED.lower(), {}).get("power"))
    assert powers == [None, None, "running"]
    assert world.machines[f"{SOURCE}/{VM}/web1".lower()]["power"] == "deallocated"
    item_jobs.release(world, item)
    assert still.get(WEB)["properties"]["activeLocation"] == "Recovery"
    assert pytest.approx(134.6) == FAILOVER_SHORTER + BOOT_SHORTER


def test_between_its_parts_an_item_that_no_plan_holds_stays_held_by_the_last_one():
    still = StillWorld()
    world, item = still.world, kept(still)
    asking = item_jobs.Later(world, "a-client")
    for part in ("failover", "start"):
        assert (item["busy"] is None) == (part == "failover")
        job = failovers.begun_failover(asking, item, part=part)
        failovers.choose_point(asking, item, job, None)
        failovers.begin_failover(world, item, job)
        still.pass_by(job["ends"] - world.now + 0.001)
    assert item["busy"] is None
    assert still.get(WEB)["properties"]["activeLocation"] == "Recovery"


def test_a_disk_of_the_same_name_in_use_stands_in_the_way():
    still = StillWorld()
    other = f"{TARGET}/Microsoft.Compute/disks/web1-osdisk"
    body = still.world.resource(f"{SOURCE}/Microsoft.Compute/disks/bad1-osdisk")
    still.world.put(copy.deepcopy(body) | {"id": other, "name": "web1-osdisk"})
    job = still.job_of(still.ask("POST", f"{WEB}/unplannedFailover", failover_body()))
    still.settle()
    assert "is there already" in str(job["fails"])
    assert still.get(WEB)["properties"]["activeLocation"] == "Primary"
    assert still.world.resource(other)["managedBy"].endswith("/bad1")


def test_a_part_that_fails_gives_the_item_back_as_it_was():
    still = StillWorld()
    world, item = still.world, kept(still)
    item["faults"] = {"failover": fault()}
    item["busy"] = {"scenario": "UnplannedFailover", "job": "the plan's", "since": world.now}
    asking = item_jobs.Later(world, "a-client")
    for part in ("failover", "start"):
        job = failovers.begun_failover(asking, item, part=part)
        failovers.choose_point(asking, item, job, None)
        failovers.begin_failover(world, item, job)
        still.pass_by(job["ends"] - world.now + 0.001)
    assert job["fails"]["error"]["serviceErrorDetails"]["code"] == "1"
    assert item["busy"]["job"] == "the plan's"
    item_jobs.release(world, item)
    assert "UnplannedFailover" in still.get(WEB)["properties"]["allowedOperations"]
    assert item["failover"]["stopped"] is None


def fault():
    return {"code": "1", "message": "no", "causes": "", "action": "", "at": "work", "times": 9}


# -- jobs that are cancelled ------------------------------------------------------------------


def cancel(still: StillWorld, job) -> None:
    """As the cancel of a job does it: its plans are dropped, its `undo` clears up."""
    world = still.world
    world.forget([job["id"]])
    job |= {"cancelled": world.now, "ends": None}
    world.effects[job["undo"]](world, {"job": job["id"]})


@pytest.mark.parametrize(("after", "state"), [(20, "Protected"), (-5, "Unplanned")])
def test_a_cancelled_failover_is_taken_back_unless_its_vm_is_there(after: int, state: str):
    still = StillWorld()
    job = still.job_of(still.ask("POST", f"{WEB}/unplannedFailover", failover_body()))
    still.pass_by(after if after > 0 else job["ends"] - still.world.now + after)
    cancel(still, job)
    told = still.get(WEB)["properties"]
    assert told["protectionState"].startswith(state)
    assert told["allowedOperations"]
    assert still.get(f"{VAULT}/replicationJobs/{job['id']}")["properties"]["state"] == "Cancelled"
    still.settle()
    assert still.get(WEB)["properties"]["protectionState"] == told["protectionState"]


@pytest.mark.parametrize(("after", "phase"), [(20, "none"), (-5, "waiting")])
def test_a_cancelled_test_failover_leaves_what_it_made_to_a_cleanup(after: int, phase: str):
    still = StillWorld()
    body = {
        "networkId": f"{TARGET}/Microsoft.Network/virtualNetworks/drill",
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
    job = still.job_of(still.ask("POST", f"{WEB}/testFailover", body))
    still.pass_by(after if after > 0 else job["ends"] - still.world.now + after)
    cancel(still, job)
    assert kept(still)["test"]["phase"] == phase
    still.settle()
    assert kept(still)["test"]["phase"] == phase
    copies = [key for key in still.world.machines if key.endswith("web1-test")]
    assert len(copies) == (1 if phase == "waiting" else 0)


def test_a_cancelled_first_copy_is_finalized_by_another_job():
    still = StillWorld()
    enabled(still)
    while (kept(still)["busy"] or {}).get("scenario") != "SecondaryIrCompletion":
        assert still.next_thing()
    cancel(still, still.world.table("jobs")[kept(still)["busy"]["job"]])
    assert kept(still)["protection_state"] == "InitialReplicationRecoveryCompletionPending"
    still.settle()
    assert kept(still)["protection_state"] == "Protected"


def test_cancelled_enabling_leaves_nothing():
    still = StillWorld()
    job = enabled(still)
    still.pass_by(500)
    if kept(still)["busy"]:
        cancel(still, job)
    assert still.ask("GET", WEB).status == 404
    assert not still.world.resource(f"{TARGET}/Microsoft.Compute/disks/web1-osdisk-ASRReplica")


def test_an_id_leads_to_its_item_also_after_it_moved_there_and_back():
    still = StillWorld()
    first = kept(still)["id"]
    for _ in range(2):
        for verb, body in (("unplannedFailover", failover_body()), ("failoverCommit", None)):
            still.ask("POST", f"{path_of(kept(still))}/{verb}", body)
            still.settle()
        item = kept(still)
        body = {
            "replicationProtectedItemName": item["name"],
            "providerSpecificDetails": switch_details(still, item),
        }
        container = path_of(item).partition("/replicationProtectedItems/")[0]
        still.ask("POST", f"{container}/switchprotection", body)
        still.settle()
    assert kept(still)["id"] == first
    assert now_at(still.world, first) is kept(still)
    assert now_at(still.world, item["id"]) is kept(still)
