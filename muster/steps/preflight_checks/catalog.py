"""Every preflight check, in the order of its id. An id never changes its meaning."""

from __future__ import annotations

from muster.steps.preflight_checks import (
    agents,
    automation,
    caches,
    capacity,
    disks,
    drift,
    items,
    left_overs,
    network,
    outbound,
    own_settings,
    permissions,
    plan,
    planned,
    points,
    readiness,
    replicating,
    rules,
    scripts,
    seclusion,
    selected,
    source,
    target,
    vault,
)
from muster.steps.preflight_checks.check import PreflightCheck

AREAS = (
    *(
        plan,
        permissions,
        vault,
        items,
        agents,
        drift,
        points,
        source,
        disks,
        outbound,
        caches,
        capacity,
    ),
    *(target, network, seclusion, scripts, automation, rules, left_overs, readiness, selected),
    *(own_settings, planned, replicating),
)
"""Each names its rows in `CHECKS`, next to what judges them."""

CHECKS: tuple[PreflightCheck, ...] = tuple(
    sorted((check for area in AREAS for check in area.CHECKS), key=lambda check: check.id)
)
