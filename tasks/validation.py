"""Tasks that find out whether the application works, and keep it up for people to look at."""

from __future__ import annotations

from tasks.shell import step_task

run_checks = step_task("checks", "All checks that run inside one VM, in one probe.")

hold = step_task("hold", "Keep the copies up for people to look at, until the deadline.")
