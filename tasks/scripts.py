"""Tasks for the actions a plan asks for: runbooks, scripts in a VM, questions, waits."""

from __future__ import annotations

from tasks.shell import step_task

run_action = step_task(
    "action", "Do one action of the plan: runbook, script in a VM, question or wait."
)
