"""A program to be put into a checkout: a drill whose flow fails while copies come up.

The hooks are those of the compiled flow; only what fails, fails on purpose.
"""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow
from prefect.runtime import flow_run as runtime

from flows.compiled import compile_flow
from flows.environment import CHECKOUT, settings_for
from muster.journal.events import Event, EventKind
from muster.plan.actions import Operation
from muster.runs.drill import run_drill
from muster.runs.request import RunRequest, run_id_for_flow_run

NAME = "contoso-erp"
PLAN = CHECKOUT / "recovery_plans" / f"{NAME}.yaml"
compiled: Any = compile_flow(PLAN, Operation.DRILL)


@flow(name=compiled.name, on_failure=compiled.on_failure_hooks, persist_result=False)
async def failing() -> None:
    flow_run = str(runtime.id)
    request = RunRequest(
        plan_path=PLAN,
        operation=Operation.DRILL,
        run_id=run_id_for_flow_run(NAME, Operation.DRILL, flow_run),
        reason="to fail",
        flow_run_id=flow_run,
    )
    is_sent = asyncio.Event()

    def watch(event: Event) -> None:
        if event.kind is EventKind.ACCEPTED and event.data["act"] == "test-failover":
            is_sent.set()

    walking = asyncio.create_task(run_drill(request, settings_for(NAME), watch=watch))
    await is_sent.wait()
    walking.cancel()
    await asyncio.wait([walking])
    print(flow_run, flush=True)  # noqa: T201  for whoever started this
    raise RuntimeError("there is no memory left")


if __name__ == "__main__":
    asyncio.run(failing(return_state=True))
