"""Only what runs of the same plan made in the vault is changed, and only what is the plan's to
protect: the journals say which that is.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from muster.errors import JournalError
from muster.gateway.ids import key_of
from muster.gateway.port import Gateway
from muster.journal.chain import read_run
from muster.journal.events import EventKind, Observed
from muster.journal.register import runs_of
from muster.journal.stores import Store
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.decision import Decide, Decision
from muster.replication.judgement import Judgement
from muster.replication.others_items import policy_heeding_others, without_others
from muster.runs.claims import claims_of_others
from muster.runs.enablings import enabled_by
from muster.settings import Settings

MADE = frozenset({"created", "changed"})
"""What the journal calls a thing that stands because a run of ours sent it."""
REMEDIES = {
    Kind.NETWORK_MAPPING: "A vault maps a network to a region once. Name the network that it is "
    "mapped to as `target: {network: ID}`, agree with whoever mapped it on another mapping, or "
    "name a vault of its own in the plan.",
    Kind.POLICY: "Name a policy of its own in the plan: `replication: {policy: {name: NAME}}`.",
}


def heeding_journals(decide: Decide, store: Store, settings: Settings) -> Decide:
    """Decide as before, and refuse to change a mapping or policy that no run of the plan made, or
    an item that is not the plan's.

    Args:
        decide: What reads Azure and decides.
        store: Where the journals of earlier runs are.
        settings: Against what this run is: what stands in the simulator is no part of Azure.
    """

    async def decided(gateway: Gateway, plan: RecoveryPlan, subscription: str) -> Decision:
        decision = await decide(gateway, plan, subscription)
        if decision.items:
            decision = await asyncio.to_thread(
                _heeding_items, decision, plan, subscription, store, settings
            )
        if not any(_is_change(one) for one in decision.changes):
            return decision
        own = await asyncio.to_thread(made_by, store, plan.plan, settings.target)
        changes = tuple(_refused(one) if _is_others(one, own) else one for one in decision.changes)
        return replace(decision, changes=changes)

    return decided


def _heeding_items(
    decision: Decision, plan: RecoveryPlan, subscription: str, store: Store, settings: Settings
) -> Decision:
    own = enabled_by(store, plan.plan, settings)
    claims = claims_of_others(store, plan.plan, settings, decision.items, own.enabled)
    decision = without_others(plan, subscription, decision, own.enabled, claims.claims)
    unread = tuple(_unread(one) for one in (*own.unread, *claims.unread))
    decision = replace(decision, told=(*decision.told, *unread))
    return policy_heeding_others(decision, own.enabled)


def _unread(sentence: str) -> tuple[str, Judgement]:
    remedy = "Look at it with `muster verify`: what it enabled is nobody's until it reads."
    return "journal", Judgement("unread", "tell", sentence, remedy, "")


def made_by(store: Store, plan: str, target: str) -> frozenset[str]:
    """Keys of the ids of everything that runs of a plan made.

    A run that cannot be read has made nothing: what rests on it is refused, never changed.
    """
    made: set[str] = set()
    for entry in runs_of(store, plan):
        try:
            events = read_run(store, entry.run)
        except JournalError:
            continue
        if not events or events[0].data.get("target") != target:
            continue
        made |= {
            key_of(str(event.data["id"]))
            for event in events
            if event.kind is EventKind.OBSERVED
            and event.data.get("what") == Observed.MADE.value
            and event.data["how"] in MADE
        }
    return frozenset(made)


def _is_change(change: Change) -> bool:
    return change.act is Act.CHANGE and change.kind in REMEDIES


def _is_others(change: Change, own: frozenset[str]) -> bool:
    return _is_change(change) and key_of(change.id or "") not in own


def _refused(change: Change) -> Change:
    why = f"{change.why}; no run of this plan made it, and what others made is not changed"
    return replace(change, act=Act.REFUSE, why=why, remedy=REMEDIES[change.kind])
