"""Plans that load: what is read from them, with which warnings; variables; finding plans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muster.errors import InputError, PlanError
from muster.plan.loader import find_plan, load_plan, plan_from_canonical, read_plan
from tests.builders import a_plan
from tests.unit.plan.broken_plans import VALID, WritePlan

PLANS = Path("recovery_plans")


@pytest.mark.parametrize(
    ("name", "groups", "vms"), [("contoso-erp", 3, 7), ("fabrikam-shop", 5, 12)]
)
def test_the_committed_plans_load_without_a_word(name: str, groups: int, vms: int) -> None:
    loaded, problems, warnings = read_plan(find_plan(name, PLANS))
    assert (problems, warnings) == ((), ())
    assert loaded is not None
    assert loaded.plan.plan == name
    assert (len(loaded.plan.groups), len(loaded.plan.all_vms)) == (groups, vms)


def test_scripts_are_read_and_hashed(write_plan: WritePlan) -> None:
    loaded = load_plan(write_plan(VALID))
    assert list(loaded.scripts) == ["scripts/promote.sh"]
    assert loaded.script("scripts/promote.sh") == "echo promoted\n"


def test_a_script_that_changes_after_loading_is_refused(
    write_plan: WritePlan, folder: Path
) -> None:
    loaded = load_plan(write_plan(VALID))
    (folder / "scripts" / "promote.sh").write_text("rm -rf /\n")
    with pytest.raises(InputError, match="is not the script that was loaded"):
        loaded.script("scripts/promote.sh")
    (folder / "scripts" / "promote.sh").unlink()
    with pytest.raises(InputError, match="can no longer be read"):
        loaded.script("scripts/promote.sh")


def test_a_plan_comes_back_from_its_canonical_form(write_plan: WritePlan) -> None:
    loaded = load_plan(write_plan(VALID))
    through_json = json.loads(json.dumps(loaded.canonical))
    assert plan_from_canonical(through_json) == loaded.plan


@pytest.mark.parametrize(
    "canonical",
    [{}, {"format": "muster-plan/9", "plan": {}}, {"format": "muster-plan/1", "plan": {}}],
)
def test_a_canonical_form_of_another_version_is_refused(canonical: dict[str, object]) -> None:
    with pytest.raises(InputError, match="PLAN-055"):
        plan_from_canonical(canonical)


def test_the_builder_makes_a_plan_that_loads(write_plan: WritePlan) -> None:
    text = json.dumps(a_plan().model_dump(mode="json", by_alias=True, exclude_none=True))
    assert load_plan(write_plan(text, "small")).plan == a_plan()


WARNED = [
    ("- wait: {", "- runbook: {account: aa, name: Go}\n      - wait: {", "25 PLAN-100"),
    ("at_most: 15m", "at_most: 16m", "29 PLAN-101"),
    ("region: westus2", "region: eastus", "6 PLAN-102"),
    ("file: scripts/promote.sh}", "file: scripts/promote.sh}\n        touches: production",
     "19 PLAN-103"),
    ("promote.sh}", "promote.sh}\n        touches: production\n        only: [drill]",
     "19 PLAN-103\n19 PLAN-104"),
    ("vms: [web1]", "vms: [{name: web1, critical: false}]", "30 PLAN-105"),
    ("private_ip: 10.1.0.4", "public_ip: true", "16 PLAN-106"),
    ("egress: agent", "resume_within: 30m", "10 PLAN-107"),
    ("about: A", "replication: {policy: {app_consistent_every: 13h}} #", "2 PLAN-108"),
    ("vms: [web1]", "vms: [{name: web1, size: Standard_D4ps_v5}]", "23 PLAN-116"),
    ("vms: [dc1]", "vms: [{name: dc1, size: standard_b2pts_v2}]", "12 PLAN-116"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), WARNED)
def test_what_is_odd_but_permitted_is_a_warning(
    old: str, new: str, expected: str, write_plan: WritePlan
) -> None:
    loaded, problems, warnings = read_plan(write_plan(VALID.replace(old, new)))
    assert problems == ()
    assert loaded is not None
    assert [f"{one.line} {one.code}" for one in warnings] == expected.split("\n")


@pytest.mark.parametrize(
    "size", ["Standard_D4s_v5", "Standard_NP10s", "Standard_D4as_v5", "Standard_E4-2ads_v5"]
)
def test_a_size_of_x64_is_not_warned_of(size: str, write_plan: WritePlan) -> None:
    text = VALID.replace("vms: [web1]", f"vms: [{{name: web1, size: {size}}}]")
    loaded, problems, warnings = read_plan(write_plan(text))
    assert loaded is not None
    assert (problems, warnings) == ((), ())


def test_to_resume_nothing_is_what_this_version_does(write_plan: WritePlan) -> None:
    text = VALID.replace("egress: agent", "resume_within: 0m")
    assert read_plan(write_plan(text)).warnings == ()


OF_LAB = "/subscriptions/x/resourcegroups/Rg_(lab).1/providers/microsoft.network/virtualnetworks"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{create: vnet-small-drill}", f"{{use: {OF_LAB}/vnet_lab.1}}"),
        ("{create: vnet-small-drill}", f"{{use: a, may_reach: [b, {OF_LAB}/c]}}"),
        ("network: vnet-small}", f"network: {OF_LAB}/v}}"),
        ("egress: agent", "egress: [10.0.0.0/8, 10.1.0.0/16, 'fd00::/32']"),
    ],
)
def test_ids_of_networks_and_a_list_of_ways_out_may_be_written(
    old: str, new: str, write_plan: WritePlan
) -> None:
    _, problems, warnings = read_plan(write_plan(VALID.replace(old, new)))
    assert (problems, warnings) == ((), ())


def test_the_default_target_network_of_a_source_by_id_is_none_for_drills(
    write_plan: WritePlan,
) -> None:
    text = VALID.replace("network: vnet-small}", f"network: {OF_LAB}/v}}")
    text = text.replace("{create: vnet-small-drill}", f"{{use: {OF_LAB}/v-asr}}")
    _, problems, _ = read_plan(write_plan(text))
    assert [one.code for one in problems] == ["PLAN-039"]


@pytest.mark.parametrize("change", ["mode: native", "start: together"])
def test_what_only_a_later_version_drills_loads_already(
    change: str, write_plan: WritePlan
) -> None:
    assert load_plan(write_plan(f"{change}\n{VALID}")).plan.plan == "broken"


def test_yaml_is_read_by_version_1_2(write_plan: WritePlan) -> None:
    text = VALID.replace("owner: sre@small.example", "owner: NO").replace("5432", "0x1538")
    plan = load_plan(write_plan(text)).plan
    assert plan.owner == "NO"
    assert plan.groups[0].checks[0].tcp is not None
    assert plan.groups[0].checks[0].tcp.port == 5432


# Variables


def test_variables_are_replaced_from_the_environment(write_plan: WritePlan) -> None:
    text = VALID.replace("owner: sre@small.example", 'owner: "$${A} ${A}-${B}"')
    text = text.replace("port: 5432", "port: '${PORT}'")
    plan = load_plan(write_plan(text), {"A": "one", "B": "${A}", "PORT": "1433"}).plan
    assert plan.owner == "${A} one-${A}"  # what a variable holds is not read again
    assert plan.groups[0].checks[0].tcp is not None
    assert plan.groups[0].checks[0].tcp.port == 1433


SECRET = "s3cret value!"
PLACES = [
    ("rto: 30m", "rto: '${X}'"),
    ("vms: [web1]", "vms: ['${X}']"),
    ("needs: [database]", "needs: ['${X}']"),
    ("plan: broken", "plan: ${X}"),
    ("tcp: {vm: db1", "tcp: {vm: '${X}'"),
    ("scripts/promote.sh", "'${X}'"),
    ("cron: \"0 3 1 * *\"", "cron: '${X}'"),
    ("timezone: UTC", "timezone: '${X}'"),
    ("egress: agent", "egress: ${X}"),
    ("egress: agent", "egress: ['${X}']"),
    ("live_from: worker", "live_from: '${X}'"),
    ("port: 5432", "port: '${X}'"),
    ("target: {region: westus2}", "target: ${X}"),
    ("{web1}:8080/health", "{${X}}:8080/health"),
    ("timezone: UTC", "not_on: ['${X}']"),
    ("owner: sre@small.example", "controls: ['${X}']"),
    ("private_ip: 10.1.0.4", "private_ip: '${X}'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), PLACES)
def test_what_a_variable_holds_is_never_shown(old: str, new: str, write_plan: WritePlan) -> None:
    path = write_plan(VALID.replace(old, new))
    with pytest.raises(PlanError) as caught:
        load_plan(path, {"X": SECRET})
    said = str(caught.value)
    assert SECRET not in said
    assert "s3cret" not in said
    assert "${X}" in said


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: web\n    needs: [database]", "name: '${X}'\n    needs: ['${X}']", "PLAN-016"),
        ("vms: [web1]", "vms: [web1, '${X}', '${X}']", "PLAN-012"),
        ("name: database\n", "name: '${X}'\n", "PLAN-015"),
        ("name: web\n    needs: [database]", "name: '${X}'\n    needs: [hushhx]", "PLAN-015"),
        ("tcp: {vm: db1", "tcp: {vm: '${X}'", "PLAN-018"),
        ("support: {vms: [dc1]}", "support: {vms: ['${X}']}\ncontrols: []", "PLAN-018"),
        ("{create: vnet-small-drill}", "{create: '${Y}'}", "PLAN-039"),
        ("name: database\n", "name: database\n    needs: ['${Z}']\n", "PLAN-016"),
        ("plan: broken", "plan: ${X}", "PLAN-010"),
    ],
)
def test_no_rule_and_no_suggestion_shows_a_name_out_of_a_variable(
    old: str, new: str, code: str, write_plan: WritePlan
) -> None:
    assert VALID.count(old) == 1
    text = VALID.replace(old, new)
    text = text.replace("tcp: {vm: db1", "tcp: {vm: hushhx") if "support" in new else text
    values = {"X": "hushhh", "Y": "VNET-SMALL", "Z": "web"}
    _, problems, _ = read_plan(write_plan(text), values)
    assert code in {one.code for one in problems}
    said = "\n".join(map(str, problems))
    assert "hushhh" not in said
    assert "VNET-SMALL" not in said


def test_a_variable_with_control_characters_is_refused(write_plan: WritePlan) -> None:
    path = write_plan(VALID.replace("owner: sre@small.example", "owner: ${X}"))
    _, problems, _ = read_plan(path, {"X": "a\x1b[2J"})
    assert [one.code for one in problems] == ["PLAN-009"]


@pytest.mark.timeout(20)
def test_variables_cannot_blow_a_plan_up(write_plan: WritePlan) -> None:
    path = write_plan(VALID.replace("owner: sre@small.example", f"owner: {'${X}' * 20_000}"))
    _, problems, _ = read_plan(path, {"X": "x" * 100_000})
    assert [one.code for one in problems] == ["PLAN-002"]


# Finding


def test_a_plan_is_found_by_name_and_by_path() -> None:
    assert find_plan("contoso-erp", PLANS) == PLANS / "contoso-erp.yaml"
    assert (
        find_plan("recovery_plans/contoso-erp.yaml", Path("elsewhere")).name == "contoso-erp.yaml"
    )


@pytest.mark.parametrize("name", ["contoso-epr", "recovery_plans/contoso-epr.yaml"])
def test_a_plan_that_is_not_there_gets_close_names(name: str) -> None:
    with pytest.raises(InputError) as caught:
        find_plan(name, PLANS)
    assert "Did you mean: contoso-erp" in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There are no plans in"):
        find_plan("contoso-erp", tmp_path)
