"""What a plan's runs enabled or took for the plan's own, and have not ended since: from the
register of runs and their journals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from muster.errors import InputError
from muster.gateway.ids import key_of, same_id
from muster.gateway.parse import mapping, text_of
from muster.gateway.values import VaultRef
from muster.journal.events import Event, EventKind, Observed, instant_of
from muster.journal.register import Entry
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import plan_from_canonical
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Kind
from muster.replication.claims_made import Doubt, Enabled, Judged
from muster.replication.terms import source_id
from muster.runs.enablings import enablings_of
from muster.runs.request import ALSO_MEANS
from muster.runs.same_place import AnotherPlace, require_same_place
from muster.runs.trusted_runs import Trusted, TrustedRuns
from muster.settings import Settings
from muster.steps.whereabouts import vault_of

_REFUSED_LATE = "STEP-051"
_OF_ONE_VM = frozenset({Kind.VM.value, Kind.DISKS.value})


@dataclass(slots=True)
class Standing:
    """Claims of one plan, oldest enabling first, and what its evidence may hide."""

    plan: str
    enabled: list[Enabled] = field(default_factory=list)
    perhaps: list[Enabled] = field(default_factory=list)  # asked for, and not known to be taken
    judged: dict[str, Judged] = field(default_factory=dict)  # newest, by key of the VM's id
    doubts: list[Doubt] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)  # sentences: runs of another place
    runs: list[Trusted] = field(default_factory=list)  # those that tell, whatever their place
    renamed: dict[str, datetime] = field(default_factory=dict)  # since when it is `formerly` what

    @property
    def unread(self) -> list[str]:
        """Sentences: which evidence did not tell, and what was passed over."""
        return [*(one.told for one in self.doubts), *self.passed]

    def forget(self, keys: Set[str]) -> None:
        """Drop what is claimed of VMs by the keys of their ids."""
        claimed = {key_of(one.vm_id) for one in (*self.enabled, *self.perhaps)}
        self._keep(claimed.union(self.judged).difference(keys))
        self.doubts = [one.without(keys) for one in self.doubts]

    def keep_only(self, keys: Set[str]) -> None:
        """Drop what is claimed of all other VMs."""
        self._keep(keys)
        narrower = (one.within(keys) for one in self.doubts)
        self.doubts = [one for one in narrower if one.only]

    def doubt(self, doubt: Doubt) -> None:
        """Take in what may hide an end, too: what was enabled before needs proof of its own."""
        self.doubts.append(doubt)
        self.enabled = [replace(one, needs_proof=True) for one in self.enabled]

    def _keep(self, keys: Set[str]) -> None:
        self.enabled = [one for one in self.enabled if key_of(one.vm_id) in keys]
        self.perhaps = [one for one in self.perhaps if key_of(one.vm_id) in keys]
        self.judged = {vm: one for vm, one in self.judged.items() if vm in keys}


@dataclass(frozen=True, slots=True)
class Span:
    """Runs of a plan that were opened within it; None: without bound."""

    since: datetime | None = None
    before: datetime | None = None
    never: bool = False  # none at all

    def holds(self, one: Trusted | Doubt) -> bool:
        """Whether it is of one of them; a doubt without a time may be."""
        at = one.at if isinstance(one, Doubt) else instant_of(one.entry.opened_at)
        if at is None or self.never:
            return not self.never
        return (self.since is None or at >= self.since) and (
            self.before is None or at < self.before
        )


ALWAYS = Span()


def standing_of(
    store: Store | TrustedRuns,
    plan: str,
    settings: Settings,
    vault: VaultRef,
    *,
    is_own: bool,
    span: Span = ALWAYS,
) -> Standing:
    """What the runs of a plan claim at the place that these settings name.

    What a journal hides that does not read is a doubt: another plan's items may be among them, so
    that a broken line gives none of them away; our own need proof by then.

    Args:
        store: Where the register and the journals are.
        plan: Whose runs.
        settings: Where the items are.
        vault: What a run took for its plan's own counts in this vault only.
        is_own: Another plan has given up what a later run of it means no more; our own keeps what
            it enabled until it ends that.
        span: Only runs that were opened then.
    """
    runs = store if isinstance(store, TrustedRuns) else TrustedRuns(store)
    standing = Standing(plan)
    for one in runs.of_plan(plan):
        if not span.holds(one):
            continue
        if isinstance(one, Doubt):
            standing.doubt(one)
            continue
        try:
            _follow(standing, one, settings, vault, is_own=is_own)
        except InputError as err:
            standing.doubt(_of_another_version(one.entry, err))
    return standing


def _of_another_version(entry: Entry, err: InputError) -> Doubt:
    remedy = (
        f"Read it with the Muster that wrote it, or run `muster replicate {entry.plan}` again."
    )
    return Doubt(entry.plan, f"run {entry.run}", err.message, remedy, instant_of(entry.opened_at))


def _follow(
    standing: Standing, one: Trusted, settings: Settings, vault: VaultRef, *, is_own: bool
) -> None:
    """Go one run further.

    Raises:
        InputError: The plan is of another version of Muster.
    """
    entry, state = one.entry, RunState.of(one.events)
    standing.runs.append(one)
    try:
        require_same_place(state, settings)
    except AnotherPlace as err:
        _passed_over(standing, state, settings, vault, err)
        return
    if entry.operation == Operation.DISABLE.value:
        standing.forget(frozenset(_ended(state)))
        return
    if state.canonical is None:  # its process died before it had begun
        return
    plan = plan_from_canonical(state.canonical)
    named = _named_in(plan, state, settings)
    for name in plan.formerly if is_own else ():
        standing.renamed.setdefault(name, instant_of(entry.opened_at))
    meant = _meant_in(plan, state, named)
    if not is_own and meant is not None:
        standing.keep_only(meant)
    _take(standing, one, state, named if _is_in(plan, state, settings, vault) else {})


def _take(standing: Standing, one: Trusted, state: RunState, named: dict[str, str]) -> None:
    """What the run enabled, and which VMs it took for its plan's own: none that it refused."""
    entry = one.entry
    found = enablings_of(one.events, entry.run, entry.plan)
    ids = {**{key_of(sure.vm_id): sure.vm_id for sure in found.sure}, **named}
    refused = _refused_in(one.events, state)
    at = instant_of(entry.opened_at)
    for vm, vm_id in ids.items():
        if refused is not None and vm.rpartition("/")[2] not in refused:
            standing.judged[vm] = Judged(vm_id, entry.run, entry.plan, at)
    standing.enabled += found.sure
    standing.perhaps += found.perhaps


