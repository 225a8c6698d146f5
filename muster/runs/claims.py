"""What plans claim of the VMs in a vault: the register of runs and the plans' folder, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from muster.gateway.ids import key_of, same_id
from muster.gateway.port import Gateway
from muster.gateway.values import ProtectedItem, VaultRef
from muster.journal.stores import Store
from muster.plan.loader import LoadedPlan
from muster.plan.model import RecoveryPlan
from muster.replication.claiming import Claims, Doubt, Named
from muster.replication.terms import source_id
from muster.runs.plans_beside import Beside, home_of, plans_beside, vms_of
from muster.runs.renamed import Renamed, renamed_of
from muster.runs.standing_claims import Standing, standing_of
from muster.runs.trusted_runs import Trusted, TrustedRuns
from muster.settings import Settings
from muster.steps.whereabouts import vault_of


@dataclass(frozen=True, slots=True)
class Read:
    """Claims, and what did not tell of any."""

    claims: Claims
    journals: tuple[Told, ...] = ()  # of evidence that does not read, or was passed over
    files: tuple[str, ...] = ()  # sentences about plans that do not load
    own_runs: tuple[Trusted, ...] = ()  # of the plan, under whichever of its names

    @property
    def unread(self) -> tuple[str, ...]:
        """Everything that was not seen, as sentences, with what to do."""
        return (*(one.whole for one in self.journals), *self.files)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence about evidence, and what to do."""

    said: str
    remedy: str

    @property
    def whole(self) -> str:
        """Both, without the last full stop."""
        return f"{self.said}. {self.remedy}".removesuffix(".")


def claims_of(
    store: Store | TrustedRuns,
    plan: RecoveryPlan,
    settings: Settings,
    vault: VaultRef,
    folder: Path | None,
) -> Read:
    """What a plan's own runs enabled, and what other plans claim in its vault.

    Args:
        store: Holds the register of all plans' runs.
        plan: Whose replication is to begin, or to end.
        settings: Where the items are.
        vault: The plan's.
        folder: Where the plan's file lies, with other plans beside it; None: no files are read.
    """
    runs = store if isinstance(store, TrustedRuns) else TrustedRuns(store)
    subscription = settings.subscription_or_error(plan.source.subscription)
    beside = plans_beside(folder, plan.plan) if folder else Beside()
    own = standing_of(runs, plan.plan, settings, vault, is_own=True)
    renamed = renamed_of(plan, own.renamed, runs, beside)
    former = [
        standing_of(runs, name, settings, vault, is_own=True, span=span)
        for name, span in renamed.spans.items()
    ]
    others = [
        standing_of(runs, name, settings, vault, is_own=False, span=renamed.others_span(name))
        for name in runs.plans()
        if name != plan.plan
    ]
    for other in others:
        _drop_given_up(other, plan, beside, settings, subscription)
    mine, stray = [own, *former], tuple(runs.unregistered())
    return Read(
        _claims(mine, others, stray, beside, tuple(_named(beside.plans, settings, vault))),
        tuple(_told(*mine, *others, stray=stray, renamed=renamed)),
        beside.unread,
        tuple(run for this in (*former, own) for run in this.runs),
    )


def _claims(
    mine: Sequence[Standing],
    others: Sequence[Standing],
    stray: Sequence[Doubt],
    beside: Beside,
    named: tuple[Named, ...],
) -> Claims:
    names = {one.plan for one in mine}
    return Claims(
        own=tuple(one for this in mine for one in this.enabled),
        own_judged=tuple(one for this in mine for one in this.judged.values()),
        named=named,
        others=tuple(one for other in others for one in other.enabled),
        others_judged=tuple(one for other in others for one in other.judged.values()),
        perhaps=tuple(one for other in others for one in other.perhaps),
        doubts=(
            *(one for other in others for one in other.doubts),
            *(one for one in stray if one.plan not in names),
        ),
        beside=frozenset(one.plan.plan for one in beside.plans),
    )


def _told(*every: Standing, stray: Sequence[Doubt], renamed: Renamed) -> Iterator[Told]:
    for standing in every:
        yield from (Told(one.told, one.remedy) for one in standing.doubts)
        yield from (Told(one, PASSED_OVER) for one in standing.passed)
    yield from (Told(one.told, one.remedy) for one in stray)
    yield from (Told(one, NOT_RENAMED) for one in renamed.refused)


PASSED_OVER = "If it is the same Azure, use the settings that the run was started with."
NOT_RENAMED = "Take `formerly` out of the plan, or end what stands in its way."


async def claimed_items(
    gateway: Gateway,
    store: Store,
    plan: RecoveryPlan,
    settings: Settings,
    vault: VaultRef,
    folder: Path | None,
    say: Callable[[str], None] = lambda _: None,
) -> Mapping[str, str]:
    """Whose the items of a vault are that other plans' runs enabled last, or may have, as their
    evidence does not read: in words, by key of id. What was not seen is said.

    What another plan's file merely names is not among them: that is told, and stops no VM that a
    run has pinned.

    Raises:
        GatewayError: The vault cannot be read.
    """
    if await gateway.vault(vault) is None:
        return {}
    items = await gateway.protected_items(vault)
    read = await asyncio.to_thread(claims_of, store, plan, settings, vault, folder)
    for sentence in read.unread:
        say(sentence)
    return dict(_claimed(items, read.claims))


def _claimed(items: Sequence[ProtectedItem], claims: Claims) -> Iterator[tuple[str, str]]:
    """What another plan enabled last, and what it may have enabled."""
    for item in items:
        if claim := claims.enabled_by_another(item):
            yield key_of(item.id), claim.said
        elif unknown := claims.perhaps_of_another(item):
            yield key_of(item.id), unknown.why


def _named(plans: Sequence[LoadedPlan], settings: Settings, vault: VaultRef) -> Iterator[Named]:
    """A plan of another vault claims nothing of this one: its VMs are to move there."""
    for loaded in plans:
        if (home := home_of(loaded, settings)) and same_id(
            vault_of(loaded.plan, home).id, vault.id
        ):
            for _, vm_id in vms_of(loaded, home):
                yield Named(vm_id, loaded.plan.plan, loaded.path.name)


def _drop_given_up(
    other: Standing, plan: RecoveryPlan, beside: Beside, settings: Settings, subscription: str
) -> None:
    """A VM that our plan names and the other one's file names no more was handed over to us; one
    that selects may still mean it.
    """
    ours = {key_of(source_id(plan, vm, subscription)) for vm in plan.all_vms}
    for loaded in beside.plans:
        select = loaded.plan.replication.select
        home = home_of(loaded, settings)
        if loaded.plan.plan != other.plan or select.tags or select.resource_groups or not home:
            continue
        other.forget(ours - {key for key, _ in vms_of(loaded, home)})
