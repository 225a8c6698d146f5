"""Where a run works, by what it was opened with: today's defaults may be others."""

from __future__ import annotations

from dataclasses import replace

from muster.gateway.values import VaultRef
from muster.journal.state import RunState
from muster.plan.model import RecoveryPlan
from muster.settings import Settings
from muster.steps.whereabouts import vault_of


def pinned_subscription(state: RunState, role: str) -> str | None:
    """The subscription that a run was opened with for `source`, `target` or `vault`; None where
    it pinned none.
    """
    place = state.opened.get("place") or {}
    return (place.get("subscriptions") or {}).get(role)


def source_subscription(state: RunState, plan: RecoveryPlan, settings: Settings) -> str:
    """Subscription of a run's source.

    Raises:
        SettingsError: Neither the run, nor the plan, nor the settings name one.
    """
    pinned = pinned_subscription(state, "source")
    return pinned or settings.subscription_or_error(plan.source.subscription)


def vault_of_run(state: RunState, plan: RecoveryPlan, settings: Settings) -> VaultRef:
    """The vault that a run works in.

    Raises:
        SettingsError: As `source_subscription`.
    """
    said = vault_of(plan, source_subscription(state, plan, settings))
    return replace(said, subscription=pinned_subscription(state, "vault") or said.subscription)
