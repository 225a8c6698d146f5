"""What the end of a plan's replication removes: read from the vault, before a run is opened.

Neither the source VMs nor what the plan would replicate now decides, but the items that stand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster.errors import GatewayError
from muster.gateway.kinds import NotFound
from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem, VaultRef
from muster.journal.stores import Store
from muster.plan.model import RecoveryPlan
from muster.plan.where import SaidWrong
from muster.replication.found import Found
from muster.replication.holding import Held, held_by
from muster.replication.item_identity import identity_of
from muster.replication.listing_selected import vms_of_select
from muster.replication.primary_side import Refusal, being_removed, why_not_removed
from muster.replication.setting import Setting
from muster.runs.claims import claims_of
from muster.runs.nothing import NothingToReplicate
from muster.settings import Settings


@dataclass(frozen=True, slots=True)
class Release:
    """The items that the end of a replication is about."""

    plan: str
    region: str  # of the source
    vault: VaultRef
    held: tuple[Held, ...]
    unread: tuple[str, ...] = ()  # sentences: what was not seen, or is not touched
    run: str = ""  # the open run that pinned it; "" for one that is yet to begin
    gone: tuple[str, ...] = ()  # steps whose items that run pinned and that stand no more

    def stays(self, one: Held) -> Refusal | None:
        """Why an item is not removed, as things stand now; None for one that is."""
        return one.refusal or why_not_removed(one.item, self.region)

    def under_way(self, one: Held) -> str | None:
        """That an item which does not stay is being removed already, in words: nothing is sent
        to it, its end is waited for.
        """
        return None if self.stays(one) else being_removed(one.item)

    @property
    def is_whole(self) -> bool:
        """Whether nothing stays."""
        return not any(self.stays(one) for one in self.held)

    @property
    def vms(self) -> dict[str, str]:
        """Source VM's id by the name of its step."""
        return {one.name: one.item.source_vm_id for one in self.held}

    def pinned(self) -> dict[str, Mapping[str, Any]]:
        """What a run keeps of it, by the name of the step (JSON values): no step looks for an
        item of its own choice.
        """
        return {
            one.name: {
                **identity_of(one.item),
                "because": one.because,
                "refused": _pinned(one.refusal) if one.refusal else None,
            }
            for one in self.held
        }

    def said(self) -> str:
        """The list in one sentence, for the person who waits."""
        waits = [one.name for one in self.held if self.under_way(one)]
        goes = [one.name for one in self.held if not self.stays(one) and one.name not in waits]
        left = [f"{one.name} ({why.why})" for one in self.held if (why := self.stays(one))]
        removed = (
            f"The protection of {', '.join(goes)} is removed" if goes else "Nothing is removed"
        )
        stay = f"; these stay: {'; '.join(left)}" if left else ""
        waited = f"; being removed already, waited for: {', '.join(waits)}" if waits else ""
        gone = f"; not there any more: {', '.join(self.gone)}" if self.gone else ""
        return f"{removed}{waited}{stay}{gone}."


async def read_release(
    gateway: Gateway,
    plan: RecoveryPlan,
    settings: Settings,
    store: Store,
    folder: Path | None,
) -> Release:
    """The plan's items in its vault, read now; sends nothing.

    Args:
        gateway: Reads the vault.
        plan: Whose replication is to end.
        settings: Where that is.
        store: Holds the register of all plans' runs.
        folder: Where the plan's file lies, with other plans beside it; None: no files are read.

    Raises:
        NothingToReplicate: There is no such vault, or nothing of the plan in it.
        GatewayError: The vault's items cannot be read.
        JournalError: The register of runs does not read.
    """
    _, release = await read_items(gateway, plan, settings, store, folder)
    if not release.held:
        raise NothingToReplicate(
            f"Nothing of {plan.plan} is protected in vault {release.vault.name}",
            hint="The vault's replicated items tell what is; other vaults were not looked at.",
        )
    return release


async def read_items(
    gateway: Gateway,
    plan: RecoveryPlan,
    settings: Settings,
    store: Store,
    folder: Path | None,
) -> tuple[tuple[ProtectedItem, ...], Release]:
    """All items of the plan's vault, and what of them its end is about: perhaps nothing.

    Raises:
        As `read_release`.
    """
    subscription = settings.subscription_or_error(plan.source.subscription)
    vault = Setting(plan, Found(subscription)).vault.ref
    items = await _items(gateway, vault, plan)
    read = await asyncio.to_thread(claims_of, store, plan, settings, vault, folder)
    selected, unread = await _selected(gateway, plan, subscription)
    held = held_by(plan, subscription, items, read.claims, selected)
    unread = [*read.unread, *unread]
    return items, Release(plan.plan, plan.source.region, vault, held, tuple(unread))


async def _items(
    gateway: Gateway, vault: VaultRef, plan: RecoveryPlan
) -> tuple[ProtectedItem, ...]:
    try:
        return await gateway.protected_items(vault)
    except NotFound as err:
        raise NothingToReplicate(
            f"There is no vault {vault.name} in {vault.resource_group}: nothing of {plan.plan} is "
            "protected there",
            hint="Correct `vault` in the plan, if its VMs are protected by another one.",
        ) from err


async def _selected(
    gateway: Gateway, plan: RecoveryPlan, subscription: str
) -> tuple[list[str], list[str]]:
    """VMs that `replication.select` means; where nobody can say, that is told and stops nothing:
    what is only selected is not removed either way.
    """
    try:
        listed = await vms_of_select(gateway, plan, subscription)
    except (GatewayError, SaidWrong) as err:
        return [], [f"which VMs `replication.select` means is not known: {err.message}"]
    return [one.id for one in listed if (one.location or "").casefold() == plan.source.region], []


def _pinned(refusal: Refusal) -> dict[str, str]:
    return {"code": refusal.code, "why": refusal.why, "remedy": refusal.remedy}
