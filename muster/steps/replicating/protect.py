"""Protecting one VM: enabled once, disks added since, followed until Azure calls it Protected."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.compile.graph import Step
from muster.errors import StepFailed
from muster.gateway.ids import same_id
from muster.gateway.values import Accepted, ProtectedItem
from muster.replication.inputs import disk_input, enable_input, missing_disks
from muster.replication.item_states import (
    is_protected,
    stands_failed,
)
from muster.replication.part_ids import item_id
from muster.replication.wanted import VmWanted, Wanted
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.items import observe_item
from muster.steps.replicating.awaiting import require_made
from muster.steps.replicating.claims import ENABLE, require_unclaimed
from muster.steps.replicating.deeds import Deed, Look, bring_about
from muster.steps.replicating.items import item_now, percent_of, tell_item
from muster.steps.replicating.leaving import pause
from muster.steps.replicating.standing_apart import (
    require_as_enabled,
    require_mendable,
    require_one_group,
)
from muster.steps.replicating.wanted_of import vm_wanted
from muster.steps.spending import counted, told_on_failure

ENABLING_TAKES = timedelta(minutes=8)  # 7 and 10 minutes were recorded
ADDING_TAKES = timedelta(minutes=2)
LOOK_EVERY = timedelta(seconds=30)
TELL_EVERY = timedelta(minutes=10)
"""How often a first copy is journalled that only creeps on."""
TELL_PERCENT = 10.0


async def protect(step: Step, run: Run) -> Done:
    """Have a VM protected.

    Raises:
        StepFailed: Site Recovery's job failed; or the item went away, or stands failed (STEP-047);
            or it is replicated otherwise than wanted (STEP-051), or in another group (STEP-052).
        WaitEnded: It was not Protected within the step's time.
        Aborted: The run is to stop; the first copy goes on in Azure.
        NotBegun: A resource that it needs was not made; nothing was sent.
        GatewayError: Azure refused it.
    """
    spent = Spent()
    wanted, vm = vm_wanted(run, step)
    deadline = Deadline.of(step, run.clock)
    began = run.clock.now()
    with told_on_failure(spent):
        require_mendable(run, vm)
        require_made(run, wanted, vm)
        how = await bring_about(run, step, _enabling(run, wanted, vm), deadline, spent)
        with counted(spent, "cloud", run.clock):
            item = await _protected(run, step, wanted, vm, deadline)
        await _require_group(run, wanted, vm, item)
        if missing_disks(vm, item):
            await bring_about(run, step, _adding(run, wanted, vm, item), deadline, spent)
        await observe_item(run, vm.name, item, step.id)
    took = run.clock.now() - began
    facts = {"item_id": item.id, "how": how, "seconds_to_protected": round(took.total_seconds())}
    return Done(facts, spent)


async def _require_group(run: Run, wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> None:
    if vm.consistency_group is not None:
        lately = await run.gateway.items_lately(wanted.vault.ref, LOOK_EVERY / 2)
        require_one_group(vm, item, lately)


def _enabling(run: Run, wanted: Wanted, vm: VmWanted) -> Deed:
    this = item_id(wanted, vm)
    properties = enable_input(wanted, vm)

    async def look() -> Look:
        item = await item_now(run, wanted, vm)
        if item is None:
            return Look(there=False, fits=False, shown="not protected")
        require_as_enabled(run, wanted, vm, item)
        return Look(there=True, fits=not stands_failed(item), shown=item.protection_state)

    async def may_send() -> bool:
        await look()  # raises for an item that is another's; Azure refuses to make ours twice
        return True

    async def send() -> Accepted:
        return await run.gateway.enable_protection(this, properties)

    return Deed(
        act=ENABLE, kind="protected item", name=vm.name, id=this, scenario="EnableDr",
        about=vm.name, look=look, send=send, may_send=may_send,
        request={"item_id": this, "properties": properties}, expected=ENABLING_TAKES,
    )  # fmt: skip


def _adding(run: Run, wanted: Wanted, vm: VmWanted, item: ProtectedItem) -> Deed:
    disks = tuple(disk_input(disk) for disk in missing_disks(vm, item))

    async def look() -> Look:
        now = await item_now(run, wanted, vm)
        if now is None:
            return Look(there=False, fits=False, shown="not protected")
        require_as_enabled(run, wanted, vm, now)
        left = [disk.id for disk in missing_disks(vm, now)]
        shown = f"not replicated: {', '.join(left)}" if left else "every disk is replicated"
        return Look(there=True, fits=not left, shown=shown)

    async def may_send() -> bool:
        if (now := await item_now(run, wanted, vm)) is not None:
            await require_unclaimed(run, wanted, vm, now)  # raises for one that is another's
        return True

    async def send() -> Accepted:
        return await run.gateway.add_disks(item.id, disks)

    return Deed(
        act="add-disks", kind="disks of a protected item", name=vm.name, id=item.id,
        scenario="AddDisks", about=vm.name, look=look, send=send, may_send=may_send,
        request={"item_id": item.id, "disks": [disk["diskId"] for disk in disks]},
        expected=ADDING_TAKES, how="changed",
    )  # fmt: skip


async def _protected(
    run: Run, step: Step, wanted: Wanted, vm: VmWanted, deadline: Deadline
) -> ProtectedItem:
    """Follow the first copy to its end: proven by the item's state alone."""
    telling = _Telling(run, step, vm.name)
    while True:
        item = await _listed(run, wanted, vm)
        if item is None:
            raise StepFailed(
                f"The item of {vm.name} went away before it was protected",
                code="STEP-047",
                hint="Look at the vault's jobs: enabling failed, or somebody disabled it.",
            )
        await telling.tell(item)
        require_as_enabled(run, wanted, vm, item)
        if is_protected(item):
            return item
        if stands_failed(item):
            raise StepFailed(
                f"{vm.name} is not protected: {item.protection_state}, "
                f"{item.protection_state_description}",
                code="STEP-047",
                hint="Look at the item in the vault; disable it there, then replicate again.",
            )
        await _look_later(run, vm, item, deadline)


