"""What plans claim of the VMs in a vault: the register of runs and the plans' folder, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from muster.gateway.ids import key_of, same_id
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.journal.register import plans_of
from muster.journal.stores import Store
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPlan
from muster.replication.claiming import Claims, Named
from muster.replication.terms import source_id
from muster.runs.plans_beside import Beside, plans_beside, vms_of
from muster.runs.standing_claims import Standing, standing_of
from muster.settings import Settings
from muster.steps.whereabouts import vault_of


@dataclass(frozen=True, slots=True)
class Read:
    """Claims, and what did not tell of any."""

    claims: Claims
    journals: tuple[str, ...] = ()  # sentences about runs that do not read
    files: tuple[str, ...] = ()  # sentences about plans that do not load

    @property
    def unread(self) -> tuple[str, ...]:
        """Everything that was not seen, as sentences."""
        return (*self.journals, *self.files)


def claims_of(
    store: Store, plan: RecoveryPlan, settings: Settings, vault: VaultRef, folder: Path | None
) -> Read:
    """What a plan's own runs enabled, and what other plans claim in its vault.

    Args:
        store: Holds the register of all plans' runs.
        plan: Whose replication is to begin, or to end.
        settings: Where the items are.
        vault: The plan's.
        folder: Where the plan's file lies, with other plans beside it; None: no files are read.

    Raises:
        JournalError: The register does not read: no run can be opened beside it, either.
    """
    subscription = settings.subscription_or_error(plan.source.subscription)
    beside = plans_beside(folder, plan.plan) if folder else Beside()
    own = standing_of(store, plan.plan, settings, vault, is_own=True)
    others = [
        standing_of(store, name, settings, vault, is_own=False)
        for name in plans_of(store)
        if name != plan.plan
    ]
    for other in others:
        _drop_given_up(other, plan, beside, subscription)
    claims = Claims(
        own=tuple(own.enabled),
        own_judged=tuple(own.judged.values()),
        named=tuple(_named(beside.plans, subscription, vault)),
        others=tuple(one for other in others for one in other.enabled),
        others_judged=tuple(one for other in others for one in other.judged.values()),
    )
    journals = tuple(sentence for one in (own, *others) for sentence in one.unread)
    return Read(claims, journals, beside.unread)


async def claimed_items(
    gateway: Gateway,
    store: Store,
    plan: RecoveryPlan,
    settings: Settings,
    vault: VaultRef,
    folder: Path | None,
) -> Mapping[str, str]:
    """Whose the items of a vault are that other plans' runs enabled last: in words, by key of id.

    What another plan's file merely names is not among them: that is told, and stops no VM that a
    run has pinned.

    Raises:
        JournalError: The register does not read.
        GatewayError: The vault cannot be read.
    """
    if await gateway.vault(vault) is None:
        return {}
    items = await gateway.protected_items(vault)
    read = await asyncio.to_thread(claims_of, store, plan, settings, vault, folder)
    claimed = ((item, read.claims.enabled_by_another(item)) for item in items)
    return {key_of(item.id): claim.said for item, claim in claimed if claim is not None}


def _named(plans: Sequence[LoadedPlan], subscription: str, vault: VaultRef) -> list[Named]:
    """A plan of another vault claims nothing of this one: its VMs are to move there."""
    return [
        Named(vm_id, loaded.plan.plan, loaded.path.name)
        for loaded in plans
        if same_id(vault_of(loaded.plan, _home(loaded, subscription)).id, vault.id)
        for _, vm_id in vms_of(loaded, subscription)
    ]


def _home(loaded: LoadedPlan, subscription: str) -> str:
    return loaded.plan.source.subscription or subscription


def _drop_given_up(other: Standing, plan: RecoveryPlan, beside: Beside, subscription: str) -> None:
    """A VM that our plan names and the other one's file names no more was handed over to us; one
    that selects may still mean it.
    """
    ours = {key_of(source_id(plan, vm, subscription)) for vm in plan.all_vms}
    claimed = {one.plan for one in other.enabled} | {one.plan for one in other.judged.values()}
    for loaded in beside.plans:
        select = loaded.plan.replication.select
        if loaded.plan.plan not in claimed or select.tags or select.resource_groups:
            continue
        given = ours - {key for key, _ in vms_of(loaded, subscription)}
        other.drop(given.__contains__)
