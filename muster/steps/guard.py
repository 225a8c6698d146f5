"""Safety rules 1 and 7 as code: what may not be sent is refused right before it would be."""

from __future__ import annotations

from muster.errors import MusterError, NotOwned
from muster.gateway.ids import same_id
from muster.journal.events import Observed
from muster.plan.actions import Action, Operation, Touches
from muster.steps.context import Run
from muster.steps.items import source_vm_id
from muster.steps.recorded import copy_of, observed


class TouchesProduction(MusterError):
    """An action that may not run in a drill got as far as being started."""

    code = "SAFE-002"
    hint = "This is a guard of Muster, not of your plan: please report it with the run's id."


def own_copy(run: Run, vm: str) -> str:
    """ARM id of the test copy that this run recorded for a VM.

    Raises:
        NotOwned: This run recorded none, so there is nothing it may touch.
    """
    copy = copy_of(run, vm)
    if copy is None or not copy.get("vm_id"):
        raise NotOwned(f"This run has recorded no test copy of {vm}; nothing was sent")
    vm_id = str(copy["vm_id"])
    require_own_copy(run, vm_id)
    return vm_id


def require_own_copy(run: Run, vm_id: str) -> None:
    """Let only the VMs pass that this run recorded as its test copies, and never a source.

    Raises:
        NotOwned: It is none of them.
    """
    recorded = [data.get("vm_id") for data in observed(run, Observed.OWNED)]
    if not any(same_id(vm_id, one) for one in recorded):
        raise NotOwned(f"{vm_id} is not a test copy of this run; nothing was sent")
    if any(same_id(vm_id, source_vm_id(run, vm.name)) for vm in run.plan.all_vms):
        raise NotOwned(f"{vm_id} is a source VM of the plan; nothing was sent")


def require_harmless(action: Action) -> None:
    """Let only actions pass that a drill may run, whatever the graph says.

    Raises:
        TouchesProduction: It touches production, does not say, or is not for drills.
    """
    if action.effective_touches not in (Touches.TEST, Touches.NOTHING):
        said = action.effective_touches.value if action.effective_touches else "nothing declared"
        raise TouchesProduction(f"'{action.title}' ({said}) never runs in a drill; not started")
    if not action.runs_in(Operation.DRILL):
        raise TouchesProduction(f"'{action.title}' is not for drills; not started")
