"""Small valid values to start a test from; every builder takes overrides."""

from __future__ import annotations

from typing import Any

from muster.plan.model import RecoveryPlan

Data = dict[str, Any]


def plan_data(**overrides: Any) -> Data:
    """The raw mapping of a small valid plan: `database` (db1) before `web` (web1).

    Top-level keys may be overridden; None removes the key.
    """
    data: Data = {
        "plan": "small",
        "about": "A page in front of a database.",
        "owner": "sre@small.example",
        "objectives": {"rto": "30m", "rpo": "15m"},
        "source": {"region": "eastus", "resource_group": "rg-small", "network": "vnet-small"},
        "target": {"region": "westus2"},
        "vault": {"resource_group": "rg-dr", "name": "rsv-small"},
        "drill": {"network": {"create": "vnet-small-drill"}},
        "groups": [
            group_data("database", ["db1"], checks=[{"tcp": {"vm": "db1", "port": 5432}}]),
            group_data(
                "web",
                ["web1"],
                checks=[{"http": {"url": "http://{web1}:8080/health", "contains": "healthy"}}],
            ),
        ],
    }
    data.update(overrides)
    return {key: value for key, value in data.items() if value is not None}


def group_data(name: str, vms: list[Any], **rest: Any) -> Data:
    """The raw mapping of one group; VMs are names or mappings."""
    return {"name": name, "vms": vms, **rest}


def a_plan(**overrides: Any) -> RecoveryPlan:
    """A small valid plan; top-level keys may be overridden with a file's values."""
    return RecoveryPlan.model_validate(plan_data(**overrides))


def vm_names(plan: RecoveryPlan) -> list[str]:
    """Names of all VMs, support first."""
    return [vm.name for vm in plan.all_vms]
