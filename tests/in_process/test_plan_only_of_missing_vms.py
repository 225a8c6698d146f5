"""`--plan-only` of VMs that are not at the source: told as the run tells them, each once."""

from __future__ import annotations

import pytest

from muster.runs.plan_shown import PlanShown, data_shown
from muster.steps.replicating.deciding import decide
from tests.in_process.looking import looked, text_of
from tests.in_process.replicating import Bench, Json, Replicated, replicated
from tests.in_process.test_releasing import play_as, shared
from tests.in_process.test_replicating import VMS


def naming_a_ghost(plan: Json) -> None:
    plan["groups"][2]["vms"].append("ghost1")


def in_another_region(plan: Json) -> None:
    plan["source"]["region"] = "centralus"


def of_ghosts_alone(plan: Json) -> None:
    plan["groups"] = [{"name": "ghosts", "vms": ["ghost1", "ghost2"]}]
    plan["checks"] = []
    plan.pop("support", None)


LINES: list[str] = []
"""Of the plan's file that was looked at last; it is gone with its folder."""


def looked_and_run(change) -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        play_as(bench, change)
        bench.came.kept = await looked(bench)
        LINES[:] = bench.plan.read_text(encoding="utf-8").splitlines()
        await bench.replicate()

    return replicated(shared(), script)


def test_a_named_vm_that_is_not_there_has_a_row_with_reason_and_remedy():
    came = looked_and_run(naming_a_ghost)
    shown: PlanShown = came.kept
    text = text_of(shown)
    (row,) = [one for one in text.splitlines() if one.startswith("ghost1 ")]
    assert row.split() == ["ghost1", "rg-erp", "-", "-", "-", "left", "out:", "not", "found"]
    data = data_shown(shown)
    (told,) = [one for one in data["vms"] if one["name"] == "ghost1"]
    assert (told["is_found"], told["gib"], told["becomes"]) == (False, None, "left out: not found")
    (left,) = data["left"]
    assert (told["why"], told["remedy"]) == (left["why"], left["remedy"])
    assert "there is no such VM in" in told["why"]
    where, said = told["remedy"].split(": ", 1)
    assert said.startswith("Correct its name")
    file, line = where.rsplit(":", 1)
    assert file.endswith("contoso-erp.yaml")
    assert "ghost1" in LINES[int(line) - 1]
    assert text.endswith(", 1 VM left out.")
    assert len([one for one in data["vms"] if one["is_found"]]) == len(VMS)
    (cause,) = came.results[0].causes
    assert (cause["step"], shown.exit_code) == ("protect:ghost1", came.results[0].exit_code)


@pytest.mark.parametrize("change", [in_another_region, of_ghosts_alone])
def test_where_not_one_vm_can_be_replicated_the_run_and_its_plan_say_the_same(change):
    came = looked_and_run(change)
    (refused,) = came.refused
    shown: PlanShown = came.kept
    assert shown.raised is not None
    assert (shown.raised.shown_code, shown.raised.message) == ("RUN-013", refused.message)
    assert shown.exit_code == refused.exit_code == 2
    data = data_shown(shown)
    assert data["refused"]["code"] == "RUN-013"
    assert (data["counts"]["create"], data["counts"]["change"], data["nothing_to_do"]) == (
        0, 0, True,
    )  # fmt: skip
    assert "to create," not in text_of(shown)
    assert "--plan-only" not in shown.raised.shown_hint


def test_a_vm_that_was_deleted_is_listed_and_counted_once_though_its_item_stands():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()
        world = bench.azure.world
        (gone,) = [key for key in world.resources if key.endswith("/virtualmachines/web1")]
        world.remove(gone)
        bench.came.kept = await looked(bench)

    shown: PlanShown = replicated(shared(), script).kept
    text = text_of(shown)
    assert len([one for one in text.splitlines() if one.startswith("web1 ")]) == 1
    assert text.endswith(", 1 VM left out.")
    (told,) = [one for one in data_shown(shown)["vms"] if one["name"] == "web1"]
    assert (told["becomes"], shown.exit_code) == ("left out: not found", 1)
    assert "the VM was deleted: first disable the item's replication" in told["remedy"]
    assert "its VM is gone" not in text
