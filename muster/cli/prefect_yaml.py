"""`prefect.yaml` worked out from the plans: what is deployed, when it runs, under which limits.
Needs no Prefect.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from muster.cli.checkout import PLANS
from muster.plan.actions import Operation
from muster.plan.model import RecoveryPlan

WORK_POOL = "muster"
PREFECT_VERSION = "3.8.8"
OPERATIONS = (Operation.DRILL, Operation.REPLICATE)
"""Operations that have a flow of their own so far."""

_HEAD = """\
# Generated from recovery_plans/ by `muster deploy --write`; a test says when it is stale.
"""


def function_name(plan: str, operation: Operation) -> str:
    """The name in `flows/compiled.py` that a plan's flow is found under: `contoso_erp_drill`."""
    return f"{plan}_{operation.value}".replace("-", "_")


def flow_name(plan: str, operation: Operation) -> str:
    """What people see: `contoso-erp: drill`."""
    return f"{plan}: {operation.value}"


def preflight_name(plan: str) -> str:
    """What people see of the flow that looks ahead: `contoso-erp: preflight`."""
    return f"{plan}: preflight"


def preflight_function(plan: str) -> str:
    """The name in `flows/compiled.py` that it is found under: `contoso_erp_preflight`."""
    return f"{plan}_preflight".replace("-", "_")


def deployments_of(plans: Sequence[RecoveryPlan]) -> list[dict[str, Any]]:
    """Those of each plan (an operation each, and its preflight), and the two that serve all."""
    found: list[dict[str, Any]] = []
    for plan in plans:
        found += [_of_plan(plan, operation) for operation in OPERATIONS]
        found.append(_preflight(plan))
    return [*found, _cleanup(), _answer()]


def _preflight(plan: RecoveryPlan) -> dict[str, Any]:
    schedule = plan.drill.schedule
    every_day = schedule and {
        "cron": daily_before(schedule.cron), "timezone": schedule.timezone, "active": True,
    }  # fmt: skip
    return {
        "name": preflight_name(plan.plan),
        "description": f"Whether a drill of {plan.plan} would work, looked at; nothing is sent.",
        "entrypoint": f"flows/compiled.py:{preflight_function(plan.plan)}",
        "tags": ["preflight", plan.plan],
        "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "schedules": [every_day] if every_day else [],
        "work_pool": {"name": WORK_POOL},
    }


def daily_before(cron: str) -> str:
    """Every day, an hour before a drill's cron fires: time enough to mend what it names.

    A cron whose minute or hour is no plain number has no such hour: then at two at night.
    """
    minute, hour, *_ = cron.split()
    if not (minute.isdigit() and hour.isdigit()):
        return "0 2 * * *"
    return f"{minute} {(int(hour) - 1) % 24} * * *"


def _of_plan(plan: RecoveryPlan, operation: Operation) -> dict[str, Any]:
    name = flow_name(plan.plan, operation)
    schedule = plan.drill.schedule if operation is Operation.DRILL else None
    return {
        "name": name,
        "description": plan.about or f"{operation.value} of {plan.plan}",
        "entrypoint": f"flows/compiled.py:{function_name(plan.plan, operation)}",
        "tags": [operation.value, plan.plan],
        # A second drill of a plan would find the copies of the first: refuse it rather than let
        # it wait.
        "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        "schedules": []
        if schedule is None
        else [{"cron": schedule.cron, "timezone": schedule.timezone, "active": True}],
        "work_pool": {"name": WORK_POOL},
    }


def _cleanup() -> dict[str, Any]:
    return {
        "name": "cleanup",
        "description": "Clean up after a run that was interrupted, prove it, close its record.",
        "entrypoint": "flows/cleanup.py:cleanup",
        "tags": ["cleanup"],
        "schedules": [],
        "work_pool": {"name": WORK_POOL},
    }


def _answer() -> dict[str, Any]:
    return {
        "name": "muster: answer",
        "description": "Answer a question that a run is waiting with.",
        "entrypoint": "flows/answer.py:answer",
        "tags": ["answer"],
        "schedules": [],
        "work_pool": {"name": WORK_POOL},
    }


def prefect_yaml(plans: Sequence[RecoveryPlan]) -> str:
    """The text of `prefect.yaml` for these plans."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 98
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    value = {
        "name": "muster",
        "prefect-version": PREFECT_VERSION,
        "build": None,
        "push": None,
        "pull": None,  # the folder it is deployed from; an image sets its own
        "deployments": deployments_of(plans),
    }
    yaml.dump(value, text)
    return _HEAD + text.getvalue()


def plans_in(checkout: Path) -> list[RecoveryPlan]:
    """Every plan of a checkout, by file name.

    Raises:
        PlanError: One of them does not load; nothing is written for half of the plans.
    """
    from muster.plan.loader import load_plan

    return [load_plan(path).plan for path in sorted((checkout / PLANS).glob("*.yaml"))]
