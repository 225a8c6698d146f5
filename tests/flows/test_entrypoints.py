from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prefect.flows import load_flow_from_entrypoint
from ruamel.yaml import YAML

from flows.compiled import MAKINGS, compile_flow
from muster.compile.graph import StepKind
from muster.plan.actions import Operation
from tasks.catalog import TASK_FOR
from tests.flows.conftest import ROOT


def deployments() -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load((ROOT / "prefect.yaml").read_text())["deployments"])


@pytest.mark.parametrize("deployment", deployments(), ids=lambda one: str(one["name"]))
def test_every_deployment_names_a_flow_that_loads(
    deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    assert flow.name == deployment["name"]
    assert flow.retries == 0
    assert flow.persist_result is False


def test_every_kind_of_step_has_a_task() -> None:
    assert set(TASK_FOR) == set(StepKind)


@pytest.mark.parametrize("kind", StepKind)
def test_no_task_starts_twice_by_itself_or_remembers_an_answer(kind: StepKind) -> None:
    task = TASK_FOR[kind]
    assert task.retries == 0
    assert task.persist_result is False
    assert type(task.cache_policy).__name__ == "_None"
    assert task.task_run_name == "{title}"


def test_hooks_are_functions_of_a_module_with_the_names_that_prefect_calls_them_by() -> None:
    import inspect

    flow = compile_flow(ROOT / "recovery_plans" / "contoso-erp.yaml", Operation.DRILL)
    hooks = (*flow.on_cancellation_hooks, *flow.on_failure_hooks, *flow.on_crashed_hooks)
    assert len(hooks) == 3
    for hook in hooks:
        assert list(inspect.signature(hook).parameters) == ["flow", "flow_run", "state"]
        assert getattr(sys.modules[hook.__module__], hook.__name__) is hook


def test_the_form_of_a_drill_lists_the_recovery_points() -> None:
    flow = compile_flow(ROOT / "recovery_plans" / "contoso-erp.yaml", Operation.DRILL)
    form = flow.parameters.model_dump()["properties"]
    assert set(form) == {"recovery_point", "reason", "keep_for", "requested_by"}
    assert "app-consistent" in str(form["recovery_point"])
    assert form["keep_for"]["default"] == "as the plan says"
    assert all(field["description"] for field in form.values())
    assert "Args:" not in str(flow.description)


@pytest.mark.parametrize("operation", MAKINGS)
def test_every_field_of_every_form_says_what_it_is(operation: Operation) -> None:
    """And a plan that does not load draws the same form: a schedule may carry parameters."""
    plan = ROOT / "recovery_plans" / "contoso-erp.yaml"
    form = compile_flow(plan, operation).parameters.model_dump()["properties"]
    assert {"reason", "requested_by"} <= set(form)
    assert all(field["description"] for field in form.values())
    broken = compile_flow(plan.with_name("no-such-plan.yaml"), operation)
    assert broken.parameters.model_dump()["properties"].keys() == form.keys()
    assert "no-such-plan.yaml" in str(broken.description)


@pytest.mark.parametrize("operation", [Operation.REPLICATE, Operation.DISABLE])
def test_what_is_never_scheduled_demands_its_reason_in_the_form(operation: Operation) -> None:
    flow = compile_flow(ROOT / "recovery_plans" / "contoso-erp.yaml", operation)
    assert flow.parameters.required == ["reason"]


@pytest.mark.parametrize("operation", [Operation.REPLICATE, Operation.DISABLE])
def test_nothing_cleans_up_behind_a_replication(operation: Operation) -> None:
    flow = compile_flow(ROOT / "recovery_plans" / "contoso-erp.yaml", operation)
    assert not flow.on_cancellation_hooks
    assert not flow.on_failure_hooks
    assert not flow.on_crashed_hooks


def test_the_end_of_a_replication_says_what_to_type() -> None:
    flow = compile_flow(ROOT / "recovery_plans" / "contoso-erp.yaml", Operation.DISABLE)
    confirmed = flow.parameters.model_dump()["properties"]["confirmed"]
    assert "Type exactly: disable contoso-erp" in confirmed["description"]


def test_a_plan_that_does_not_load_fails_alone(tmp_path: Path) -> None:
    for name in ("flows", "tasks", "recovery_plans"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "recovery_plans" / "broken.yaml").write_text("plan: broken\n")
    program = (
        "import asyncio\n"
        "from prefect.flows import load_flow_from_entrypoint as load\n"
        "print(load('flows/compiled.py:contoso_erp_drill', use_placeholder_flow=False).name)\n"
        "flow = load('flows/compiled.py:broken_drill', use_placeholder_flow=False)\n"
        "try:\n    asyncio.run(flow.fn())\nexcept Exception as err:\n    print(err)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert "contoso-erp: drill" in ended.stdout, ended.stderr
    assert "broken.yaml:1: [PLAN-" in ended.stdout
