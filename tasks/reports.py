"""The task that ends a run's record."""

from __future__ import annotations

from tasks.shell import step_task

close = step_task("close", "Close the record: outcome, causes, left-overs.")
