"""Recovery plans of Site Recovery: made, read, changed, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models

from .bench import Bench
from .conftest import ITEMS, VAULT, Azure
from .life import operating
from .planning import AWAY, HOME, PLAN, entry, group, plan_body

# The keys of a plan, as FACTS 6 has them from a recording.
PLAN_KEYS = """friendlyName primaryFabricId primaryFabricFriendlyName recoveryFabricId
recoveryFabricFriendlyName failoverDeploymentModel replicationProviders allowedOperations
currentScenario currentScenarioStatus currentScenarioStatusDescription groups
providerSpecificDetails""".split()  # noqa: SIM905
GROUP_KEYS = {"groupType", "replicationProtectedItems", "startGroupActions", "endGroupActions"}


async def test_a_plan_is_made_changed_and_deleted_with_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        where = ("rg-dr", "rsv", "erp")
        item = models.RecoveryPlanProtectedItem(
            id=entry("Sql1")["id"], virtual_machine_id="/subscriptions/whatever"
        )
        boot = models.RecoveryPlanGroup(group_type="Boot", replication_protected_items=[item])
        given = models.CreateRecoveryPlanInputProperties(
            primary_fabric_id=HOME, recovery_fabric_id=AWAY, groups=[boot]
        )
        made = await (
            await plans.begin_create(*where, models.CreateRecoveryPlanInput(properties=given))
        ).result()

        assert [one.group_type for one in made.properties.groups] == [
            "Shutdown",
            "Failover",
            "Boot",
        ]
        assert made.properties.allowed_operations == ["UnplannedFailover", "TestFailover"]
        assert made.as_dict() == (await plans.get(*where)).as_dict()

        groups = made.properties.groups
        groups[2].end_group_actions = [
            models.RecoveryPlanAction(
                action_name="Look",
                failover_types=["TestFailover"],
                failover_directions=["PrimaryToRecovery"],
                custom_details=models.RecoveryPlanManualActionDetails(description="Look."),
            )
        ]
        update = models.UpdateRecoveryPlanInputProperties(groups=groups)
        changed = await (
            await plans.begin_update(*where, models.UpdateRecoveryPlanInput(properties=update))
        ).result()
        assert changed.properties.groups[2].end_group_actions[0].custom_details.description == (
            "Look."
        )
        assert [one.properties.groups async for one in plans.list("rg-dr", "rsv")] == [[]]

        await (await plans.begin_delete(*where)).result()
        with pytest.raises(ResourceNotFoundError):
            await plans.get(*where)


def test_a_plan_has_every_key_of_the_recording() -> None:
    bench = Bench()
    bench.send("PUT", PLAN, plan_body(group("Sql1")))
    bench.until_quiet()
    told = bench.get(PLAN)
    assert set(told) == {"id", "name", "type", "properties"}
    plan = told["properties"]
    assert set(plan) == set(PLAN_KEYS)
    assert all(set(one) == GROUP_KEYS for one in plan["groups"])
    assert plan["primaryFabricFriendlyName"] == "East US"
    assert plan["currentScenario"] is None
    assert plan["providerSpecificDetails"] == []
    item = plan["groups"][2]["replicationProtectedItems"][0]
    assert item["id"].endswith(ITEMS["Sql1"])
    assert len(item["virtualMachineId"]) == 36  # what was sent was the VM's name
    assert bench.get(f"{VAULT}/replicationRecoveryPlans")["value"][0]["properties"] == plan | {
        "groups": []
    }


def test_a_plan_is_there_when_its_job_ends_and_the_jobs_say_what_they_are() -> None:
    bench = Bench()
    job = bench.send("PUT", PLAN, plan_body(group("Sql1")))
    assert bench.ask("GET", PLAN)[0] == 404
    bench.until_quiet()
    told = bench.get(f"{VAULT}/replicationJobs/{job}")["properties"]
    assert (told["scenarioName"], told["targetInstanceType"]) == (
        "SaveRecoveryPlan",
        "RecoveryPlan",
    )
    gone = bench.send("DELETE", PLAN)
    bench.until_quiet()
    told = bench.get(f"{VAULT}/replicationJobs/{gone}")["properties"]
    assert (told["scenarioName"], told["friendlyName"]) == (
        "DeleteRecoveryPlan",
        "Delete a recovery plan",
    )
    assert told["tasks"][0]["friendlyName"] == "Delete a recovery plan task"
    assert bench.ask("GET", f"{PLAN}/operationresults/{gone}")[0] == 204


def test_groups_are_put_in_azures_order_and_zones_are_told() -> None:
    bench = Bench()
    groups = [group("web1"), group(kind="failover"), group(kind="Shutdown"), group("Sql1")]
    zones = [{"instanceType": "A2A", "primaryZone": "1", "recoveryZone": "2"}]
    bench.send("PUT", PLAN, plan_body(*groups, providerSpecificInput=zones))
    bench.until_quiet()
    plan = bench.get(PLAN)["properties"]
    assert [one["groupType"] for one in plan["groups"]] == ["Shutdown", "Failover", "Boot", "Boot"]
    assert plan["groups"][2]["replicationProtectedItems"][0]["id"].endswith(ITEMS["web1"])
    assert plan["providerSpecificDetails"] == [
        {
            "instanceType": "A2A",
            "primaryZone": "1",
            "recoveryZone": "2",
            "primaryExtendedLocation": None,
            "recoveryExtendedLocation": None,
        }
    ]


def test_an_update_without_groups_changes_nothing() -> None:
    bench = Bench()
    bench.send("PUT", PLAN, plan_body(group("Sql1")))
    bench.until_quiet()
    before = bench.get(PLAN)
    bench.send("PATCH", PLAN, {"properties": {}})
    bench.until_quiet()
    assert bench.get(PLAN) == before


def test_a_plan_that_is_put_again_is_another_one() -> None:
    bench = Bench()
    for vm in ("Sql1", "web1"):
        bench.send("PUT", PLAN, plan_body(group(vm)))
        bench.until_quiet()
    groups = bench.get(PLAN)["properties"]["groups"]
    assert groups[2]["replicationProtectedItems"][0]["id"].endswith(ITEMS["web1"])


def test_an_item_whose_replication_is_disabled_leaves_the_plan() -> None:
    bench = Bench()
    bench.send("PUT", PLAN, plan_body(group("Sql1", "web1")))
    bench.until_quiet()
    bench.send("DELETE", entry("Sql1")["id"])
    bench.until_quiet()
    held = bench.get(PLAN)["properties"]["groups"][2]["replicationProtectedItems"]
    assert [one["id"][-1] for one in held] == ["2"]


def test_the_items_of_a_plan_can_be_listed() -> None:
    bench = Bench()
    bench.done("PUT", PLAN, plan_body(group("Sql1"), group("web1")))
    every = f"{VAULT}/replicationProtectedItems"
    told = bench.get(every, **{"$filter": "RecoveryPlanName eq 'ERP'"})["value"]
    assert [row["name"] for row in told] == [ITEMS["Sql1"], ITEMS["web1"]]
    assert bench.get(every, **{"$filter": "RecoveryPlanName eq 'other'"})["value"] == []


async def test_a_missing_plan_is_site_recoverys_own_404(azure: Azure) -> None:
    status, body, _ = await azure.ask("GET", PLAN)
    assert status == 404
    assert body["error"]["code"] == "NotFound"
    assert body["error"]["details"][0]["code"] == "ArmResourceDoesNotExist"
    operator = await azure.as_("operator")
    for verb in ("testFailover", "failoverCommit"):
        assert (await azure.ask("POST", f"{PLAN}/{verb}", {}, token=operator))[0] == 404


async def test_the_drill_identity_may_read_plans_and_not_run_them(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        await operator.job(await operator.act(PLAN, plan_body(group("Sql1"))["properties"], "PUT"))
        assert (await operator.azure.get(PLAN))["name"] == "erp"
        status, told, _ = await operator.azure.ask("POST", f"{PLAN}/unplannedFailover", {})
        assert status == 403
        wanted = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/unplannedFailover"
        assert f"'{wanted}/action'" in told["error"]["message"]
