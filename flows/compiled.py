"""Plan and operation to a Prefect flow: the factory, and the entrypoints that `prefect.yaml`
names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect.flows import Flow

from flows.drilling import DRILL
from flows.environment import PLAN_FILES
from flows.making import Making, PlanFile, make_flow
from flows.preflighting import compile_preflight
from flows.replicating import DISABLE, REPLICATE
from muster.cli.prefect_yaml import OPERATIONS, function_name, preflight_function
from muster.plan.actions import Operation

MAKINGS: dict[Operation, Making] = {
    Operation.DRILL: DRILL,
    Operation.REPLICATE: REPLICATE,
    Operation.DISABLE: DISABLE,
}
"""The operations that a flow can be made of. A new one has its form and its run in a file of its
own, and a line here."""


def compile_flow(plan_path: Path, operation: Operation) -> Flow[..., Any]:
    """The flow of one plan and operation; a plan that does not load gives a flow that says so
    and fails.

    Raises:
        NotImplementedError: No flow is made of that operation yet.
    """
    if (making := MAKINGS.get(operation)) is None:
        raise NotImplementedError(f"no flow is made of {operation.value} yet")
    return make_flow(PlanFile(plan_path), operation, making)


for _path in PLAN_FILES:
    globals()[preflight_function(_path.stem)] = compile_preflight(_path)
    for _operation in OPERATIONS:
        globals()[function_name(_path.stem, _operation)] = compile_flow(_path, _operation)