async def _look_later(run: Run, vm: VmWanted, item: ProtectedItem, deadline: Deadline) -> None:
    if not deadline.left():  # raises, with what was seen last
        await deadline.pause(LOOK_EVERY, f"{vm.name} to be Protected", item.protection_state)
    await pause(run, min(LOOK_EVERY, deadline.left()), f"The first copy of {vm.name}")


async def _listed(run: Run, wanted: Wanted, vm: VmWanted) -> ProtectedItem | None:
    """From the list that all VMs share: what is read does not grow with their number.

    That list may be older than the item; one that it lacks is asked for itself.
    """
    listed = await run.gateway.items_lately(wanted.vault.ref, LOOK_EVERY / 2)
    known = next((one for one in listed if same_id(one.source_vm_id, vm.source_vm_id)), None)
    return known or await item_now(run, wanted, vm)


class _Telling:
    """Journals how far a first copy is told to be: at each state, and now and then between."""

    def __init__(self, run: Run, step: Step, vm: str) -> None:
        self._run, self._step, self._vm = run, step, vm
        self._state, self._percent = "", 0.0
        self._at: datetime | None = None

    async def tell(self, item: ProtectedItem) -> None:
        now, percent = self._run.clock.now(), percent_of(item)
        is_news = (
            self._at is None
            or item.protection_state != self._state
            or abs((percent or 0.0) - self._percent) >= TELL_PERCENT
            or now - self._at >= TELL_EVERY
        )
        if not is_news:
            return
        self._state, self._percent, self._at = item.protection_state, percent or 0.0, now
        since = now if is_protected(item) else None
        await tell_item(self._run, self._step, self._vm, item, since)
