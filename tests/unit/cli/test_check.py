from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.conftest import Muster

ONE = """\
plan: one
about: A
owner: ops@x.example
runbook_url: https://x.example
objectives: {rto: 45m, rpo: 15m}
source: {region: eastus, resource_group: rg-a, network: vnet-a}
target: {region: westus2, resource_group: rg-a-asr, network: vnet-a-asr}
vault: {resource_group: rg-dr, name: rsv-one}
drill: {network: {create: vnet-a-drill}}
groups: [{name: web, vms: [{name: web1}]}]
"""


def test_check_reads_all_plans_of_the_checkout(muster: Muster) -> None:
    said = muster("check")
    assert said.code == 0
    assert "recovery_plans/contoso-erp.yaml: ok, 3 groups, 7 VMs" in said.out
    assert "recovery_plans/fabrikam-shop.yaml: ok" in said.out


def test_a_broken_plan_names_every_line_and_exits_2(muster: Muster, checkout: Path) -> None:
    plan = checkout / "recovery_plans" / "contoso-erp.yaml"
    text = (
        plan.read_text()
        .replace("rto: 45m", "rto: soon")
        .replace("name: web\n", "name: web\n    colour: red\n")
    )
    plan.write_text(text)
    said = muster("check")
    assert said.code == 2
    lines = [
        line
        for line in said.err.splitlines()
        if line.startswith("recovery_plans/contoso-erp.yaml:")
    ]
    assert len(lines) >= 2
    assert all("[PLAN-" in line and " -- " in line for line in lines)
    assert "fabrikam-shop.yaml: ok" in said.out


def test_what_has_no_effect_is_warned_of_and_the_plan_is_fine(
    muster: Muster, checkout: Path
) -> None:
    plan = checkout / "recovery_plans" / "contoso-erp.yaml"
    plan.write_text(plan.read_text().replace("drill:\n", "drill:\n  resume_within: 30m\n"))
    said = muster("check", "contoso-erp")
    assert said.code == 0
    (warning,) = said.err.splitlines()
    assert "[PLAN-107] `drill.resume_within` has no effect" in warning
    assert warning.endswith("(warning)")
    assert "contoso-erp.yaml: ok" in said.out
    (told,) = json.loads(muster("check", "contoso-erp", "--json").out)["plans"]
    assert (told["ok"], [one["code"] for one in told["warnings"]]) == (True, ["PLAN-107"])


def test_json_carries_problems_and_digests(muster: Muster, checkout: Path) -> None:
    (checkout / "recovery_plans" / "bad.yaml").write_text("plan: bad\n")
    said = muster("check", "--json")
    assert said.code == 2
    plans = {Path(one["file"]).stem: one for one in json.loads(said.out)["plans"]}
    assert plans["contoso-erp"]["ok"] is True
    assert plans["contoso-erp"]["digest"].startswith("sha256:")
    assert plans["bad"]["ok"] is False
    assert {"file", "line", "code", "message", "hint"} <= set(plans["bad"]["problems"][0])


def test_what_reads_well_but_cannot_be_drilled_is_said(muster: Muster, checkout: Path) -> None:
    plan = checkout / "recovery_plans" / "contoso-erp.yaml"
    plan.write_text(plan.read_text().replace("start: ordered", "start: together"))
    said = muster("check", "contoso-erp")
    assert said.code == 2
    assert f"contoso-erp.yaml:{_line_of(plan, 'start:')}: [PLAN-051]" in said.err


def test_a_plan_that_is_replicated_and_not_drilled_is_fine_and_says_so(
    muster: Muster, checkout: Path
) -> None:
    plan = checkout / "recovery_plans" / "contoso-erp.yaml"
    text = plan.read_text().replace("mode: orchestrated\n", "")
    plan.write_text(f"{text}mode: native\n")
    said = muster("check", "contoso-erp")
    assert said.code == 2  # nothing of the plan needs native mode
    assert f"contoso-erp.yaml:{_line_of(plan, 'mode:')}: [PLAN-050]" in said.err
    grouped = "replication:\n  consistency_group: erp\n"
    plan.write_text(plan.read_text().replace("replication:\n", grouped))
    said = muster("check", "contoso-erp")
    assert said.code == 0
    (warning,) = said.err.splitlines()
    assert f"contoso-erp.yaml:{_line_of(plan, 'mode:')}: [PLAN-115]" in warning
    assert "PLAN-050" in warning


def _line_of(plan: Path, word: str) -> int:
    lines = enumerate(plan.read_text().splitlines(), 1)
    return next(number for number, line in lines if line.startswith(word))


def test_an_unknown_plan_suggests_close_names(muster: Muster) -> None:
    for command in ("check", "graph", "drill"):
        said = muster(command, "contoso-epr")
        assert said.code == 2
        assert "contoso-erp" in said.err


def test_a_broken_plan_is_not_drilled(muster: Muster, checkout: Path) -> None:
    (checkout / "recovery_plans" / "bad.yaml").write_text("plan: [\n")
    said = muster("drill", "bad", "--direct")
    assert said.code == 2
    assert "bad.yaml:" in said.err
    assert not (checkout / "evidence").exists()


def test_a_drill_outside_of_a_checkout_says_what_is_missing(muster: Muster) -> None:
    said = muster("drill", "contoso-erp")
    assert said.code == 2
    assert "[INPUT-004]" in said.err


def test_options_of_a_drill_are_checked_before_anything_starts(muster: Muster) -> None:
    assert "newest" in muster("drill", "contoso-erp", "--recovery-point", "newest").err
    assert muster("drill", "contoso-erp", "--keep-for", "soon").code == 2
    said = muster("drill", "contoso-erp", "--rehearse")
    assert said.code == 2
    assert "contoso.world.yaml" in said.err


def test_graph_prints_mermaid_and_writes_svg(muster: Muster, checkout: Path) -> None:
    said = muster("graph", "fabrikam-shop")
    assert said.code == 0
    assert "flowchart" in said.out
    assert muster("graph", "fabrikam-shop", "--svg", "shop.svg").code == 0
    assert (checkout / "shop.svg").read_text().lstrip().startswith(("<svg", "<?xml"))
    assert muster("graph", "fabrikam-shop", "--operation", "holiday").code == 2


def test_one_group_of_one_vm_is_said_in_good_grammar(muster: Muster, checkout: Path) -> None:
    (checkout / "recovery_plans" / "one.yaml").write_text(ONE)
    assert ": ok, 1 group, 1 VM, sha256:" in muster("check", "one").out


def test_a_vm_that_two_plans_name_for_one_vault_is_warned_of_in_both(
    muster: Muster, checkout: Path
) -> None:
    plans = checkout / "recovery_plans"
    (plans / "one.yaml").write_text(ONE)
    (plans / "two.yaml").write_text(ONE.replace("plan: one", "plan: two\nmode: orchestrated"))
    elsewhere = ONE.replace("plan: one", "plan: three").replace("rsv-one", "rsv-three")
    (plans / "three.yaml").write_text(elsewhere)
    said = muster("check", "one", "two", "three")
    assert said.code == 0
    one, two = said.err.strip().splitlines()
    assert one.startswith("recovery_plans/one.yaml:10: [PLAN-109] web1 is named by plan two, too")
    assert "(two.yaml:11), for the same vault rsv-one" in one
    assert two.startswith("recovery_plans/two.yaml:11: [PLAN-109] web1 is named by plan one, too")
    (told,) = json.loads(muster("check", "one", "--json").out)["plans"]
    assert [one["code"] for one in told["warnings"]] == ["PLAN-109"]
    assert told["ok"] is True
