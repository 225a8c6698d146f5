"""What a plan's evidence proves of an item, and what it no longer proves once it was spoilt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import rfc8785

from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem, VaultRef
from muster.journal.events import event_from_json
from muster.plan.model import RecoveryPlan
from muster.replication.decision import Decision
from muster.runs.release_shown import Shown, read_shown
from muster.simulator.asr.item_states import FAILED_OVER
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Json, fault, replicated
from tests.in_process.test_releasing import fail_over, play_as, selecting, shared, theirs
from tests.in_process.test_releasing_beside_plans import WEB, forget_file, of_web, without_web
from tests.in_process.test_replicating_others_items import acts_on, planned
from tests.in_process.test_replicating_plans import from_nothing

Spoil = Callable[[Bench], None]


def on_default_terms(plan: Json) -> None:
    """Another team's plan of pay1, on the terms that no plan has to write."""
    theirs(plan)
    plan["target"] = {"region": "westus2", "resource_group": "rg-erp-asr"}
    plan["target"]["network"] = "vnet-hub-asr"
    plan["replication"]["policy"] = {"app_consistent_every": "4h", "keep_recovery_points": "24h"}
    vm = {"name": "pay1", "size": "Standard_D8s_v5", "nics": [{"private_ip": "10.9.0.99"}]}
    plan["groups"] = [{"name": "pay", "vms": [vm]}]


def bigger(plan: Json) -> None:
    of_web(plan)
    plan["groups"][0]["vms"] = [{"name": "web1", "size": "Standard_D8s_v5"}, "web2", "web3"]


async def shown(bench: Bench) -> dict[str, str]:
    """What `--disable --plan-only` says: why each item stays, "" for one that goes."""
    found: list[Shown] = []

    async def look(gateway: Gateway, _: Decision) -> None:
        plan, folder = RecoveryPlan.model_validate(dict(bench.scenario.plan)), bench.plan.parent
        found.append(await read_shown(gateway, plan, bench.settings, bench.store, folder))

    await bench.by_hand(look)
    release = found[0].release
    stays = {one.name: release.stays(one) for one in release.held}
    return {name: why.why if why else "" for name, why in stays.items()}


async def items_of(bench: Bench) -> dict[str, ProtectedItem]:
    found: list[ProtectedItem] = []

    async def look(gateway: Gateway, _: Decision) -> None:
        vault = VaultRef(bench.settings.subscription or "", "rg-dr", "rsv-contoso")
        found.extend(await gateway.protected_items(vault))

    await bench.by_hand(look)
    return {one.friendly_name or "": one for one in found}


def segments(bench: Bench, run: str) -> list[str]:
    return [one for one in bench.store.names(f"runs/{run}/") if one.endswith(".jsonl")]


def cut_the_journal(bench: Bench) -> None:
    last = segments(bench, bench.came.results[0].run)[-1]
    bench.store.contents[last] = bench.store.contents[last][:-20]


def lose_the_journal(bench: Bench) -> None:
    for name in bench.store.names(f"runs/{bench.came.results[0].run}/"):
        del bench.store.contents[name]


def forge_the_journal(bench: Bench) -> None:
    """Every enabling is made one of another VM, and the chain is made to hold again."""
    prev = None
    for name in segments(bench, bench.came.results[0].run):
        lines = []
        for raw in bench.store.contents[name].splitlines():
            data = json.loads(raw)
            if data["kind"] == "intended" and data["data"]["act"] == "enable":
                data["data"]["subject"] += "-other"
            data["prev"] = prev or data["prev"]
            lines.append(event_from_json(data).line())
            prev = hashlib.sha256(lines[-1]).hexdigest()
        bench.store.contents[name] = b"\n".join(lines) + b"\n"


def _entry(bench: Bench) -> str:
    return bench.store.names("plans/erp-web/")[0]


def cut_the_entry(bench: Bench) -> None:
    bench.store.contents[_entry(bench)] = bench.store.contents[_entry(bench)][:-9]


def lose_the_entry(bench: Bench) -> None:
    del bench.store.contents[_entry(bench)]


def change_the_entry(to: str) -> Spoil:
    def change(bench: Bench) -> None:
        data = json.loads(bench.store.contents[_entry(bench)])
        bench.store.contents[_entry(bench)] = rfc8785.dumps({**data, "operation": to})

    return change


SPOILT: dict[str, tuple[Spoil, str]] = {
    "a cut journal": (cut_the_journal, "does not end with a whole line"),
    "a lost journal": (lose_the_journal, "No journal of a run was found"),
    "a forged journal": (forge_the_journal, "hash chain breaks at this line"),
    "a cut entry": (cut_the_entry, "no entry of the register"),
    "a lost entry": (lose_the_entry, "no register names it"),
    "an operation that is none": (change_the_entry("replicate-v2"), "which is no operation"),
    "another operation": (change_the_entry("drill"), "not the one that it was opened with"),
}


def test_spoilt_evidence_of_another_plan_gives_none_of_its_items_away():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench)
        bench.scenario.plan["groups"][2]["vms"][0] |= {"size": "Standard_D8s_v5"}
        kept, came = dict(bench.store.contents), {}
        for name, (spoil, _) in SPOILT.items():
            spoil(bench)
            came[name] = (await shown(bench), await planned(bench))
            bench.store.contents.clear()
            bench.store.contents.update(kept)
        bench.came.kept = came

    came = replicated(from_nothing(), script)
    for name, (_, why) in SPOILT.items():
        stays, decision = came.kept[name]
        assert list(stays) == WEB, name
        assert all("may have enabled it" in one and why in one for one in stays.values()), name
        assert acts_on(decision, "web1") == ["refuse"], name
        assert "refuse" not in acts_on(decision, "web2"), name
        assert any(why in one.why for vm, one in decision.told if vm == "journal"), name


