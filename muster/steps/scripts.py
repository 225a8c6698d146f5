"""A plan's script inside a test copy: its output is kept, its exit code counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.journal.events import EventKind, Observed
from muster.plan.actions import Action
from muster.steps.commands import let_go, run_script
from muster.steps.context import Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.guard import own_copy
from muster.steps.named import name_for
from muster.steps.recorded import last_observed
from muster.steps.spending import counted

EXPECTED = timedelta(seconds=30)


async def run_action_script(run: Run, step: Step, action: Action, spent: Spent) -> dict[str, Any]:
    """Run the script of a `run_command` action.

    Raises:
        NotOwned: This run made no copy of that VM; nothing was sent.
        StepFailed: It ended otherwise than with 0.
    """
    command = action.run_command
    if command is None:
        raise StepFailed(f"{step.id} has no script")
    with counted(spent, "script", run.clock):
        seen = await observe_script(
            run, step, command.vm, command.file, command.timeout, title=action.title, part="action"
        )
    if seen["exit_code"] != 0:
        raise StepFailed(
            f"{command.file} in {command.vm} ended {seen['state']} with {seen['exit_code']}: "
            f"{last_line(seen)}",
            code="STEP-030",
            hint="The report holds what the script printed.",
        )
    return {"exit_code": 0, "vm": command.vm}


async def observe_script(
    run: Run, step: Step, vm: str, file: str, timeout: timedelta, *, title: str, part: str
) -> Mapping[str, Any]:
    """Run a script of the plan in a VM's copy and journal what came of it (`Observed.SCRIPT`).

    A script whose end this run journalled already is not run again.
    """
    known = last_observed(run, Observed.SCRIPT, command=name_for(run, step, part))
    if known is not None:
        return known
    content = _content(run, file)
    deadline = Deadline.of(step, run.clock)
    vm_id = own_copy(run, vm)
    name, result = await run_script(
        run, step, vm, content.decode("utf-8"), part=part, expected=EXPECTED, timeout=timeout,
        deadline=deadline,
    )  # fmt: skip
    data = {
        "what": Observed.SCRIPT.value,
        "action": title,
        "vm": vm,
        "vm_id": vm_id,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "command": name,
        "state": result.state,
        "exit_code": result.exit_code,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "started_at": result.started_at,
        "ended_at": result.ended_at,
        "raw": dict(result.raw),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)
    await let_go(run, step, vm, name, vm_id=vm_id)
    return data


def last_line(seen: Mapping[str, Any]) -> str:
    """The last thing a script said, for a sentence."""
    said = str(seen["stderr"]).strip() or str(seen["stdout"]).strip()
    return said.splitlines()[-1][:300] if said else "it printed nothing"


def _content(run: Run, file: str) -> bytes:
    try:
        return run.scripts[file]
    except KeyError:
        raise StepFailed(
            f"{file} is not at hand in this run",
            code="STEP-032",
            hint="Scripts are read when a plan is loaded; a cleanup runs none.",
        ) from None
