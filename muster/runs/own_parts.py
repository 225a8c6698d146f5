"""Only what runs of the same plan made in the vault is changed, and only what is the plan's to
protect: the journals say which that is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from muster.gateway.ids import key_of
from muster.gateway.port import Gateway
from muster.journal.events import Event, EventKind, Observed
from muster.journal.stores import Store
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.decision import Decide, Decision
from muster.replication.judgement import Judgement
from muster.replication.others_items import TWO_PLANS, policy_heeding_others, without_others
from muster.replication.wanted import NetworkMappingWanted
from muster.runs.claims import Read, claims_of
from muster.runs.trusted_runs import Trusted, TrustedRuns
from muster.settings import Settings
from muster.steps.replicating.vault_parts import MAP_NETWORKS
from muster.steps.whereabouts import vault_of

MADE = frozenset({"created", "changed"})
"""What the journal calls a thing that stands because a run of ours sent it."""
UNREAD = "unread"
"""The rule under which it is told what might have claimed VMs, and does not read."""
Ends = tuple[str, str]
"""Keys of the ids of the source's network and the target's."""
REMEDIES = {
    Kind.NETWORK_MAPPING: "A vault maps a network to a region once. Name the network that it is "
    "mapped to as `target: {network: ID}`, agree with whoever mapped it on another mapping and "
    "turn or remove it in the vault, or name a vault of its own in the plan.",
    Kind.POLICY: "Name a policy of its own in the plan: `replication: {policy: {name: NAME}}`.",
}


def heeding_journals(
    decide: Decide, store: Store, settings: Settings, folder: Path | None
) -> Decide:
    """Decide as before, and refuse to change a mapping or policy that no run of the plan made, or
    an item that is not the plan's.

    Args:
        decide: What reads Azure and decides.
        store: Where the journals of earlier runs are.
        settings: Against what this run is: what stands in the simulator is no part of Azure.
        folder: Where the plan's file lies, with other plans beside it; None: no files are read.
    """

    async def decided(gateway: Gateway, plan: RecoveryPlan, subscription: str) -> Decision:
        decision = await decide(gateway, plan, subscription)
        vault = vault_of(plan, subscription)
        runs = TrustedRuns(store)
        read = await asyncio.to_thread(claims_of, runs, plan, settings, vault, folder)
        decision = _heeding_items(decision, plan, subscription, read)
        if not any(_is_change(one) for one in decision.changes):
            return decision
        own = made_by(read.own_runs, settings.target)
        changes = tuple(_heeding(one, own) for one in decision.changes)
        return replace(decision, changes=changes)

    return decided


def _heeding_items(
    decision: Decision, plan: RecoveryPlan, subscription: str, read: Read
) -> Decision:
    decision = without_others(plan, subscription, decision, read.claims)
    unread = (
        *(("journal", _unread(one.said, one.remedy)) for one in read.journals),
        *(("plans beside", _unread(one, _MEND_FILE)) for one in read.files),
    )
    return policy_heeding_others(replace(decision, told=(*decision.told, *unread)), read.claims)


_MEND_FILE = "Look at it with `muster check`: a plan that does not load claims no VM."


def _unread(sentence: str, remedy: str) -> Judgement:
    return Judgement(UNREAD, "tell", sentence, remedy, "")


def warnings_of(decision: Decision) -> Iterator[str]:
    """What a run says of other plans before it sends anything, one sentence for each reason."""
    names: dict[Judgement, list[str]] = {}
    for name, judgement in decision.told:
        if judgement.rule in (TWO_PLANS, UNREAD):
            names.setdefault(judgement, []).append(name)
    for judgement, named in names.items():
        yield f"{', '.join(named)}: {judgement.why}. {judgement.remedy}"


@dataclass(frozen=True, slots=True)
class Made:
    """What runs of a plan made: keys of ids; and where each network mapping was made to lead."""

    ids: frozenset[str] = frozenset()
    led: Mapping[str, Ends] = field(default_factory=dict)


def made_by(runs: Sequence[Trusted], target: str) -> Made:
    """Everything that runs of a plan made.

    A run whose evidence does not hold is none of them: what rests on it is refused, not changed.
    """
    made: set[str] = set()
    led: dict[str, Ends] = {}
    for events in (run.events for run in runs):
        if events[0].data.get("target") != target:
            continue
        asked = dict(_asked(events))
        own = frozenset(_made(events))
        made |= own
        led |= {key: ends for key, ends in asked.items() if key in own}
    return Made(frozenset(made), led)


def _made(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        is_told = (
            event.kind is EventKind.OBSERVED and event.data.get("what") == Observed.MADE.value
        )
        if is_told and event.data["how"] in MADE:
            yield key_of(str(event.data["id"]))


def _asked(events: Sequence[Event]) -> Iterator[tuple[str, Ends]]:
    """Keys of network mappings that a run sent, and where each was to lead."""
    for event in events:
        if event.kind is EventKind.INTENDED and event.data["act"] == MAP_NETWORKS:
            here, there = event.data["request"]["networks"]
            yield key_of(str(event.data["subject"])), (key_of(here), key_of(there))


def _is_change(change: Change) -> bool:
    return change.act is Act.CHANGE and change.kind in REMEDIES


def _heeding(change: Change, own: Made) -> Change:
    """A change; or its refusal, where what stands there is not as a run of the plan made it."""
    if not _is_change(change):
        return change
    key = key_of(change.id or "")
    if key not in own.ids:
        return _refused(change, "no run of this plan made it, and what others made is not changed")
    if isinstance(change.wanted, NetworkMappingWanted) and own.led.get(key) != _leads(change):
        return _refused(
            change,
            "it does not lead where the last run of this plan had it lead: somebody turned it, or "
            "made it anew, since",
        )
    return change


def _leads(change: Change) -> Ends | None:
    """Where a network mapping leads now, that is to be turned."""
    wanted = change.wanted
    if not isinstance(wanted, NetworkMappingWanted):
        return None
    now = {one.name: one.before or "" for one in change.fields}
    return (
        key_of(now.get("source network", wanted.source_network_id)),
        key_of(now.get("target network", wanted.target_network_id)),
    )


def _refused(change: Change, why: str) -> Change:
    said = f"{change.why}; {why}"
    return replace(change, act=Act.REFUSE, why=said, remedy=REMEDIES[change.kind])
