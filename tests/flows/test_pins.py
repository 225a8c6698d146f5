"""What Prefect 3.8.8 leaves too loose, and what breaks without the caps: seen at a real server."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from muster.cli.prefect_yaml import plans_in
from tests.flows.conftest import ROOT, Server, ask

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def deployed(server: Server) -> dict[str, dict[str, Any]]:
    """Everything that prefect.yaml names, deployed by `muster deploy`; by deployment name."""
    ended = subprocess.run(
        [sys.executable, "-m", "muster", "deploy"],
        cwd=ROOT, env=server.environ, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = ask(server.api, "POST", "/deployments/filter", {})
    return {one["name"]: one for one in found}


def test_all_deployments_arrive_without_a_worker_online(
    deployed: dict[str, dict[str, Any]],
) -> None:
    """FastAPI 0.153 and later: 422 on workers/filter after the first of them."""
    kinds = ("drill", "preflight", "replicate")
    plans = {f"{plan.plan}: {what}" for plan in plans_in(ROOT) for what in kinds}
    assert set(deployed) == {*plans, "cleanup", "muster: answer"}
    for name in plans:
        assert deployed[name]["global_concurrency_limit"]["limit"] == 1
        assert deployed[name]["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        assert deployed[name]["work_pool_name"] == "muster"


def test_schedules_create_runs_at_the_hour_that_the_plan_says(
    server: Server, deployed: dict[str, dict[str, Any]]
) -> None:
    """SQLAlchemy 2.1: the server starts, and schedules silently create no run."""
    for plan in plans_in(ROOT):
        deployment = deployed[f"{plan.plan}: drill"]
        begin = datetime.now(ZoneInfo("UTC"))
        span = {
            "start_time": begin.isoformat(),
            "end_time": (begin + timedelta(days=200)).isoformat(),
        }
        # 200, or this raises.
        ask(
            server.api,
            "POST",
            f"/deployments/{deployment['id']}/schedule",
            {**span, "min_runs": 3},
        )
        runs = ask(
            server.api, "POST", "/flow_runs/filter",
            {"flow_runs": {"deployment_id": {"any_": [deployment["id"]]},
                           "state": {"type": {"any_": ["SCHEDULED"]}}}},
        )  # fmt: skip
        assert len(runs) >= 3
        schedule = plan.drill.schedule
        assert schedule is not None
        fires = {fire.astimezone(ZoneInfo("UTC")) for fire in every_fire(schedule, begin)}
        for run in runs:
            assert datetime.fromisoformat(run["expected_start_time"]) in fires


def every_fire(schedule: Any, after: datetime) -> list[datetime]:
    """What our own reading of the cron expression says, the excluded days among it."""
    return list(schedule.model_copy(update={"not_on": ()}).next_fires(after, 60))


def test_the_form_in_the_ui_has_a_list_of_recovery_points(
    deployed: dict[str, dict[str, Any]],
) -> None:
    form = deployed["contoso-erp: drill"]["parameter_openapi_schema"]["properties"]
    assert form["recovery_point"]["enum"][0] == "as the plan says"
    assert "crash-consistent" in form["recovery_point"]["enum"]
    answers = deployed["muster: answer"]["parameter_openapi_schema"]
    assert answers["properties"]["answer"]["enum"] == ["continue", "abort", "release"]
    assert set(answers["required"]) == {"run", "question", "answer", "by"}
