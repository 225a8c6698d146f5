"""Test failovers, plan failovers and jobs, in a vault that was set up as the portal does it."""

from __future__ import annotations

from typing import Any

from tests.conformance.life import A2A, NETWORKS
from tests.conformance.story import Chapters, Story, job_of

FABRIC = "asr-a2a-default-eastus"


def portal(story: Story) -> str:
    return story.vault("portal")


def container(story: Story) -> str:
    fabric = f"{portal(story)}/replicationFabrics/{FABRIC}"
    return f"{fabric}/replicationProtectionContainers/{FABRIC}-container"


def item(story: Story, vm: str) -> str:
    return f"{container(story)}/replicationProtectedItems/{vm}-item"


def plan(story: Story, name: str) -> str:
    return f"{portal(story)}/replicationRecoveryPlans/{name}"


async def points_are_listed(story: Story) -> None:
    await story.ask("GET", container(story), entry="container_get_with_items_2025")
    path = f"{item(story, 'Drilled')}/recoveryPoints"
    points = await story.ask("GET", path, entry="recovery_points_list_a2a_trimmed")
    story.keep("cluster_recovery_points_list_trimmed", points)


async def a_machine_is_drilled(story: Story) -> None:
    """From a point that is named, and with no comment at the end."""
    path = item(story, "Drilled")
    points = (await story.ask("GET", f"{path}/recoveryPoints")).body["value"]
    newest = max(points, key=lambda point: str(point["properties"]["recoveryPointTime"]))
    body = to_test(story, A2A | {"recoveryPointId": newest["id"]})
    entry = "cluster_test_failover_post_2025"
    await story.do("POST", f"{path}/testFailover", body, entry=entry)
    first = await story.ask("POST", f"{path}/testFailoverCleanup", comment(""))
    story.move(5)
    entry = "job_get_cluster_tfo_cleanup_inprogress"
    await story.ask("GET", job_of(first), entry=entry)
    await story.drive.finish(first)
    await story.ask("GET", job_of(first), entry="job_get_tfo_cleanup_item_succeeded")


async def another_is_drilled_from_the_latest_point(story: Story) -> None:
    path = item(story, "Waiting")
    entry = "spec_protected_item_test_failover"
    await story.do("POST", f"{path}/testFailover", to_test(story, A2A), result=entry)
    entry = "spec_protected_item_test_failover_cleanup"
    await story.do("POST", f"{path}/testFailoverCleanup", comment("Done"), result=entry)


async def a_missing_plan_is_asked_for(story: Story) -> None:
    path, entry = plan(story, "nowhere"), "error_404_recovery_plan_not_found"
    await story.ask("GET", path, entry=entry, status=404)


async def a_commit_that_is_not_allowed_fails_as_a_job(story: Story) -> None:
    first = await story.ask("POST", f"{item(story, 'Broken')}/failoverCommit")
    story.move(60)
    await story.ask("GET", job_of(first), entry="job_get_failed_commit")


async def a_plan_is_drilled(story: Story) -> None:
    path = plan(story, "drilled")
    await story.do("PUT", path, plan_of(story, "Drilled", "Waiting"))
    groups = (await story.ask("GET", path)).body["properties"]["groups"]
    change = {"properties": {"groups": groups}}
    await story.do("PATCH", path, change, result="spec_recovery_plan_update_patch")
    body = to_test(story, [A2A | {"recoveryPointType": "LatestProcessed"}])
    entry = "spec_recovery_plan_test_failover"
    await story.do("POST", f"{path}/testFailover", body, result=entry)
    await story.do("POST", f"{path}/testFailoverCleanup", comment(""))


async def a_plan_fails_over(story: Story) -> None:
    path = plan(story, "failed-over")
    await story.do("PUT", path, plan_of(story, "Planned"))
    body = {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": "Required",
            "providerSpecificDetails": [A2A | {"recoveryPointType": "Latest"}],
        }
    }
    entry = "recovery_plan_unplanned_failover_post"
    first = await story.ask("POST", f"{path}/unplannedFailover", body, entry=entry)
    job = job_of(first)
    await story.ask("GET", job, entry="job_get_rp_failover_0_notstarted")
    story.move(2)
    await story.ask("GET", job, entry="job_get_rp_failover_1_inprogress_wrapper")
    entry = "job_get_rp_failover_2_inprogress_tasks"
    await story.until(job, _fails_over, step=5, entry=entry)
    await story.drive.finish(first)
    await story.ask("GET", job, entry="job_get_rp_failover_3_succeeded")


async def a_runbook_is_started(story: Story) -> None:
    account = f"{story.group('VaultGroup')}/providers/Microsoft.Automation/automationAccounts"
    body = {
        "properties": {
            "runbook": {"name": "Register"},
            "parameters": {"key01": "value01", "key02": "value02"},
            "runOn": "",
        }
    }
    path = f"{account}/accounts/jobs/7b2c1a52-0000-4000-8000-000000000001"
    await story.ask("PUT", path, body, entry="spec_automation_job_create_put")
    await story.ask("GET", path, entry="spec_automation_job_get")


async def a_vault_tells_its_health(story: Story) -> None:
    health = f"{portal(story)}/replicationVaultHealth"
    await story.ask("GET", health, entry="spec_vault_health_get")


DRILLS: Chapters = {
    points_are_listed: None,
    a_vault_tells_its_health: None,
    a_missing_plan_is_asked_for: None,
    a_machine_is_drilled: None,
    another_is_drilled_from_the_latest_point: None,
    a_commit_that_is_not_allowed_fails_as_a_job: None,
    a_plan_is_drilled: None,
    a_plan_fails_over: None,
    a_runbook_is_started: None,
}


def comment(text: str) -> Any:
    return {"properties": {"comments": text}}


def to_test(story: Story, details: Any) -> Any:
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": f"{story.group('VaultGroup')}/{NETWORKS}/Test-vnet",
            "providerSpecificDetails": details,
        }
    }


def plan_of(story: Story, *vms: str) -> Any:
    """A plan with one boot group for each machine."""
    return {
        "properties": {
            "primaryFabricId": f"{portal(story)}/replicationFabrics/{FABRIC}",
            "recoveryFabricId": f"{portal(story)}/replicationFabrics/{FABRIC}2",
            "failoverDeploymentModel": "ResourceManager",
            "groups": [
                {
                    "groupType": "Boot",
                    "replicationProtectedItems": [{"id": item(story, vm), "virtualMachineId": ""}],
                }
                for vm in vms
            ],
        }
    }


def _fails_over(body: Any) -> bool:
    """In the failover of all machines, behind the shutdown, as recorded."""
    tasks = {task["taskId"]: task["state"] for task in body["properties"]["tasks"]}
    return tasks.get("FailoverAllActionGroup") == "InProgress"
