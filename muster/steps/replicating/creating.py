"""Nothing that is there is written over: that it is missing is not believed of one read alone.

A PUT creates or replaces alike, and replacing takes away what others added. So the list of the
group (of a group, that of its subscription) is looked at right before it, and Azure is asked to
refuse it where something is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import GatewayError, StepFailed
from muster.gateway.ids import parse_id, same_id
from muster.gateway.kinds import AzureError, NotFound
from muster.gateway.parse import text_of
from muster.gateway.values import Resource
from muster.steps.context import Run
from muster.steps.deadline import Deadline
from muster.steps.named import named
from muster.steps.replicating.leaving import pause

SHOWS_WITHIN = timedelta(minutes=3)
LOOK_EVERY = timedelta(seconds=10)
_MOVING = frozenset({"creating", "updating", "accepted", "provisioning", "running"})
Read = Callable[[], Awaitable[Resource | None]]


async def have(
    run: Run,
    step: Step,
    act: str,
    thing_id: str,
    *,
    request: Mapping[str, Any],
    read: Read,
    send: Callable[[], Awaitable[object]],
    deadline: Deadline,
) -> tuple[str, Resource | None]:
    """Create a thing of a name of ours, unless it is there.

    Args:
        run: Whose gateway, and whose journal.
        step: The step that makes it.
        act: What the journal calls that.
        thing_id: The thing's id.
        request: What is sent, as the journal keeps it.
        read: Reads it; None: Azure says that it is not there.
        send: Creates it, and returns once it is usable; asks Azure not to replace anything.
        deadline: The end of all waiting.

    Returns:
        How it came to be there, and what was there before; None for what was made now.

    Raises:
        StepFailed: STEP-044: it is there, and cannot be read.
        GatewayError: Azure refused it.
    """
    found = await _settled(run, read, deadline)
    if found is None and await _missed(run, thing_id, read, deadline) is not None:
        found = await _settled(run, read, deadline)  # somebody is making it right now
    if found is not None:
        return "left alone", found

    async def is_there() -> bool:
        now = await read()
        return now is not None and state_of(now) == "succeeded"

    try:
        await named(
            run, step, act, thing_id, request=request, is_there=is_there, send=send,
            although_accepted=True,
        )  # fmt: skip
    except GatewayError as err:
        if not _was_there(err):
            raise
        await _shown(run, thing_id, read, deadline)
        return "found under way", await _settled(run, read, deadline)
    return "created", None


def state_of(resource: Resource) -> str:
    """Types without a provisioning state are there when they are there."""
    return str(resource.properties.get("provisioningState") or "succeeded").casefold()


async def _settled(run: Run, read: Read, deadline: Deadline) -> Resource | None:
    """The resource, once whoever is making it has come to an end: an earlier run may have been
    left in the middle.
    """
    while (found := await read()) is not None and state_of(found) in _MOVING and deadline.left():
        await pause(run, min(LOOK_EVERY, deadline.left()), f"The making of {found.id}")
    return found


async def _missed(run: Run, thing_id: str, read: Read, deadline: Deadline) -> Resource | None:
    """A thing that one read did not show, if it is there all the same; None: it is missing.

    Raises:
        StepFailed: STEP-044: its group lists it, and it cannot be read.
        GatewayError: Its group cannot be listed, so that nobody knows.
    """
    if await _is_listed(run, thing_id):
        return await _shown(run, thing_id, read, deadline)
    return await read()


async def _shown(run: Run, thing_id: str, read: Read, deadline: Deadline) -> Resource:
    """A thing that is known to be there, once a read shows it.

    Raises:
        StepFailed: STEP-044: no read shows it.
        Aborted: The run is to stop.
    """
    end = Deadline.after(run.clock, min(SHOWS_WITHIN, deadline.left()))
    while (found := await read()) is None:
        if not end.left():
            raise StepFailed(
                f"{thing_id} is there, as Azure's own list or refusal says, and reading it "
                "answers that it is not",
                code="STEP-044",
                hint="Nothing was written over it. Look at it in the portal, then run "
                "`muster replicate` again.",
            )
        await pause(run, min(LOOK_EVERY, end.left()), f"A look at {thing_id}")
    return found


def _was_there(err: GatewayError) -> bool:
    """Whether Azure refused to create a thing because it is there."""
    return isinstance(err, AzureError) and err.status == 412


async def _is_listed(run: Run, thing_id: str) -> bool:
    arm = parse_id(thing_id)
    group_id = arm.group_id
    if same_id(group_id, thing_id):
        groups = await run.gateway.collection(f"/subscriptions/{arm.subscription}/resourceGroups")
        return any(same_id(text_of(one.get("id")), thing_id) for one in groups)
    try:
        listed = await run.gateway.resources_of_group(group_id)
    except NotFound:
        return False
    return any(same_id(one.id, thing_id) for one in listed)
