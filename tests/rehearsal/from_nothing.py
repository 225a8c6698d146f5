"""The checkout as it is delivered, at another place: its plans, its worlds, its flows."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.simulator_process import REPOSITORY

PLAN = "contoso-erp"
VMS = 7
SPEED = 240.0


def delivered_checkout(home: Path) -> Path:
    """A copy of what `muster … contoso-erp` needs, below `home`; answers its folder."""
    checkout = home / "checkout"
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("flows", "tasks", "recovery_plans", "deployments/rehearsal"):
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=leave)
    return checkout


def checkout_with_nothing_set_up(home: Path) -> Path:
    """The same for `muster up`: one plan, and one world, in which nothing is set up for it."""
    checkout = delivered_checkout(home)
    for plan in (checkout / "recovery_plans").glob("*.yaml"):
        if plan.stem != PLAN:
            plan.unlink()
    worlds = checkout / "deployments" / "rehearsal"
    for world in worlds.glob("*.world.yaml"):
        world.unlink()
    (worlds / "from-nothing" / "contoso.world.yaml").rename(worlds / "contoso.world.yaml")
    return checkout