def test_another_run_of_the_plan_says_again_what_it_means():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        await bench.replicate()
        forge_the_journal(bench)
        of_two = {"groups": [{"name": "web", "vms": WEB[:2]}]}
        play_as(bench, lambda plan: (of_web(plan), plan.update(of_two)))
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench)
        bench.came.kept = await shown(bench)

    came = replicated(from_nothing(), script)
    assert {name: bool(why) for name, why in came.kept.items()} == {
        "web1": True, "web2": True, "web3": False,
    }  # fmt: skip


async def replicated_by_another_team(bench: Bench) -> None:
    """Plan pay, on the default terms, by a team that has a journal of its own."""
    kept = dict(bench.store.contents)
    bench.store.contents.clear()
    play_as(bench, on_default_terms)
    await bench.replicate()
    bench.store.contents.clear()
    bench.store.contents.update(kept)
    forget_file(bench, "pay")


def test_a_run_gone_on_with_says_what_it_did_not_see_and_leaves_such_items():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate(killed_at_write=14)
        await bench.settings.clock.sleep(timedelta(hours=1))
        play_as(bench, bigger)
        await bench.replicate()
        forget_file(bench, "erp-web")
        cut_the_journal(bench)
        play_as(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert [one["code"] for one in came.results[1].causes] == ["STEP-051"] * 3
    assert [path for _, path in came.sent(2) if "/web" in path] == []
    assert any("enabled is not known" in one for one in came.said)


def test_a_request_that_azure_refused_enabled_nothing():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, selecting)
        await bench.replicate()
        await replicated_by_another_team(bench)
        play_as(bench, selecting)
        bench.came.kept = (await shown(bench), await planned(bench))

    refusing = fault("put *replicationProtectedItems", "1-8", answer={"status": 403})
    came = replicated(shared(), script, (refusing,))
    assert [one.outcome for one in came.results] == ["failed", "passed"]
    stays, decision = came.kept
    assert "no run of the plan enabled item pay1" in stays["pay1"]
    assert [one.name for one in decision.left] == ["pay1"]


def test_an_item_enabled_anew_on_equal_terms_is_told_by_its_own_id():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, selecting)
        await bench.replicate()
        before = await shown(bench)
        pay1 = (await items_of(bench))["pay1"]
        await bench.by_hand(lambda gateway, _: gateway.disable_protection(pay1.id))
        await bench.settings.clock.sleep(timedelta(hours=1))
        await replicated_by_another_team(bench)
        play_as(bench, selecting)
        bench.came.kept = (before, await shown(bench))

    came = replicated(shared(), script)
    before, after = came.kept
    assert (before["pay1"], before["web1"], after["web1"]) == ("", "", "")
    assert "no run of the plan enabled item pay1" in after["pay1"]


def test_a_vm_that_a_run_left_for_its_state_is_not_given_up():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, selecting)
        await bench.replicate()
        fail_over(bench, FAILED_OVER, "pay1")
        await bench.replicate()
        fail_over(bench, "Protected", "pay1")
        forget_file(bench, "contoso-erp")
        play_as(bench, on_default_terms)
        bench.came.kept = [await shown(bench)]
        play_as(bench, lambda plan: plan)  # selects no more: so says one run, wherever its file is
        await bench.replicate()
        forget_file(bench, "contoso-erp")
        play_as(bench, on_default_terms)
        bench.came.kept.append(await shown(bench))

    came = replicated(shared(), script)
    left, given_up = came.kept
    assert left["pay1"] == f"run {came.results[0].run} of plan contoso-erp enabled it"
    assert given_up["pay1"] == ""


def of_new_name(plan: Json) -> None:
    plan["plan"] = "erp"


def known_as_before(plan: Json) -> None:
    of_new_name(plan)
    plan["formerly"] = ["contoso-erp"]


def test_a_renamed_plan_keeps_what_it_protected_under_its_old_name():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate()
        play_as(bench, known_as_before)
        beside = await planned(bench)
        forget_file(bench, "contoso-erp")
        play_as(bench, of_new_name)
        without = await planned(bench)
        play_as(bench, known_as_before)
        bench.came.kept = (beside, without, await planned(bench), await shown(bench))
        await bench.replicate()

    came = replicated(from_nothing(), script)
    beside, without, renamed, goes = came.kept
    assert acts_on(beside, "web1") == acts_on(without, "web1") == ["refuse"]
    assert any("a plan file of that name lies beside" in one.why for _, one in beside.told)
    (remedy,) = {one.remedy for one in without.changes if one.name == "web1"}
    assert "write `formerly: [contoso-erp]` into it" in remedy
    assert "refuse" not in acts_on(renamed, "web1")
    assert set(goes.values()) == {""}
    assert came.results[-1].outcome == "passed"
    assert came.sent(1) == []


def test_a_run_that_was_refused_a_vm_has_not_taken_it():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate()
        play_as(bench, bigger)
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench, without_web)
        bench.came.kept = [await shown(bench)]
        play_as(bench, bigger)
        await bench.replicate()
        forget_file(bench, "erp-web")
        play_as(bench, without_web)
        bench.came.kept.append(await shown(bench))

    came = replicated(from_nothing(), script)
    assert [one.outcome for one in came.results] == ["passed", "failed", "passed"]
    refused, taken = came.kept
    assert {refused[name] for name in WEB} == {""}
    assert all("took it for its own" in taken[name] for name in WEB)
