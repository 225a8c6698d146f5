"""What a plan's runs enabled or took for the plan's own, and have not ended since: from the
register of runs and their journals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from muster.errors import InputError, JournalError
from muster.gateway.ids import key_of, same_id
from muster.gateway.parse import mapping, text_of
from muster.gateway.values import VaultRef
from muster.journal.chain import read_run
from muster.journal.events import instant_of
from muster.journal.facts import Intent
from muster.journal.register import Entry, runs_of
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.plan.loader import plan_from_canonical
from muster.replication.claiming import Enabled, Judged
from muster.replication.terms import source_id
from muster.runs.same_place import AnotherPlace, require_same_place
from muster.settings import Settings
from muster.steps.replicating.claims import ENABLE
from muster.steps.whereabouts import vault_of

FAILED_JOBS = frozenset({"failed", "cancelled", "canceled"})


@dataclass(slots=True)
class Standing:
    """Claims of one plan, oldest enabling first; `unread` says which journals did not tell."""

    enabled: list[Enabled] = field(default_factory=list)
    judged: dict[str, Judged] = field(default_factory=dict)  # newest, by key of the VM's id
    unread: list[str] = field(default_factory=list)

    def drop(self, is_over: Callable[[str], bool]) -> None:
        """Forget what is claimed of VMs of whose key that holds."""
        self.enabled = [one for one in self.enabled if not is_over(key_of(one.vm_id))]
        self.judged = {vm: one for vm, one in self.judged.items() if not is_over(vm)}


def standing_of(
    store: Store, plan: str, settings: Settings, vault: VaultRef, *, is_own: bool
) -> Standing:
    """What the runs of a plan claim at the place that these settings name.

    A journal that does not read claims nothing: what it enabled stays, rather than that a broken
    line gives somebody else's item away.

    Args:
        store: Where the register and the journals are.
        plan: Whose runs.
        settings: Where the items are.
        vault: What a run took for its plan's own counts in this vault only.
        is_own: Another plan has given up what a later run of it leaves out; our own keeps what it
            enabled until it ends that.

    Raises:
        JournalError: The register itself does not read.
    """
    standing = Standing()
    for entry in runs_of(store, plan):
        if entry.operation not in (Operation.REPLICATE.value, Operation.DISABLE.value):
            continue
        try:
            state = RunState.of(read_run(store, entry.run))
            require_same_place(state, settings)
            _follow(standing, entry, state, settings, vault, is_own=is_own)
        except AnotherPlace:
            continue
        except (JournalError, InputError) as err:
            standing.unread.append(f"what run {entry.run} enabled is not known: {err.message}")
    return standing


def _follow(
    standing: Standing, entry: Entry, state: RunState, settings: Settings, vault: VaultRef,
    *, is_own: bool,
) -> None:  # fmt: skip
    """Go one run further."""
    if entry.operation == Operation.DISABLE.value:
        ended = frozenset(_ended(state))
        standing.drop(lambda vm: vm in ended)
        return
    enabled = list(_enabled_in(state))
    if state.canonical is None:  # its process died before it had begun
        return
    named = _named_in(state, settings, vault)
    if not is_own:
        selected = {key_of(str(one)) for one in (state.parameters.get("vms") or {}).values()}
        standing.drop(lambda vm: vm not in named and vm not in selected)
    at = instant_of(entry.opened_at)
    held = {key_of(one.vm_id) for one in enabled} | named.keys()
    for vm in held:
        standing.judged[vm] = Judged(named.get(vm, vm), state.run, entry.plan, at)
    standing.enabled += enabled


def _named_in(state: RunState, settings: Settings, vault: VaultRef) -> dict[str, str]:
    """VMs that a run's plan named, by key; none where its vault was another one.

    Raises:
        InputError: The plan is of another version of Muster.
    """
    plan = plan_from_canonical(state.canonical)
    places = mapping(mapping(state.opened.get("place")).get("subscriptions"))
    subscription = text_of(places.get("source")) or settings.subscription_or_error(
        plan.source.subscription
    )
    if not same_id(vault_of(plan, subscription).id, vault.id):
        return {}
    ids = [source_id(plan, vm, subscription) for vm in plan.all_vms]
    return {key_of(one): one for one in ids}


def _ended(state: RunState) -> Iterator[str]:
    """Keys of VMs whose protection a disable run ended, or found ended."""
    for step in state.opened.get("graph") or ():
        pin = mapping(state.parameters.get("items")).get(step["subject"])
        if step["kind"] == Operation.DISABLE.value and pin and state.is_finished(step["id"]):
            yield key_of(str(pin["vm_id"]))


def _enabled_in(state: RunState) -> Iterator[Enabled]:
    for intent in state.intents.values():
        if intent.act == ENABLE:
            yield _enabled(intent, state)


def _enabled(intent: Intent, state: RunState) -> Enabled:
    properties: Mapping[str, Any] = mapping(intent.request.get("properties"))
    details = mapping(properties.get("providerSpecificDetails"))
    return Enabled(
        item_id=intent.subject,
        vm_id=text_of(details.get("fabricObjectId")),
        policy_id=text_of(properties.get("policyId")),
        group_id=text_of(details.get("recoveryResourceGroupId")),
        run=state.run,
        plan=state.plan,
        at=intent.at,
        is_proven=_is_proven(intent, state),
    )


def _is_proven(intent: Intent, state: RunState) -> bool:
    """Whether Azure's answer took an enabling, and its job, as far as is known, did not fail."""
    if intent.accepted is None or intent.accepted.get("adopted"):
        return False
    key = key_of(text_of(intent.accepted.get("job_id")))
    jobs = (one for one in state.jobs.values() if key_of(one.job_id or "") == key)
    return not any(text_of(one.state).casefold() in FAILED_JOBS for one in jobs)
