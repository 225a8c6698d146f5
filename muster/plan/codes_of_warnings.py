"""The warnings of a recovery plan, which loads all the same: code, what it says, what to do."""

from __future__ import annotations

from muster.plan.sizes import WRITE_X64

WARNINGS: tuple[tuple[str, str, str], ...] = (
    (
        "PLAN-100",
        "an action does not say what it touches",
        "Add `touches: test`, `production` or `nothing`; undeclared, it never runs in a drill.",
    ),
    (
        "PLAN-101",
        "a check permits more data loss than the objective",
        "Lower `at_most` to `objectives.rpo`, else a passed check may hide a missed objective.",
    ),
    (
        "PLAN-102",
        "source and target are the same region",
        "Zone to zone protects from the loss of a zone, not of the region.",
    ),
    (
        "PLAN-103",
        "a script in a test copy is said to touch production",
        "It never runs in a drill; say `touches: test` if it changes nothing but its own VM.",
    ),
    (
        "PLAN-104",
        "an action that never runs",
        "It is limited to drills, and what touches production never runs in one.",
    ),
    (
        "PLAN-105",
        "a check that decides runs from an optional VM",
        "If that VM fails, the check is not evidenced and the drill fails: run it from a critical"
        " VM, or say `required: false`.",
    ),
    (
        "PLAN-106",
        "a public address that a drill never gives",
        "`public_ip` counts in failovers only; a test copy that gets one fails its drill.",
    ),
    (
        "PLAN-107",
        "a span for resuming that nothing uses",
        "This version goes on with no drill: a crashed one is cleaned up. Write `0m`, or leave it"
        " out.",
    ),
    (
        "PLAN-108",
        "a replication policy that Azure may not take",
        "Ask for an app-consistent point every 1h to 12h, or 0m for none: 24h is known to be"
        " refused, and where between them the bound lies is not.",
    ),
    (
        "PLAN-109",
        "a VM that two plans name for one vault",
        "Take it out of one of the two: what one enabled the other's runs refuse to change, and "
        "`--disable` of neither ends it.",
    ),
    (
        "PLAN-115",
        "a plan that is replicated and not drilled",
        "`muster replicate` takes it; `muster drill` refuses it (PLAN-050) until native mode comes"
        " with real failovers. Leave the group out and say `mode: orchestrated` to drill it.",
    ),
    (
        "PLAN-116",
        "a size of ARM64 for the copy of a VM",
        f"{WRITE_X64} `muster replicate` refuses such a VM (STEP-051), unless Azure tells that the"
        " size is of x64.",
    ),
)
