"""Tasks before the first copy comes up: preflight, recovery points, the isolated network."""

from __future__ import annotations

from tasks.shell import step_task

run_preflight = step_task(
    "preflight", "Look at everything that would stop a drill, before the first act."
)

resolve_recovery_points = step_task(
    "recovery points", "Choose the recovery point of every VM at one instant."
)

isolate = step_task("isolate", "Make or verify the drill network, and prove that it is isolated.")
