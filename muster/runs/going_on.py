"""Which command goes on with a run that was left open: it depends on what the run does."""

from __future__ import annotations

from muster.plan.actions import Operation
from muster.runs.stopping import GOES_ON, same_command


def is_replicating(operation: str) -> bool:
    """Whether a run leaves things standing, so that nothing of it is ever cleaned up."""
    return operation in GOES_ON


def go_on_command(run: str, plan: str, operation: str) -> str:
    """`muster cleanup RUN` for a drill; a replicate run is gone on with by the same command."""
    if not is_replicating(operation):
        return f"muster cleanup {run}"
    return same_command(plan, Operation(operation), is_rehearsed=False)


def go_on_words(run: str, plan: str, operation: str) -> str:
    """The same as a sentence's end: what to type, and what that does."""
    command = go_on_command(run, plan, operation)
    does = "goes on with it" if is_replicating(operation) else "cleans up and closes it"
    return f"`{command}` {does}"
