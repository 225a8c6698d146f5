"""Two plans that mean the same VMs: neither ends what the other one protects."""

from __future__ import annotations

from typing import Any

from muster.gateway.values import VaultRef
from muster.plan.actions import Operation
from muster.runs.standing_claims import standing_of
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_releasing import Json, causes, disabled, play_as, removed
from tests.in_process.test_replicating import states
from tests.in_process.test_replicating_plans import from_nothing

WEB = ["web1", "web2", "web3"]
REFUSED = [(f"disable:{name}", "STEP-055") for name in WEB]


def of_web(plan: Json) -> None:
    """A plan of its own for the web servers, under the terms that all plans share."""
    plan["plan"] = "erp-web"
    plan["groups"] = [{"name": "web", "vms": WEB}]
    plan["checks"] = []
    plan.pop("support", None)


def without_web(plan: Json) -> None:
    plan["groups"] = [group for group in plan["groups"] if group["name"] != "web"]
    plan["checks"] = []


async def web_disabled(bench: Bench) -> None:
    await bench.replicate(Operation.DISABLE, confirmed="disable erp-web")


def forget_file(bench: Bench, plan: str) -> None:
    (bench.plan.parent / f"{plan}.yaml").unlink()


def run(script: Any) -> Replicated:
    return replicated(from_nothing(), script)


def messages(came: Replicated, result: int) -> set[str]:
    return {one["message"].partition(": ")[2] for one in came.results[result].causes}


def test_vms_that_were_handed_to_another_plan_are_ended_by_that_one_alone():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate()
        play_as(bench, of_web)
        await bench.replicate()
        play_as(bench, without_web)
        (bench.plan.parent / "broken.yaml").write_text("plan: broken\n", encoding="utf-8")
        await disabled(bench)
        bench.came.kept = (causes(bench.came), states(bench.came))
        play_as(bench, of_web)
        await web_disabled(bench)

    came = run(script)
    refused, left = came.kept
    assert refused == REFUSED
    assert messages(came, 2) == {"plan erp-web names it, too (erp-web.yaml)"}
    assert left == dict.fromkeys(WEB, "Protected")
    assert any(one.startswith("whether broken.yaml names these VMs") for one in came.said)
    assert (came.results[3].outcome, removed(came, 3)) == ("passed", WEB)


def test_what_another_plans_run_enabled_stays_until_that_plan_ended_it():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench)
        await disabled(bench)
        bench.came.kept = states(bench.came)
        forget_file(bench, "contoso-erp")
        play_as(bench, of_web)
        await web_disabled(bench)
        forget_file(bench, "erp-web")
        play_as(bench)
        await bench.replicate()
        await disabled(bench)

    came = run(script)
    assert [one.outcome for one in came.results] == [
        "passed", "failed", "passed", "passed", "passed"
    ]  # fmt: skip
    assert [(one["step"], one["code"]) for one in came.results[1].causes] == REFUSED
    (said,) = messages(came, 1)
    assert said == f"run {came.results[0].run} of plan erp-web enabled it"
    assert came.kept == dict.fromkeys(WEB, "Protected")
    assert states(came) == {}
    vault = VaultRef(came.settings.subscription or "", "rg-dr", "rsv-contoso")
    for plan, is_own in (("erp-web", False), ("contoso-erp", True)):
        left = standing_of(came.store, plan, came.settings, vault, is_own=is_own)
        assert (left.enabled, left.judged, left.unread) == ([], {}, []), plan


def test_what_another_plans_run_took_for_its_own_later_stays():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate()
        play_as(bench, without_web)
        play_as(bench, of_web)
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench)
        await disabled(bench)
        await bench.replicate()
        await disabled(bench)

    came = run(script)
    assert [(one["step"], one["code"]) for one in came.results[2].causes] == REFUSED
    (said,) = messages(came, 2)
    taken = f"plan erp-web took it for its own in run {came.results[1].run}"
    assert said == f"{taken}, later than any run of this plan"
    assert [one.outcome for one in came.results[3:]] == ["passed", "passed"]
    assert states(came) == {}
