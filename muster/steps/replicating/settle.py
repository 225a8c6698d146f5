"""The settings of one protected VM: cards, size, placement, and those of a test failover."""

from __future__ import annotations

from datetime import timedelta

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.values import Accepted, ProtectedItem
from muster.replication.inputs import differing, settings_input, unknown_addresses, unknown_cards
from muster.replication.item_states import CLEAN_UP, under_test
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.replicating.claims import require_unclaimed
from muster.steps.replicating.deeds import Deed, Look, bring_about
from muster.steps.replicating.items import item_now
from muster.steps.replicating.leaving import pause
from muster.steps.replicating.standing_apart import require_as_enabled
from muster.steps.replicating.wanted_of import vm_wanted
from muster.steps.spending import told_on_failure

UPDATING_TAKES = timedelta(seconds=20)
IDLE_LOOK_EVERY = timedelta(seconds=15)


async def settle(step: Step, run: Run) -> Done:
    """Have the item's settings as the plan says; Azure takes them of a protected VM only.

    Raises:
        StepFailed: STEP-048: a card or address that the plan sets up is not among the item's.
            STEP-051: the item is not what this run would have enabled.
        WaitEnded: Another job kept the item busy for the step's whole time.
        GatewayError: Azure refused a setting.
    """
    spent = Spent()
    wanted, vm = vm_wanted(run, step)
    deadline = Deadline.of(step, run.clock)
    with told_on_failure(spent):
        item = await _idle(run, wanted, vm, deadline)
        require_as_enabled(run, wanted, vm, item)
        _require_cards(vm, item)
        deed = _settling(run, wanted, vm, item)
        how = await bring_about(run, step, deed, deadline, spent)
    return Done({"how": how, "settings": list(deed.request["differing"])}, spent)


def _settling(run: Run, wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Deed:
    asked = settings_input(vm, item)

    async def look() -> Look:
        now = await _item(run, wanted, vm)
        require_as_enabled(run, wanted, vm, now)
        left = differing(asked, now)
        shown = f"differs in {', '.join(left)}" if left else "every setting is as wanted"
        return Look(there=True, fits=not left, shown=shown)

    async def may_send() -> bool:
        await require_unclaimed(run, wanted, vm, await _item(run, wanted, vm))
        return True

    async def send() -> Accepted:
        return await run.gateway.update_item(item.id, asked)

    return Deed(
        act="settle", kind="settings of", name=vm.name, id=item.id,
        scenario="UpdateVmProperties", about=vm.name, look=look, send=send, may_send=may_send,
        request={
            "item_id": item.id, "properties": asked, "differing": list(differing(asked, item)),
        },
        expected=UPDATING_TAKES, how="changed",
    )  # fmt: skip


def _require_cards(vm: VmWanted, item: ProtectedItem) -> None:
    lacking = [f"network card {one}" for one in unknown_cards(vm, item)]
    lacking += [f"IP configuration {one}" for one in unknown_addresses(vm, item)]
    if lacking:
        raise StepFailed(
            f"The item of {vm.name} has no {', no '.join(lacking)}",
            code="STEP-048",
            hint="Site Recovery knows the cards that a VM had when it was enabled. Disable the "
            "replication of this VM in the portal and run `muster replicate` again, which "
            "protects all its cards and addresses; its recovery points are lost by that. Or take "
            "the card or address off.",
        )


async def _idle(run: Run, wanted: Wanted, vm: VmWanted, deadline: Deadline) -> ProtectedItem:
    """The item, once no job has it: adding disks, or somebody's test failover. One that is as
    wanted is not waited for.

    Raises:
        StepFailed: STEP-051: a test failover of it was not cleaned up in time.
    """
    while (item := await _item(run, wanted, vm)).current_job_id is not None:
        if not differing(settings_input(vm, item), item):
            break
        if not deadline.left() and (tested := under_test(item)):
            raise StepFailed(
                f"The settings of {vm.name} were not changed: {tested}",
                code="STEP-051",
                hint=CLEAN_UP,
            )
        if not deadline.left():
            await deadline.pause(IDLE_LOOK_EVERY, f"{vm.name} to be idle", item.current_job_id)
        await pause(run, min(IDLE_LOOK_EVERY, deadline.left()), f"The job of {vm.name}")
    return item


async def _item(run: Run, wanted: Wanted, vm: VmWanted) -> ProtectedItem:
    item = await item_now(run, wanted, vm)
    if item is None:
        raise StepFailed(
            f"{vm.name} is not protected any more",
            code="STEP-047",
            hint="Somebody disabled it meanwhile: see the vault's jobs.",
        )
    return item
