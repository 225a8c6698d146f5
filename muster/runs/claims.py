"""What plans claim of the VMs in a vault: the register of runs and the plans' folder, at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from muster.gateway.ids import key_of, same_id
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


def claims_of(
    store: Store, plan: RecoveryPlan, settings: Settings, vault: VaultRef, folder: Path | None
) -> tuple[Claims, tuple[str, ...]]:
    """What a plan's own runs enabled, and what other plans claim in its vault.

    Args:
        store: Holds the register of all plans' runs.
        plan: Whose replication is to end.
        settings: Where the items are.
        vault: The plan's.
        folder: Where the plan's file lies, with other plans beside it; None: no files are read.

    Returns:
        The claims, and sentences about what was not seen.

    Raises:
        JournalError: The register does not read.
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
    unread = [sentence for one in (own, *others) for sentence in one.unread]
    return claims, (*unread, *beside.unread)


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
