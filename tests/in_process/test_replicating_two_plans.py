"""VMs that another plan's file means, too: told where ours names them, left where it selects."""

from __future__ import annotations

from typing import Any

from muster.journal.events import EventKind
from muster.replication.decision import Decision
from muster.replication.others_items import TWO_PLANS
from muster.runs.own_parts import UNREAD
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Json, Replicated, replicated
from tests.in_process.test_releasing import play_as, shared
from tests.in_process.test_releasing_beside_plans import WEB, of_web, without_web
from tests.in_process.test_replicating_others_items import (
    acts_on,
    ours,
    ours_selecting,
    planned,
    theirs_alike,
)
from tests.in_process.test_replicating_overtaken import ALL_BUT_ITEMS
from tests.in_process.test_replicating_plans import from_nothing


def of_app(plan: Json) -> None:
    """The same plan's file once it has given the web servers up."""
    of_web(plan)
    plan["groups"] = [{"name": "app", "vms": ["app1"]}]


def of_web_elsewhere(plan: Json) -> None:
    of_web(plan)
    plan["vault"] = {"resource_group": "rg-dr", "name": "rsv-web"}


def told(decision: Decision, rule: str) -> dict[str, str]:
    return {name: one.why for name, one in decision.told if one.rule == rule}


def warnings(came: Replicated, result: int = -1) -> list[str]:
    events = came.events(came.results[result].run)
    notes = [one.data for one in events if one.kind is EventKind.NOTED]
    return [one["text"] for one in notes if one["what"] == "warning"]


def ended(came: Replicated) -> list[tuple[str, Any]]:
    return [(one.outcome, one.causes) for one in came.results]


def test_a_vm_that_two_files_name_is_told_and_replicated_all_the_same():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        play_as(bench)
        bench.came.kept = await planned(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    why = "plan erp-web names it, too (erp-web.yaml)"
    assert told(came.kept, TWO_PLANS) == dict.fromkeys(WEB, why)
    assert ended(came) == [("passed", [])]
    (said,) = warnings(came)
    assert said.startswith(f"web1, web2, web3: {why}. Take the VM out of this plan or out of erp")


def test_a_file_of_another_vault_means_nothing_here():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web_elsewhere)
        play_as(bench)
        bench.came.kept = await planned(bench)

    came = replicated(from_nothing(), script)
    assert told(came.kept, TWO_PLANS) == {}


def test_a_vm_that_is_only_selected_is_left_to_the_plan_whose_file_names_it():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs_alike)
        play_as(bench, ours_selecting)
        bench.came.kept = await planned(bench)
        await bench.replicate()

    came = replicated(shared(), script)
    (left,) = came.kept.left
    assert (left.name, left.kind, acts_on(came.kept, "pay1")) == ("pay1", "another plan's", [])
    assert "contoso-erp does not name it, and plan pay names it, too (pay.yaml)" in left.why
    (row,) = [one for one in came.kept.listed if one.name == "pay1"]
    assert row.becomes == "left out: another plan's"
    assert ended(came) == [("passed", [])]
    assert [path for _, path in came.sent() if "pay1" in path] == []


def test_a_selected_vm_goes_over_to_the_plan_that_comes_to_name_it():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, ours_selecting)
        await bench.replicate()
        play_as(bench, theirs_alike)
        play_as(bench, ours_selecting)
        bench.came.kept = await planned(bench)
        await bench.replicate()
        play_as(bench, theirs_alike)
        await bench.replicate()

    came = replicated(shared(), script)
    (left,) = came.kept.left
    assert (left.name, left.kind) == ("pay1", "protected")
    assert "plan pay names it, too (pay.yaml)" in left.why
    assert ended(came) == [("passed", [])] * 3
    assert [path for _, path in came.sent(1)[: -len(came.sent(2)) or None] if "pay1" in path] == []


def test_what_another_plan_gave_up_by_its_file_is_taken_over():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, of_web)
        await bench.replicate()
        play_as(bench)
        bench.came.kept = [await planned(bench)]
        play_as(bench, of_app)
        play_as(bench)
        bench.came.kept.append(await planned(bench))
        await bench.replicate()

    came = replicated(from_nothing(), script)
    before, after = came.kept
    assert [acts_on(before, name) for name in WEB] == [["refuse"]] * 3
    assert told(before, TWO_PLANS) == {}
    assert "refuse" not in [act for name in WEB for act in acts_on(after, name)]
    assert list(told(after, TWO_PLANS)) == ["app1"]
    assert ended(came)[-1] == ("passed", [])


def test_a_run_gone_on_with_is_not_stopped_by_a_file_that_came_to_name_its_vms():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=ALL_BUT_ITEMS + 6)
        play_as(bench, of_web)
        play_as(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert ended(came) == [("passed", [])]


def test_what_another_plans_run_took_for_its_own_later_is_told_until_ours_runs_again():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench)
        await bench.replicate()
        play_as(bench, without_web)
        play_as(bench, of_web)
        await bench.replicate()
        (bench.plan.parent / "erp-web.yaml").unlink()
        play_as(bench)
        await bench.replicate()
        bench.came.kept = await planned(bench)

    came = replicated(from_nothing(), script)
    (said,) = warnings(came)
    assert f"web3: plan erp-web took it for its own in run {came.results[1].run}, later" in said
    assert ended(came)[-1] == ("passed", [])
    assert told(came.kept, TWO_PLANS) == {}


def test_a_file_and_a_journal_that_do_not_read_are_told_and_stop_nothing():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, theirs_alike)
        await bench.replicate()
        first = min(bench.store.names(f"runs/{bench.came.results[0].run}/"))
        bench.store.contents[first] = b"{}\n"
        play_as(bench, ours)
        (bench.plan.parent / "broken.yaml").write_text("plan: broken\n", encoding="utf-8")
        bench.came.kept = await planned(bench)
        await bench.replicate()

    came = replicated(shared(), script)
    unread = told(came.kept, UNREAD)
    assert unread["journal"].startswith(f"what run {came.results[0].run} of plan pay ")
    assert unread["plans beside"].startswith("whether broken.yaml names these VMs, too, is not")
    assert ended(came)[-1] == ("passed", [])
    assert [one.partition(":")[0] for one in warnings(came)] == ["journal", "plans beside"]


def test_a_register_of_another_plan_that_does_not_read_is_told_and_stops_nothing_new():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        bench.store.contents["plans/pay/000001.json"] = b"{"
        bench.came.kept = await planned(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    assert "plans/pay/000001.json of plan pay enabled" in told(came.kept, UNREAD)["journal"]
    assert ended(came) == [("passed", [])]
