"""What happens to an item when, to the second: without sockets, so that time stands still."""

from __future__ import annotations

import copy

from .item_rules import RECOVERED, WEB, enabled, kept, path_of, switch_details, switch_input
from .life import CONTAINER_ID, ITEMS, SOURCE, VM, failover_body
from .still_world import StillWorld


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
