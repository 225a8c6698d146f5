"""Recovery plans of Site Recovery: what is against their rules, or malformed, is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from .bench import Bench
from .conftest import CONTAINER_ID, ITEMS, VAULT, WORLD
from .life import operating
from .planning import AWAY, HOME, PLAN, action, group, manual, plan_body, runbook


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


async def test_a_refused_plan_is_an_error_of_the_sdk(tmp_path: Path) -> None:
    async with operating(tmp_path) as operator:
        plans = (await operator.site_recovery()).replication_recovery_plans
        body = plan_body(group("Sql1", "Sql1"))
        with pytest.raises(HttpResponseError, match="more than once"):
            await (await plans.begin_create("rg-dr", "rsv", "erp", body)).result()
