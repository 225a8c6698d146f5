"""A small checkout: our flows and tasks, one plan, and the world that it is rehearsed in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.rehearsal.plans import write_plan
from tests.rehearsal.worlds import World, write_world
from tests.simulator_process import REPOSITORY


def make_checkout(plan: dict[str, Any], world: World, home: Path) -> Path:
    """Lay one out below `home`; answers its folder."""
    checkout = home / "checkout"
    for name in ("flows", "tasks"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=leave)
    write_plan(plan, checkout)
    name = plan["plan"].partition("-")[0]
    write_world({**world, "world": name}, checkout / "deployments" / "rehearsal")
    return checkout
