"""The rooms of a vault and of its set-up, for the table of routes."""

from __future__ import annotations

from typing import Any

from muster.simulator.asr import (
    compute_sizes,
    container_mappings,
    containers,
    eligibility,
    events,
    extended_info,
    fabrics,
    intents,
    network_mappings,
    policies,
    provider_operations,
    providers,
    setup_jobs,
    supported_systems,
    vault_health,
    vault_settings,
    vaults,
)

SETUP_ROOMS: tuple[Any, ...] = (
    vaults,
    extended_info,
    setup_jobs,
    fabrics,
    containers,
    policies,
    container_mappings,
    network_mappings,
    vault_settings,
    vault_health,
    events,
    eligibility,
    providers,
    compute_sizes,
    supported_systems,
    provider_operations,
    intents,
)
