"""The list of a run that was left open, held against what stands now: nothing comes to it.

What is no longer what was shown, or no longer the plan's, stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from muster.gateway.ids import key_of, same_id
from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.loader import plan_from_canonical
from muster.plan.model import RecoveryPlan
from muster.replication.claiming import FOREIGN
from muster.replication.found import Found
from muster.replication.holding import Held
from muster.replication.item_identity import ANOTHER, why_another
from muster.replication.primary_side import Refusal
from muster.replication.setting import Setting
from muster.runs.nothing import NothingToReplicate
from muster.runs.releasing import Release, read_items
from muster.settings import Settings
from muster.steps.replicating.disable import ITEMS

Pins = Mapping[str, Mapping[str, Any]]


async def read_again(
    gateway: Gateway,
    state: RunState,
    settings: Settings,
    store: Store,
    folder: Path | None,
) -> Release:
    """What an open run pinned, as it stands now; sends nothing.

    Raises:
        GatewayError: The vault's items cannot be read.
        JournalError: The register of runs does not read.
        InputError: The run is of another version of Muster.
    """
    plan = plan_from_canonical(state.canonical)
    try:
        items, now = await read_items(gateway, plan, settings, store, folder)
    except NothingToReplicate:
        items, now = (), _nothing(plan, settings)
    pins: Pins = state.parameters.get(ITEMS) or {}
    found = {name: _item(pin, items) for name, pin in pins.items()}
    held = [_held(name, pins[name], item, now) for name, item in found.items() if item]
    return Release(
        plan.plan, plan.source.region, now.vault, tuple(held),
        unread=(*now.unread, *_come_since(now, held)),
        run=state.run,
        gone=tuple(name for name, item in found.items() if item is None),
    )  # fmt: skip


def pins_of(state: RunState, release: Release) -> dict[str, Mapping[str, Any]]:
    """The run's list, with what is refused now besides what was refused when it was shown."""
    pins: Pins = state.parameters.get(ITEMS) or {}
    told = release.pinned()
    return {
        name: {**pin, "refused": told[name]["refused"]} if name in told else pin
        for name, pin in pins.items()
    }


def _nothing(plan: RecoveryPlan, settings: Settings) -> Release:
    subscription = settings.subscription_or_error(plan.source.subscription)
    vault = Setting(plan, Found(subscription)).vault.ref
    return Release(plan.plan, plan.source.region, vault, ())


def _item(pin: Mapping[str, Any], items: Sequence[ProtectedItem]) -> ProtectedItem | None:
    """The item of that id; where there is none, the one that protects its VM now."""
    same = [one for one in items if same_id(one.id, str(pin["item_id"]))]
    of_vm = (one for one in items if same_id(one.source_vm_id, str(pin["vm_id"])))
    return next(iter([*same, *of_vm]), None)


def _held(name: str, pin: Mapping[str, Any], item: ProtectedItem, now: Release) -> Held:
    return Held(name, item, str(pin["because"]), _refusal(pin, item, now))


def _refusal(pin: Mapping[str, Any], item: ProtectedItem, now: Release) -> Refusal | None:
    if refused := pin.get("refused"):
        return Refusal(str(refused["code"]), str(refused["why"]), str(refused["remedy"]))
    if why := why_another(pin, item):
        return Refusal(ANOTHER, f"its item is not the one that was shown: {why}", LOOK)
    held = (one for one in now.held if same_id(one.item.id, item.id))
    if (one := next(held, None)) is None:
        return Refusal(FOREIGN, "nothing shows any more that it is this plan's", LOOK)
    return one.refusal


LOOK = (
    "Let this run come to its end; then look at it with `muster replicate PLAN --disable "
    "--plan-only`, and disable again."
)


def _come_since(now: Release, held: Sequence[Held]) -> Iterator[str]:
    """Items that the plan's end would be about, and that the run did not begin with."""
    known = {key_of(one.item.id) for one in held}
    for one in now.held:
        if key_of(one.item.id) not in known:
            yield (
                f"{one.name} is protected, too, and was not in the list that the run began with: "
                "it is not touched now"
            )
