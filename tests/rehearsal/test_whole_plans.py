"""Both plans of the project, as people run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rehearsal.arm_wire import azure
from tests.rehearsal.bench import Bench
from tests.rehearsal.command import Evidence, Running
from tests.rehearsal.plans import http, plan, runbook, write_plan
from tests.rehearsal.worlds import (
    TARGET,
    VAULT_GROUP,
    World,
    contoso,
    fabrikam,
    good_world,
    write_world,
)
from tests.simulator_process import REPOSITORY, environment_with

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(300)]

FAST = "180"


def rehearse(home: Path, *args: str) -> Running:
    """`muster drill … --rehearse --json` in the checkout, with a journal of its own."""
    environ = environment_with({"MUSTER_JOURNAL": str(home / "evidence")})
    environ |= {"PREFECT_HOME": str(home / "prefect")}  # not the one of whoever runs the tests
    environ.pop("PREFECT_API_URL", None)
    words = ("drill", *args, "--rehearse", "--json", "--speed", FAST)
    return Running(words, environ, home, cwd=REPOSITORY)


def _networks(world: World, *names: str) -> list[tuple[list[str], dict[str, str]]]:
    """Ranges and subnets of networks of a world."""
    found = {one["name"]: (one["ranges"], one["subnets"]) for one in world["networks"]}
    return [found[name] for name in names]


def test_contoso_passes_as_a_prefect_flow(tmp_path: Path) -> None:
    ended = rehearse(tmp_path, "contoso-erp").end(within=240)
    assert ended.code == 0, ended
    told = ended.json()
    assert (told["outcome"], told["target"], told["leftovers"]) == ("passed", "simulator", [])
    assert 0 < told["rto"]["actual"] <= told["rto"]["objective"] == 45 * 60
    assert 0 < told["rpo"]["actual"] <= told["rpo"]["objective"] == 15 * 60
    evidence = Evidence(tmp_path / "evidence", told["run"])
    record = evidence.record()
    assert len(record["vms"]) == 7
    assert {one["verdict"] for one in record["checks"]} == {"passed"}
    assert {one["action"] for one in record["left_out"]} >= {"runbook Switch-Traffic"}
    assert evidence.of("opened")[0]["data"]["requested_by"]["flow_run_id"]
    # The copies bear the very addresses of their sources: only isolation keeps them apart.
    source, target = _networks(contoso(), "vnet-erp", "vnet-erp-asr")
    assert source == target
    (made,) = evidence.of("observed", what="network")
    assert made["data"]["address_space"] == source[0]
    assert {one["name"]: one["prefix"] for one in made["data"]["subnets"]} == source[1]
    assert record["isolation"]["verdict"] == "isolated"
    (canary,) = record["isolation"]["canaries"]
    assert canary["verdict"] == "passed"
    parts = record["attribution"]["parts"]
    assert sum(parts.values()) == pytest.approx(told["rto"]["actual"], abs=1)
    verified = Running(
        ("verify", told["evidence"], "--json"), environment_with({}), tmp_path
    ).end()
    assert verified.code == 0, verified


def test_fabrikam_passes_without_prefect_though_its_optional_machine_is_not_well(
    tmp_path: Path,
) -> None:
    with azure(fabrikam(), tmp_path / "azure", float(FAST)) as cloud:
        bench = Bench(cloud, tmp_path / "home")
        words = ("drill", "fabrikam-shop", "--direct", "--json")
        running = Running(words, bench.environ(), bench.home, cwd=REPOSITORY)
        record = bench.judge(running.end(within=240), 0, "passed")
    assert len(record["vms"]) == 12
    # As its plan says, not the newest of all.
    chosen = {(one["point"]["choice"], one["point"]["type"]) for one in record["vms"]}
    assert chosen == {("crash-consistent", "CrashConsistent")}
    failed = [one for one in record["checks"] if one["verdict"] != "passed"]
    assert [(one["vm"], one["decides"]) for one in failed] == [("report1", False)]
    bench.report_says(record, "report1", failed[0]["why"])
    (question,) = record["questions"]
    assert (question["answer"], question["via"]) == ("continue", "deadline")
    (hold,) = [step for step in record["steps"] if step["kind"] == "hold"]
    assert hold["spent"]["human"] == pytest.approx(600, abs=30)
    # dc1 is up before all others, and gone after them.
    steps = {step["id"]: step for step in record["steps"]}
    others = [vm["vm"] for vm in record["vms"] if vm["vm"] != "dc1"]
    assert all(steps[f"test-failover:{vm}"]["began"] > steps["boot:dc1"]["ended"] for vm in others)
    assert all(steps["cleanup:dc1"]["began"] >= steps[f"cleanup:{vm}"]["ended"] for vm in others)
    # The two branches went side by side.
    assert steps["test-failover:odb1"]["began"] < steps["boot:cdb1"]["ended"]


def test_a_plan_of_ones_own_is_rehearsed_in_a_world_of_ones_own(tmp_path: Path) -> None:
    world = write_world(good_world(), tmp_path)
    file = write_plan(plan("mine", "web1", checks=[http("web1")]), tmp_path)
    ended = rehearse(tmp_path, str(file), "--direct", "--world", str(world)).end()
    assert ended.code == 0, ended
    told = json.loads(ended.out)
    assert told["outcome"] == "passed"
    assert Evidence(tmp_path / "evidence", told["run"]).record()["cleanup"]["proven"]


def test_the_role_that_is_shipped_is_enough_for_a_drill(tmp_path: Path) -> None:
    """Assigned where deployments/README.md says, beside *Reader*, and nothing else."""
    role = json.loads((REPOSITORY / "deployments/azure/muster-drill-role.json").read_text())
    world = good_world()
    world["roles"]["shipped"] = {"actions": role["Actions"], "not_actions": role["NotActions"]}
    (drill,) = [one for one in world["identities"] if one["name"] == "muster-drill"]
    account = next(one["scope"] for one in drill["roles"] if one["role"] == "drill-in-automation")
    scopes = (f"/resourceGroups/{VAULT_GROUP}", f"/resourceGroups/{TARGET}", account)
    drill["roles"] = [{"role": "Reader"}, *({"role": "shipped", "scope": one} for one in scopes)]
    with azure(world, tmp_path / "azure") as cloud:
        bench = Bench(cloud, tmp_path / "home")
        after = [runbook("Register-TestCopies", touches="test")]
        record = bench.judge(bench.drill(plan("shipped", "sql1", after=after)), 0, "passed")
    verdicts = {one["id"]: one["verdict"] for one in record["preflight"]}
    assert (verdicts["PRE-022"], verdicts["PRE-023"]) == ("passed", "passed")
