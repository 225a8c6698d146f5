"""Managed run-commands: only into test copies of this run, named by us, and deleted when done."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import GatewayError
from muster.gateway.kinds import Conflict
from muster.gateway.values import CommandResult
from muster.journal.events import EventKind
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.guard import own_copy, require_own_copy
from muster.steps.history import history_of
from muster.steps.named import name_for, named
from muster.steps.recorded import events_of

RUN_COMMAND = "run-command"
DELETE_COMMAND = "delete-run-command"
FREE_LOOK = timedelta(seconds=20)
"""How long an agent that runs another command is left alone before it is asked again."""


async def run_script(
    run: Run,
    step: Step,
    vm: str,
    script: str,
    *,
    part: str,
    expected: timedelta,
    timeout: timedelta,
    deadline: Deadline,
) -> tuple[str, CommandResult]:
    """Run a script inside the test copy of a VM and wait for its end.

    Args:
        run: The run that owns the copy.
        step: The step that wants it.
        vm: The plan's VM.
        script: The text of the script.
        part: Tells this script from others of the same step.
        expected: When to look closely.
        timeout: How long the script may take.
        deadline: How long the step may wait.

    Returns:
        The command's name, and how it ended.

    Raises:
        NotOwned: This run recorded no such copy; nothing was sent.
        WaitEnded: It did not end in time.
    """
    vm_id = own_copy(run, vm)
    name = name_for(run, step, part)
    digest = hashlib.sha256(script.encode()).hexdigest()

    async def is_there() -> bool:
        return await run.gateway.command(vm_id, name) is not None

    async def send() -> None:
        require_own_copy(run, vm_id)
        await run.gateway.start_command(vm_id, name, script, timeout)

    request = {"vm": vm, "vm_id": vm_id, "command": name, "sha256": digest}

    async def sent() -> None:
        await named(run, step, RUN_COMMAND, name, request=request, is_there=is_there, send=send)

    await _when_free(vm, deadline, sent)
    # The agent ends the script at its timeout; how much later Azure shows that is not known.
    result = await run.gateway.command_ended(
        vm_id, name, expected=expected, within=deadline.left()
    )
    return name, result


async def _when_free(vm: str, deadline: Deadline, attempt: Callable[[], Awaitable[None]]) -> None:
    """Send once the VM's agent is free: it takes one command at a time, for up to 90 minutes.

    Raises:
        GatewayError: Azure refused it for another reason, or the agent is not free in time.
    """
    while True:
        try:
            return await attempt()
        except Conflict as err:
            if "in progress" not in err.message.casefold() or deadline.left() <= FREE_LOOK:
                raise
            await deadline.pause(FREE_LOOK, f"the agent of {vm} to be free", err.message)


async def delete_command(run: Run, step: Step, vm_id: str, name: str) -> None:
    """Remove a run-command from one of our copies."""
    require_own_copy(run, vm_id)

    async def is_there() -> bool:
        return False  # deleting again does no harm, so nothing has to be found

    async def send() -> None:
        await run.gateway.delete_command(vm_id, name)

    request = {"vm_id": vm_id, "command": name}
    await named(run, step, DELETE_COMMAND, name, request=request, is_there=is_there, send=send)


async def let_go(run: Run, step: Step, vm: str, name: str, *, vm_id: str) -> None:
    """Remove a run-command that has ended, as far as possible: what it said counts anyway."""
    try:
        await delete_command(run, step, vm_id, name)
    except GatewayError as err:
        text = f"Run-command {name} in {vm} could not be removed; it goes with the VM: {err}"
        data = {"what": "warning", "text": text}
        await run.journal.append(EventKind.NOTED, data, step=step.id)


async def delete_commands_left(run: Run, step: Step, vm: str) -> None:
    """Remove every run-command that this run left in a copy, as far as possible."""
    intents = [
        event.data["request"]
        for event in events_of(run, EventKind.INTENDED)
        if event.data["act"] == RUN_COMMAND and event.data["request"]["vm"] == vm
    ]
    for request in intents:
        name = str(request["command"])
        if history_of(run, DELETE_COMMAND, name).accepted is not None:
            continue
        await let_go(run, step, vm, name, vm_id=str(request["vm_id"]))
