"""What happens to an item when, to the second: without sockets, so that time stands still."""

from __future__ import annotations

import copy

import pytest

from muster.simulator.asr import failovers, item_jobs
from muster.simulator.durations import BOOT_SHORTER, FAILOVER_SHORTER

from .item_rules import path_of, switch_details, switch_input
from .life import CONTAINER_ID, ITEMS, SOURCE, TARGET, VAULT, VM, failover_body
from .still_world import StillWorld

WEB = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
RECOVERED = f"{TARGET}/{VM}/web1"


def kept(still: StillWorld, vm: str = "web1"):
    return next(one for one in still.world.items.values() if one["name"] == ITEMS[vm])


def enabled(still: StillWorld):
    """Purge an item and protect its VM anew; answers the job."""
    still.ask("DELETE", WEB)
    still.settle()
    return still.job_of(still.ask("PUT", WEB, switch_input(still, "web1", back=False)))


def test_enabling_takes_seven_to_ten_minutes_and_protection_about_twenty_five():
    still = StillWorld()
    job = enabled(still)
    began = still.world.now
    still.pass_by(job["ends"] - still.world.now - 1)
    assert still.get(WEB)["properties"]["protectionState"] == "UnprotectedStatesBegin"
    still.pass_by(2)
    assert 405 <= still.world.now - began <= 615
    assert still.get(WEB)["properties"]["protectionState"] == "InitialReplicationInProgress"
    while still.get(WEB)["properties"]["protectionState"] != "Protected":
        still.pass_by(10)
    assert 22 * 60 <= still.world.now - began <= 28 * 60 + 10


def test_the_percentage_is_silent_rises_stands_still_and_is_zero_again():
    still = StillWorld()
    job = enabled(still)
    still.pass_by(job["ends"] - still.world.now + 0.1)
    seen = []
    while kept(still)["protection_state"] != "Protected":
        details = still.get(WEB)["properties"]["providerSpecificDetails"]
        percent = details["monitoringPercentageCompletion"]
        assert (details["monitoringJobType"] is None) == (percent is None)
        assert details["protectedManagedDisks"][0]["monitoringPercentageCompletion"] == percent
        seen.append(percent)
        still.pass_by(10)
    told = [percent for percent in seen if percent is not None]
    assert seen[0] is None
    assert told == sorted(told)
    assert seen.count(told[-1]) * 10 > 5 * 60  # it stands still for minutes
    last = still.get(WEB)["properties"]["providerSpecificDetails"]
    assert last["monitoringPercentageCompletion"] == 0


def test_the_first_copy_waits_for_its_point_before_it_ends():
    still = StillWorld()
    enabled(still)
    while kept(still)["protection_state"] != "InitialReplicationRecoveryCompletionPending":
        assert still.next_thing()
    assert kept(still)["protection_state"] != "Protected"
    assert still.get(WEB)["properties"]["protectionStateDescription"] == (
        "Waiting for first recovery point"
    )


def test_a_first_copy_that_ends_while_the_item_is_being_disabled_begins_no_job():
    still = StillWorld()
    enabled(still)
    while (span := kept(still)["replicating"]) is None:
        assert still.next_thing()
    still.pass_by(span["until"] - still.world.now - 20)
    job = still.job_of(still.ask("DELETE", WEB))
    still.settle()
    assert job["fails"] is None
    names = {job["scenario"] for job in still.world.table("jobs").values()}
    assert "SecondaryIrCompletion" not in names


def test_a_failover_without_shutdown_takes_two_minutes_and_makes_the_vm_35_seconds_before():
    still = StillWorld()
    job = still.job_of(still.ask("POST", f"{WEB}/unplannedFailover", failover_body()))
    takes = job["ends"] - job["starts"]
    assert 0.88 * 137 <= takes <= 1.12 * 137
    still.pass_by(job["ends"] - still.world.now - 36)
    assert still.ask("GET", RECOVERED).status == 404
    still.pass_by(2)
    vm = still.get(RECOVERED)
    assert vm["properties"]["provisioningState"] == "Creating"
    assert still.get(WEB)["properties"]["activeLocation"] == "Primary"
    still.pass_by(35)
    assert still.get(RECOVERED)["properties"]["provisioningState"] == "Succeeded"
    assert still.get(WEB)["properties"]["activeLocation"] == "Recovery"


def test_with_shutdown_it_takes_a_minute_longer_and_the_source_goes_first():
    still = StillWorld()
    body = failover_body("Required")
    job = still.job_of(still.ask("POST", f"{WEB}/unplannedFailover", body))
    assert 0.88 * 200 <= job["ends"] - job["starts"] <= 1.12 * 200
    still.pass_by(75)
    machines = still.world.machines
    assert machines[f"{SOURCE}/{VM}/web1".lower()]["power"] == "deallocated"
    assert RECOVERED.lower() not in machines


