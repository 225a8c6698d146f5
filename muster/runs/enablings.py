"""What a plan's own runs enabled, from the register of runs and their journals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from muster.errors import JournalError
from muster.gateway.parse import mapping, text_of
from muster.journal.chain import read_run
from muster.journal.facts import Intent
from muster.journal.register import runs_of
from muster.journal.state import RunState
from muster.journal.stores import Store
from muster.plan.actions import Operation
from muster.replication.holding import Enabled
from muster.runs.same_place import AnotherPlace, require_same_place
from muster.settings import Settings

ENABLE = "enable"
"""The act of `muster.steps.replicating.protect`, as it is journalled."""


@dataclass(frozen=True, slots=True)
class Enablings:
    """What was enabled, oldest first, and which journals did not tell."""

    enabled: tuple[Enabled, ...] = ()
    unread: tuple[str, ...] = ()  # sentences


def enabled_by(store: Store, plan: str, settings: Settings) -> Enablings:
    """What the runs of a plan enabled at the place that these settings name.

    A journal that does not read claims nothing: what it enabled stays, rather than that a broken
    line gives somebody else's item away.

    Raises:
        JournalError: The register itself does not read.
    """
    enabled: list[Enabled] = []
    unread: list[str] = []
    for entry in runs_of(store, plan):
        if entry.operation != Operation.REPLICATE.value:
            continue
        try:
            state = RunState.of(read_run(store, entry.run))
            require_same_place(state, settings)
        except AnotherPlace:
            continue
        except JournalError as err:
            unread.append(f"what run {entry.run} enabled is not known: {err.message}")
            continue
        enabled += _of_run(state)
    return Enablings(tuple(enabled), tuple(unread))


def _of_run(state: RunState) -> Iterator[Enabled]:
    for intent in state.intents.values():
        if intent.act == ENABLE:
            yield _enabled(intent, state.run)


def _enabled(intent: Intent, run: str) -> Enabled:
    properties: Mapping[str, Any] = mapping(intent.request.get("properties"))
    details = mapping(properties.get("providerSpecificDetails"))
    return Enabled(
        item_id=intent.subject,
        vm_id=text_of(details.get("fabricObjectId")),
        policy_id=text_of(properties.get("policyId")),
        group_id=text_of(details.get("recoveryResourceGroupId")),
        run=run,
    )
