"""The end of one VM's replication: its protection removed, and nothing else touched.

Which item, was pinned when the run opened; that it may go, is looked at again before each send.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from muster.compile.graph import Step
from muster.errors import Aborted, GatewayError, MusterError, StepFailed
from muster.gateway.ids import lies_in, parse_id, same_id
from muster.gateway.values import Accepted, ProtectedItem, VaultRef
from muster.replication.found import Found
from muster.replication.item_identity import ANOTHER, why_another
from muster.replication.primary_side import being_removed, why_not_removed
from muster.replication.setting import Setting
from muster.steps.context import Done, Run, Spent
from muster.steps.deadline import Deadline
from muster.steps.history import history_of
from muster.steps.replicating.deeds import Deed, Look, bring_about, tell
from muster.steps.replicating.items import tell_item
from muster.steps.replicating.removed_by_others import gone_by_others, require_not_under_way
from muster.steps.spending import told_on_failure

logger = logging.getLogger(__name__)

DISABLING_TAKES = timedelta(minutes=2)
CONFIRMED = "confirmed"
"""The run's parameter that holds what the person typed."""
ITEMS = "items"
"""The run's parameter that holds the list that was shown: which item it was, by name."""
_ACT, _OTHERS = "disable", "found under way"


async def disable(step: Step, run: Run) -> Done:
    """Remove a VM's protection. Its replica disks go with it, by Site Recovery's own hand; the
    source VM, networks, storage and the vault stay as they are.

    Raises:
        Aborted: The run carries no confirmation; nothing was sent.
        StepFailed: The item stays: its test failover waits for a cleanup (STEP-049), its VM has
            been failed over (STEP-054), it is not this plan's (STEP-055), or not what was shown
            when the run began (STEP-056). Or the job failed (STEP-042), or a removal that was
            under way already was given up (STEP-057).
        WaitEnded: A removal that was under way already took longer than the step's time.
        GatewayError: Azure refused it.
    """
    spent = Spent()
    _require_confirmed(step, run)
    pinned = _pinned(step, run)
    item_id = str(pinned["item_id"])
    with told_on_failure(spent):
        item = await _item(run, step, pinned)
        if item is None and not history_of(run, _ACT, item_id).ever_intended:
            await tell(run, step, "protected item", step.subject, item_id, "left alone",
                "it is not protected")  # fmt: skip
            return Done({"how": "left alone"}, spent)
        deadline = Deadline.of(step, run.clock)
        if item and being_removed(item) and not history_of(run, _ACT, item_id).ever_intended:
            await gone_by_others(run, step, item, deadline)
            await tell(run, step, "protected item", step.subject, item_id, _OTHERS,
                "an earlier run, or somebody else, had begun its removal")  # fmt: skip
            return Done({"how": _OTHERS, "item_id": item_id}, spent)
        try:
            how = await bring_about(run, step, _removing(run, step, pinned), deadline, spent)
        except MusterError:
            await _tell_how_it_stays(run, step, item_id)
            raise
    return Done({"how": how, "item_id": item_id}, spent)


async def _tell_how_it_stays(run: Run, step: Step, item_id: str) -> None:
    """Keep the state of an item that is not removed; that it cannot be read changes no error."""
    try:
        item = await run.gateway.protected_item(item_id)
    except GatewayError as err:
        logger.warning("How %s stays was not read: %s", step.subject, err)
        return
    if item is not None and not run.journal.is_fenced:
        await tell_item(run, step, step.subject, item)


def _require_confirmed(step: Step, run: Run) -> None:
    """What removes protection asks for a typed sentence, and looks for it here once more."""
    if run.parameters.get(CONFIRMED) != confirmation_for(run.plan.plan):
        raise Aborted(
            f"The replication of {step.subject} was not disabled: nobody confirmed it",
            hint=f'Confirm with exactly "{confirmation_for(run.plan.plan)}".',
        )


def confirmation_for(plan: str) -> str:
    """What a person types to end a plan's replication."""
    return f"disable {plan}"


def _pinned(step: Step, run: Run) -> Mapping[str, Any]:
    """What was shown of this VM when the run began.

    Raises:
        StepFailed: Nothing was; or the item was refused then.
    """
    pinned: Mapping[str, Any] | None = (run.parameters.get(ITEMS) or {}).get(step.subject)
    if pinned is None:
        raise StepFailed(
            f"This run has pinned no item of {step.subject} to remove",
            code=ANOTHER,
            hint=f"Once it has ended, run `muster replicate {run.plan.plan} --disable` "
            "again: a new run pins it anew.",
        )
    if refused := pinned.get("refused"):
        raise StepFailed(
            f"{step.subject} stays protected: {refused['why']}",
            code=str(refused["code"]),
            hint=str(refused["remedy"]),
        )
    return pinned


async def _item(run: Run, step: Step, pinned: Mapping[str, Any]) -> ProtectedItem | None:
    """The item that was shown, read now, if it may be removed; None if it is not there any more.

    Raises:
        StepFailed: It may not be removed, or what protects the VM now is not what was shown.
    """
    item = await run.gateway.protected_item(str(pinned["item_id"]))
    if item is None:
        await _require_unprotected(run, step, pinned)
        return None
    if why := why_another(pinned, item):
        raise _another(step, why)
    if refusal := why_not_removed(item, run.plan.source.region):
        raise StepFailed(
            f"{step.subject} stays protected: {refusal.why}",
            code=refusal.code,
            hint=refusal.remedy,
        )
    return item


async def _require_unprotected(run: Run, step: Step, pinned: Mapping[str, Any]) -> None:
    """An item that is not found under its id may have moved: reprotecting takes it to the
    container of the other side, under the name that it has.
    """
    place = parse_id(str(pinned["item_id"]))
    vault = VaultRef(place.subscription or "", place.resource_group or "", place.names[0])
    target = Setting(run.plan, Found(run.subscription)).target_group_id
    for one in await run.gateway.protected_items(vault):
        is_same_vm = same_id(one.source_vm_id, str(pinned["vm_id"]))
        is_same_name = one.name.casefold() == place.name.casefold()
        if is_same_vm or (is_same_name and lies_in(one.source_vm_id, target)):
            raise _another(step, f"item {one.id} stands in its place")


def _another(step: Step, why: str) -> StepFailed:
    return StepFailed(
        f"{step.subject} stays protected, for its item is not the one that was shown: {why}",
        code=ANOTHER,
        hint="Look at it with `muster replicate PLAN --disable --plan-only`, then disable again.",
    )


def _removing(run: Run, step: Step, pinned: Mapping[str, Any]) -> Deed:
    item_id = str(pinned["item_id"])
    about = str(pinned["vm_id"]).rpartition("/")[2]  # a step's name may bear a hash besides

    async def look() -> Look:
        now = await run.gateway.protected_item(item_id)
        if now is None:
            return Look(there=False, fits=True, shown="not protected")
        return Look(there=True, fits=False, shown=now.protection_state)

    async def may_send() -> bool:
        now = await _item(run, step, pinned)
        if now is not None:
            require_not_under_way(step, now)
        return now is not None

    async def send() -> Accepted:
        return await run.gateway.disable_protection(item_id)

    return Deed(
        act=_ACT, kind="protected item", name=step.subject, id=item_id,
        scenario="DisableDr", about=about, look=look, send=send, may_send=may_send,
        request={"item_id": item_id}, expected=DISABLING_TAKES, how="removed",
    )  # fmt: skip
