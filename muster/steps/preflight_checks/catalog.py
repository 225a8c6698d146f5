"""Every preflight check, in the order of its id. An id never changes its meaning."""

from __future__ import annotations

from muster.steps.preflight_checks import items, permissions, scripts, source, target, vault
from muster.steps.preflight_checks.check import PreflightCheck

AREAS = (items, permissions, scripts, source, target, vault)
"""Each names its rows in `CHECKS`, next to what judges them."""

CHECKS: tuple[PreflightCheck, ...] = tuple(
    sorted((check for area in AREAS for check in area.CHECKS), key=lambda check: check.id)
)
