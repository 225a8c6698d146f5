"""Boot: the copy's power state is running and its VM agent ready, within the plan's span."""

from __future__ import annotations

from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.values import VirtualMachine
from muster.journal.events import EventKind, Observed
from muster.steps.context import Done, Run, Spent
from muster.steps.copies import card_from
from muster.steps.deadline import Deadline
from muster.steps.guard import own_copy
from muster.steps.recorded import copy_of
from muster.steps.spending import counted, told_on_failure

LOOK_EVERY = timedelta(seconds=10)


async def wait_for_boot(step: Step, run: Run) -> Done:
    """Wait until the test copy of a VM is up.

    Raises:
        WaitEnded: It is not, within `boot_within`; says what was seen last.
    """
    spent = Spent()
    with told_on_failure(spent), counted(spent, "cloud", run.clock):
        vm_id = own_copy(run, step.subject)
        deadline = Deadline.of(step, run.clock)
        while True:
            vm = await run.gateway.vm(vm_id, instance_view=True)
            if vm is None:
                raise StepFailed(
                    f"The copy of {step.subject} is no longer there",
                    code="STEP-025",
                    hint=(
                        "Somebody removed it while the drill was under way: see the activity log."
                    ),
                )
            if vm.power_state == "running" and vm.agent_ready:
                break
            seen = (
                f"power {vm.power_state or 'unknown'}, agent {vm.agent_status or 'not reported'}"
            )
            await deadline.pause(LOOK_EVERY, f"{step.subject} to boot", seen)
        address = await _address(run, step.subject)
        await run.journal.append(EventKind.OBSERVED, _up(run, step, vm, address), step=step.id)
        return Done({"address": address}, spent)


async def _address(run: Run, vm: str) -> str | None:
    """The first private address that the copy's network cards bear now."""
    copy = copy_of(run, vm)
    for nic_id in copy["nic_ids"] if copy else ():
        nic = await run.gateway.resource(nic_id)
        if nic is not None and (address := card_from(nic).private_ip):
            return address
    return None


def _up(run: Run, step: Step, vm: VirtualMachine, address: str | None) -> dict[str, object]:
    return {
        "what": Observed.UP.value,
        "vm": step.subject,
        "power_state": vm.power_state,
        "agent": vm.agent_status,
        "address": address,
        "at": run.clock.now(),
    }
