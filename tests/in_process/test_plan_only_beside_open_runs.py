"""`--plan-only` while a run of the plan is open: what a command that starts now meets first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muster.plan.actions import Operation
from muster.replication.pinned_earlier import OTHERWISE
from muster.runs.plan_shown import PlanShown, data_shown
from muster.runs.release_seen import data_seen
from muster.runs.rivals import StillOpen
from muster.steps.replicating.deciding import decide
from tests.in_process.looking import (
    looked,
    looked_before_asking,
    looked_to_disable,
    text_of,
    text_of_release,
)
from tests.in_process.replicating import Bench, Json, replicated
from tests.in_process.test_releasing import disabled, play_as, shared
from tests.in_process.test_replicating import VMS
from tests.in_process.test_replicating_plans import from_nothing


def larger_web(plan: Json) -> None:
    web = plan["groups"][2]
    web["vms"][0] = {"name": "web1", "size": "Standard_D8s_v5"}


def naming_pay1(plan: Json) -> None:
    plan["groups"][2]["vms"].append({"name": "pay1", "resource_group": "rg-hub"})


def left_open(at_write: int, change=None) -> PlanShown:
    """What is shown once a run was killed, and the plan may have changed since."""

    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=at_write)
        if change:
            play_as(bench, change)
        bench.came.kept = await looked(bench)
        await bench.replicate()

    came = replicated(shared(), script)
    shown: PlanShown = came.kept
    (result,) = came.results
    assert shown.ahead is not None
    assert (result.run, result.exit_code) == (shown.ahead.run, int(change is not None))
    return shown


def test_a_run_that_was_left_open_is_told_first():
    shown = left_open(14)
    first, *_ = text_of(shown).splitlines()
    assert first.startswith(f"Run {shown.ahead.run} (opened 20")
    assert "`muster replicate contoso-erp` goes on with it, by the plan that it began" in first
    assert f"the {len(VMS)} VMs (" in first
    assert all(vm in first for vm in VMS)
    told = data_shown(shown)["open_run"]
    assert (told["run"], told["opened_at"]) == (shown.ahead.run, shown.ahead.opened_at)
    assert (sorted(told["vms_pinned"]), told["plan_changed"]) == (sorted(VMS), False)
    assert (told["goes_on"], told["refused"], told["not_done"]) == (True, None, [])
    assert "changed since" not in text_of(shown)
    assert shown.exit_code == 0


@pytest.mark.parametrize(
    ("change", "name", "why"),
    [
        (naming_pay1, "pay1", "it did not pin this VM"),
        (larger_web, "web1", OTHERWISE),
    ],
)
def test_what_the_open_run_will_not_do_is_named(change, name, why):
    shown = left_open(14, change)
    told = data_shown(shown)["open_run"]
    about = [one for one in told["not_done"] if one["name"] == name]
    assert about == [{"kind": "protected item", "name": name, "why": why}]
    assert not [one for one in told["not_done"] if one["name"] in VMS and one["name"] != name]
    assert (told["plan_changed"], shown.exit_code) == (True, 1)
    text = text_of(shown)
    assert "what it says now is heeded only by the next run" in text
    assert f"      protected item {name}: {why}\n" in text


def own_policy(plan: Json, keep: str = "24h") -> None:
    terms = {"app_consistent_every": "4h", "keep_recovery_points": keep, "name": "erp-policy"}
    plan["replication"]["policy"] = terms


def own_policy_larger(plan: Json) -> None:
    own_policy(plan)
    larger_web(plan)


def own_policy_longer(plan: Json) -> None:
    own_policy(plan, "48h")


def test_a_policy_that_its_survey_did_not_mean_to_change_is_not_changed_by_an_open_run():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, own_policy)
        await bench.replicate()
        play_as(bench, own_policy_larger)
        await bench.replicate(killed_at_write=1)
        play_as(bench, own_policy_longer)
        bench.came.kept = await looked(bench)

    shown: PlanShown = replicated(shared(), script).kept
    told = data_shown(shown)["open_run"]["not_done"]
    (policy,) = [one for one in told if one["kind"] == "replication policy"]
    assert "did not say that it is to be changed" in policy["why"]


def test_beside_an_open_run_of_the_other_kind_both_are_refused_as_the_run_would_be():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        play_as(bench, larger_web)
        await bench.replicate(killed_at_write=1)
        seen = await looked_to_disable(bench)
        await disabled(bench)
        bench.came.kept = (seen, data_seen(seen), text_of_release(bench, seen))

    came = replicated(shared(), script)
    (refused,) = came.refused
    seen, data, text = came.kept
    assert seen.exit_code == refused.exit_code == 2
    assert data["open_run"]["refused"] == refused.as_data()
    assert (data["open_run"]["operation"], data["open_run"]["goes_on"]) == ("replicate", False)
    assert f"[RUN-011] Run {seen.ahead.run} is still open" in text
    assert f"{len(VMS)} to release" in text


def test_nobody_is_asked_to_confirm_what_is_refused_beside_an_open_run():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        play_as(bench, larger_web)
        await bench.replicate(killed_at_write=1)
        with pytest.raises(StillOpen) as asked:
            await looked_before_asking(bench)
        await disabled(bench)
        bench.came.kept = asked.value

    came = replicated(shared(), script)
    (refused,) = came.refused
    assert came.kept.as_data() == refused.as_data()


def test_who_goes_on_with_an_open_disable_run_is_shown_its_list_and_asked():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        await disabled(bench, killed_at_write=1)
        bench.came.kept = await looked_before_asking(bench)

    shown = replicated(shared(), script).kept
    assert sorted(shown.release.vms) == sorted(VMS)


def test_beside_an_open_disable_run_a_replicate_is_refused_and_a_disable_goes_on():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        await disabled(bench, killed_at_write=3)
        shown, seen = await looked(bench), await looked_to_disable(bench)
        await bench.replicate()
        bench.came.kept = (shown, seen, text_of_release(bench, seen))

    came = replicated(shared(), script)
    (refused,) = came.refused
    shown, seen, text = came.kept
    assert shown.exit_code == refused.exit_code == 2
    told = data_shown(shown)["open_run"]
    assert told["refused"] == refused.as_data()
    assert told["operation"] == Operation.DISABLE.value
    assert "would be refused now, with exit code 2" in text_of(shown)
    assert text.startswith(f"Run {seen.ahead.run} (opened ")
    assert "`muster replicate contoso-erp --disable` goes on with it" in text
    assert sorted(data_seen(seen)["open_run"]["vms_pinned"]) == sorted(VMS)


def test_with_no_open_run_nothing_of_one_is_told():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        bench.came.kept = (await looked(bench), await looked_to_disable(bench))

    shown, seen = replicated(from_nothing(), script).kept
    assert data_shown(shown)["open_run"] is data_seen(seen)["open_run"] is None
    assert "Run " not in text_of(shown)


def test_an_open_run_at_another_place_is_told_with_the_refusal():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=14)
        elsewhere = replace(bench.settings, tenant="another")
        bench.settings = elsewhere
        bench.came.kept = await looked(bench)
        await bench.replicate()

    came = replicated(from_nothing(), script)
    (refused,) = came.refused
    told = data_shown(came.kept)["open_run"]
    assert told["refused"] == refused.as_data()
    assert (told["refused"]["code"], came.kept.exit_code) == ("RUN-012", refused.exit_code)