def test_a_commit_takes_three_to_eight_seconds():
    still = StillWorld()
    still.ask("POST", f"{WEB}/unplannedFailover", failover_body())
    still.settle()
    job = still.job_of(still.ask("POST", f"{WEB}/failoverCommit"))
    assert 3.0 <= job["ends"] - job["starts"] <= 8.0


def test_a_reprotect_moves_the_item_at_its_end_and_the_copy_takes_three_quarters_of_an_hour():
    still = StillWorld()
    for verb, body in (("unplannedFailover", failover_body()), ("failoverCommit", None)):
        still.ask("POST", f"{WEB}/{verb}", body)
        still.settle()
    item = kept(still)
    body = {
        "replicationProtectedItemName": item["name"],
        "providerSpecificDetails": switch_details(still, item),
    }
    job = still.job_of(still.ask("POST", f"{CONTAINER_ID}/switchprotection", body))
    assert 505 <= job["ends"] - job["starts"] <= 542
    still.pass_by(job["ends"] - still.world.now - 1)
    assert still.ask("GET", WEB).status == 200
    assert still.ask("GET", f"{SOURCE}/{VM}/web1").status == 404
    still.pass_by(2)
    assert still.ask("GET", WEB).status == 404
    began = still.world.now
    while kept(still)["protection_state"] != "Protected":
        still.pass_by(10)
    assert 41 * 60 <= still.world.now - began <= 53 * 60


def test_replicas_on_the_way_back_are_called_in_small_letters():
    still = StillWorld()
    path = path_of(kept(still, "Sql1"))
    for verb, body in (("unplannedFailover", failover_body()), ("failoverCommit", None)):
        still.ask("POST", f"{path}/{verb}", body)
        still.settle()
    item = kept(still, "Sql1")
    given = {
        "replicationProtectedItemName": item["name"],
        "providerSpecificDetails": switch_details(still, item),
    }
    still.ask("POST", f"{CONTAINER_ID}/switchprotection", given)
    still.settle()
    details = still.get(path_of(kept(still, "Sql1")))["properties"]["providerSpecificDetails"]
    names = [disk["recoveryReplicaDiskId"] for disk in details["protectedManagedDisks"]]
    assert [name.rpartition("/")[2] for name in names] == [
        *("sql1-osdisk-ASRReplica", "sql1-data-ASRReplica"),
    ]


def test_a_reprotect_leads_to_where_the_vm_came_from_and_nowhere_else():
    still = StillWorld()
    for verb, body in (("unplannedFailover", failover_body()), ("failoverCommit", None)):
        still.ask("POST", f"{WEB}/{verb}", body)
        still.settle()
    table = still.world.table("asr")
    third = f"{CONTAINER_ID}-third"
    table[third.lower()] = copy.deepcopy(table[CONTAINER_ID.lower()]) | {"id": third}
    mapping = next(one for one in table.values() if one["name"].startswith("westus2-eastus"))
    more = copy.deepcopy(mapping) | {"id": f"{mapping['id']}-third"}
    more["properties"]["targetProtectionContainerId"] = third
    table[more["id"].lower()] = more
    details = switch_details(still, kept(still)) | {"recoveryContainerId": third}
    given = {
        "replicationProtectedItemName": ITEMS["web1"],
        "providerSpecificDetails": details,
    }
    job = still.job_of(still.ask("POST", f"{CONTAINER_ID}/switchprotection", given))
    assert "came from" in str(job["fails"])


def test_a_multi_vm_group_has_room_for_sixteen():
    still = StillWorld()
    enabled(still)
    still.ask("DELETE", WEB)
    still.settle()
    pattern = kept(still, "bad1")
    for n in range(16):
        twin = copy.deepcopy(pattern) | {"multi_vm_group": "erp", "name": f"twin{n}"}
        twin["ids"]["group"] = still.world.guid("group", "erp")
        twin["id"] = f"{pattern['id']}{n}"
        still.world.items[twin["id"].lower()] = twin
    body = switch_input(still, "web1", back=False)
    body["providerSpecificDetails"]["multiVmGroupName"] = "erp"
    still.ask("DELETE", WEB)
    still.settle()
    job = still.job_of(still.ask("PUT", WEB, body))
    assert "has 16 members already" in str(job["fails"])


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
    assert "is there already, and in use" in str(job["fails"])
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
    from muster.simulator.asr.items import now_at

    assert kept(still)["id"] == first
    assert now_at(still.world, first) is kept(still)
    assert now_at(still.world, item["id"]) is kept(still)
