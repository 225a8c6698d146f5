"""Recovery plans of Site Recovery: made, read, changed, deleted; what is against their rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models

from .bench import Bench
from .conftest import CONTAINER_ID, ITEMS, VAULT, WORLD, Azure
from .life import operating
from .planning import AWAY, HOME, PLAN, action, entry, group, manual, plan_body, runbook

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


def refusal(bench: Bench, body: Any, method: str = "PUT") -> str:
    """The message of a write that is refused, at once."""
    status, told, _ = bench.ask(method, PLAN, body)
    assert status == 409, told
    return str(told["error"]["message"])


def test_the_limits_of_plans_hold(tmp_path: Path) -> None:
    bench = Bench(file=many(tmp_path, 101), refusal="conflict")
    every = [{"id": f"{CONTAINER_ID}/replicationProtectedItems/many_{n}"} for n in range(101)]
    whole = group() | {"replicationProtectedItems": every}
    assert "at most 100 protected items" in refusal(bench, plan_body(whole))
    whole["replicationProtectedItems"] = every[:100]
    bench.send("PUT", PLAN, plan_body(whole))

    eight = [group() | {"replicationProtectedItems": [one]} for one in every[:8]]
    assert "at most 7 groups" in refusal(bench, plan_body(*eight))
    bench.send("PUT", PLAN, plan_body(*eight[:7]))


def many(folder: Path, count: int) -> Path:
    """The small world with more items."""
    vms = "".join(
        f"  - {{name: many{n}, group: rg-app, network: vnet, subnet: web,"
        f" address: 10.1.1.{n + 20}}}\n"
        for n in range(count)
    )
    items = "".join(f"      - {{vm: many{n}, name: many_{n}}}\n" for n in range(count))
    text = WORLD.read_text().replace("\nvaults:\n", f"\n{vms}\nvaults:\n")
    text = text.replace("\nautomation:\n", f"\n{items}\nautomation:\n")
    world = folder / "many.yaml"
    world.write_text(text)
    return world


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (plan_body(group("Sql1"), group("web1", "Sql1")), "more than once"),
        (plan_body(group()), "at least one protected item"),
        (plan_body(group("Sql1", kind="Shutdown")), "hold no items of their own"),
        (plan_body(group("Sql1"), primaryFabricId=f"{HOME}-2"), "does not exist"),
        (plan_body(group("Sql1"), recoveryFabricId=HOME), "one source and one target"),
        (
            plan_body(group() | {"replicationProtectedItems": [{"id": f"{CONTAINER_ID}/nobody"}]}),
            "does not exist",
        ),
    ],
)
def test_a_plan_against_the_rules_is_refused(body: Any, words: str) -> None:
    bench = Bench(refusal="conflict")
    assert words in refusal(bench, body)
    assert bench.get(f"{VAULT}/replicationRecoveryPlans")["value"] == []


def test_how_a_plan_against_the_rules_is_refused_is_a_setting() -> None:
    body = plan_body(group("Sql1", "Sql1"))
    assert Bench(refusal="bad_request").ask("PUT", PLAN, body)[0] == 400
    bench = Bench(refusal="failed_job")
    job = bench.send("PUT", PLAN, body)
    bench.until_quiet()
    bench.pass_(5)
    told = bench.get(f"{VAULT}/replicationJobs/{job}")["properties"]
    assert (told["state"], told["allowedActions"]) == ("Failed", [])
    assert "more than once" in told["errors"][0]["serviceErrorDetails"]["message"]
    assert bench.ask("GET", PLAN)[0] == 404


def test_machines_of_a_replication_group_belong_to_one_group_of_a_plan(tmp_path: Path) -> None:
    text = WORLD.read_text()
    for name in ("Sql1", "web1"):
        text = text.replace(
            f"name: {ITEMS[name]}}}", f"name: {ITEMS[name]}, multi_vm_group: erp}}"
        )
    world = tmp_path / "world.yaml"
    world.write_text(text)
    bench = Bench(file=world, refusal="conflict")
    assert "'erp' is in two groups" in refusal(bench, plan_body(group("Sql1"), group("web1")))
    bench.send("PUT", PLAN, plan_body(group("Sql1", "web1")))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"properties": {"recoveryFabricId": AWAY, "groups": [group("Sql1")]}}, "primaryFabricId"),
        (plan_body(group("Sql1", kind="Start")), "no type of a group"),
        (plan_body(group("Sql1"), groups="Sql1"), "a list was expected. Path 'properties.groups"),
        (plan_body(group(kind="Failover"), group(kind="Failover"), group("Sql1")), "one group"),
        (plan_body(group("Sql1", start=[{"actionName": ""}])), "actionName"),
        (plan_body(group("Sql1", start=[manual(failoverTypes=None)])), "failoverTypes"),
        (
            plan_body(group("Sql1", start=[action("x", {"instanceType": "ScriptActionDetails"})])),
            "runbooks and manual actions",
        ),
        (
            plan_body(
                group(
                    "Sql1",
                    end=[
                        action(
                            "x",
                            runbook()["customDetails"]
                            | {"runbookId": f"{HOME}/automationAccounts/a/runbooks/b"},
                        )
                    ],
                )
            ),
            "not the id of a runbook",
        ),
    ],
)
def test_a_malformed_plan_is_a_bad_request(body: Any, words: str) -> None:
    status, told, _ = Bench().ask("PUT", PLAN, body)
    assert status == 400
    assert words in told["error"]["message"]


def test_an_account_of_another_subscription_is_refused() -> None:
    told = runbook()
    other = told["customDetails"]["runbookId"].replace("11111111-", "22222222-")
    told["customDetails"]["runbookId"] = other
    status, body, _ = Bench().ask("PUT", PLAN, plan_body(group("Sql1", start=[told])))
    assert (status, "subscription of the Recovery Services vault" in str(body)) == (400, True)


def test_an_update_has_to_hold_the_groups_that_azure_made() -> None:
    bench = Bench(refusal="conflict")
    bench.send("PUT", PLAN, plan_body(group("Sql1")))
    bench.until_quiet()
    lone = {"properties": {"groups": [group("web1")]}}
    assert "'Shutdown' and 'Failover'" in refusal(bench, lone, "PATCH")

    front = [group(kind="Shutdown"), group(kind="Failover")]
    bench.send("PATCH", PLAN, {"properties": {"groups": [*front, group("web1"), group("dead1")]}})
    bench.until_quiet()
    groups = bench.get(PLAN)["properties"]["groups"]
    held = [one["replicationProtectedItems"][0]["id"][-1] for one in groups[2:]]
    assert held == ["2", "3"]


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


async def test_a_refused_plan_is_an_error_of_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        body = plan_body(group("Sql1", "Sql1"))
        with pytest.raises(HttpResponseError, match="more than once"):
            await (await plans.begin_create("rg-dr", "rsv", "erp", body)).result()
