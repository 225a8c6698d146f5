"""What this run is to leave behind, as its survey pinned it: steps never work it out anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.journal.events import EventKind, Observed
from muster.replication.outbound import OutboundFinding
from muster.replication.outbound_shared import shared
from muster.replication.pinned import from_data, to_data
from muster.replication.wanted import Left, VmWanted, Wanted
from muster.steps.context import Run
from muster.steps.recorded import last_observed


async def pin(
    run: Run,
    step: Step,
    wanted: Wanted,
    changes: Sequence[Mapping[str, Any]] = (),
    left: Sequence[Left] = (),
    outbound: Sequence[OutboundFinding] = (),
) -> None:
    """Journal what is wanted, before anything of it is made."""
    data = {
        "what": Observed.WANTED.value,
        "wanted": to_data(wanted),
        "changes": [dict(change) for change in changes],
        "left": [
            {"name": one.name, "kind": one.kind, "why": one.why, "remedy": one.remedy}
            for one in left
        ],
        "outbound": [asdict(one) for one in shared(outbound)],
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


def is_pinned(run: Run) -> bool:
    """Whether a survey of this run, in this process or an earlier one, has pinned it."""
    return last_observed(run, Observed.WANTED) is not None


def wanted_of(run: Run) -> Wanted:
    """What is wanted.

    Raises:
        StepFailed: STEP-040: nothing was pinned.
    """
    found = last_observed(run, Observed.WANTED)
    if found is None:
        raise StepFailed(
            "This run has journalled nothing that it wants to be there",
            code="STEP-040",
            hint="Look at the step `survey`: nothing is made before it has named everything.",
        )
    return from_data(found["wanted"])


def vm_wanted(run: Run, step: Step) -> tuple[Wanted, VmWanted]:
    """What is wanted, and of it the VM that a step is about.

    Raises:
        StepFailed: STEP-041: the survey left this VM out, with the reason.
    """
    wanted = wanted_of(run)
    for vm in wanted.vms:
        if vm.name == step.subject:
            return wanted, vm
    data = last_observed(run, Observed.WANTED) or {}
    why = next((one for one in data["left"] if one["name"] == step.subject), None)
    raise StepFailed(
        f"{step.subject} is not replicated by this run: "
        f"{why['why'] if why else 'the survey did not find it'}",
        code="STEP-041",
        hint=(why and why["remedy"]) or "Look at the step `survey`, and at the VM in the portal.",
    )