def _passed_over(
    standing: Standing, state: RunState, settings: Settings, vault: VaultRef, err: AnotherPlace
) -> None:
    """Tell of runs that worked on Azure under another address, in a vault of the same id. A
    simulator's world ends with it.
    """
    if state.target != settings.target or state.target != "azure" or state.canonical is None:
        return
    if _is_in(plan_from_canonical(state.canonical), state, settings, vault):
        standing.passed.append(f"run {state.run} was passed over: {err.message}")


def _is_in(plan: RecoveryPlan, state: RunState, settings: Settings, vault: VaultRef) -> bool:
    return same_id(vault_of(plan, _source(plan, state, settings)).id, vault.id)


def _named_in(plan: RecoveryPlan, state: RunState, settings: Settings) -> dict[str, str]:
    """VMs that a run's plan named, by key."""
    subscription = _source(plan, state, settings)
    ids = [source_id(plan, vm, subscription) for vm in plan.all_vms]
    return {key_of(one): one for one in ids}


def _source(plan: RecoveryPlan, state: RunState, settings: Settings) -> str:
    places = mapping(mapping(state.opened.get("place")).get("subscriptions"))
    return text_of(places.get("source")) or settings.subscription_or_error(
        plan.source.subscription
    )


def _meant_in(plan: RecoveryPlan, state: RunState, named: dict[str, str]) -> Set[str] | None:
    """Keys of the VMs that a run's plan meant, also where the run left them for their state; None
    where that is not known: a Muster opened it that kept only what it chose.
    """
    select = plan.replication.select
    if not (select.tags or select.resource_groups):
        return named.keys()
    if ALSO_MEANS not in state.parameters:
        return None
    chosen = mapping(state.parameters.get("vms")).values()
    also = state.parameters[ALSO_MEANS]
    return named.keys() | {key_of(str(one)) for one in (*chosen, *also)}


def _refused_in(events: Sequence[Event], state: RunState) -> Set[str] | None:
    """Folded names of VMs that a run refused; None where its survey came to no end."""
    surveyed = [
        one.data
        for one in events
        if one.kind is EventKind.OBSERVED and one.data.get("what") == Observed.WANTED.value
    ]
    if not surveyed:
        return None
    early = {
        str(change["name"]).casefold()
        for change in surveyed[-1].get("changes", ())
        if change["kind"] in _OF_ONE_VM and change["act"] == Act.REFUSE.value
    }
    late = {
        str(step["subject"]).casefold()
        for step in state.opened.get("graph") or ()
        if (ended := state.steps.get(step["id"])) and ended.status == "failed"
        and mapping(ended.error).get("code") == _REFUSED_LATE
    }  # fmt: skip
    return early | late


def _ended(state: RunState) -> Iterator[str]:
    """Keys of VMs whose protection a disable run ended, or found ended."""
    for step in state.opened.get("graph") or ():
        pin = mapping(state.parameters.get("items")).get(step["subject"])
        if step["kind"] == Operation.DISABLE.value and pin and state.is_finished(step["id"]):
            yield key_of(str(pin["vm_id"]))
