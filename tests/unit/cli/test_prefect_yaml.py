from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from muster.cli.prefect_yaml import daily_before, plans_in, prefect_yaml
from tests.builders import a_plan
from tests.unit.cli.conftest import ROOT, Muster


def test_the_committed_file_is_what_the_plans_say() -> None:
    assert (ROOT / "prefect.yaml").read_text() == prefect_yaml(plans_in(ROOT)), (
        "run `muster deploy --write` and commit prefect.yaml"
    )


def test_every_plan_has_a_deployment_with_its_schedule_and_its_limit() -> None:
    plans = {plan.plan: plan for plan in plans_in(ROOT)}
    deployments = YAML(typ="safe").load(prefect_yaml(list(plans.values())))["deployments"]
    by_name = {one["name"]: one for one in deployments}
    flows = {f"{name}: {what}" for name in plans for what in ("drill", "preflight", "replicate")}
    assert set(by_name) == {*flows, "cleanup", "muster: answer"}
    assert by_name["contoso-erp: replicate"]["schedules"] == []  # nobody replicates by the month
    for name, plan in plans.items():
        deployment = by_name[f"{name}: drill"]
        schedule = plan.drill.schedule
        assert schedule is not None
        assert deployment["schedules"] == [
            {"cron": schedule.cron, "timezone": schedule.timezone, "active": True}
        ]
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        assert deployment["tags"] == ["drill", name]


def test_a_plan_without_a_schedule_only_starts_by_hand() -> None:
    text = prefect_yaml([a_plan()])
    (drill, *_) = YAML(typ="safe").load(text)["deployments"]
    assert drill["schedules"] == []
    assert drill["entrypoint"] == "flows/compiled.py:small_drill"


@pytest.mark.parametrize(
    ("drill", "look"),
    [("0 3 1 * *", "0 2 * * *"), ("30 0 * * 1", "30 23 * * *"), ("*/5 3 * * *", "0 2 * * *")],
)
def test_preflight_looks_every_day_an_hour_before_the_drill_would_begin(drill, look) -> None:
    assert daily_before(drill) == look


def test_the_look_ahead_goes_by_the_drills_own_time_zone() -> None:
    deployments = YAML(typ="safe").load(prefect_yaml(plans_in(ROOT)))["deployments"]
    (one,) = [each for each in deployments if each["name"] == "contoso-erp: preflight"]
    wanted = {"cron": "0 2 * * *", "timezone": "America/New_York", "active": True}
    assert one["schedules"] == [wanted]
    assert one["entrypoint"] == "flows/compiled.py:contoso_erp_preflight"


def test_write_and_check_agree(muster: Muster, checkout: Path) -> None:
    assert muster("deploy", "--check").code == 2
    assert muster("deploy", "--write").code == 0
    assert muster("deploy", "--check").code == 0
    plan = checkout / "recovery_plans" / "contoso-erp.yaml"
    plan.write_text(plan.read_text().replace("0 3 1 * *", "0 4 1 * *"))
    assert muster("deploy", "--check").code == 2


def test_deploying_needs_a_server(muster: Muster) -> None:
    said = muster("deploy")
    assert said.code == 2
    assert "PREFECT_API_URL" in said.err
