"""Tasks that bring a copy of one VM up in the drill network."""

from __future__ import annotations

from tasks.shell import step_task

run_test_failover = step_task("test failover", "Bring a copy of one VM up in the drill network.")

wait_for_boot = step_task("boot", "Wait until the copy runs and its agent answers.")
