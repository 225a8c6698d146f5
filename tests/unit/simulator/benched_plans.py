"""A recovery plan on the bench: made, read, and where its copies stand."""

from __future__ import annotations

from typing import Any

from .bench import Bench
from .conftest import TARGET
from .planning import PLAN, plan_body

COPIES = f"{TARGET}/Microsoft.Compute/virtualMachines"
CLEANUP = {"properties": {"comments": "all done"}}


def planned(*groups: Any, **settings: Any) -> Bench:
    """A world with a plan of these groups."""
    bench = Bench(**settings)
    bench.send("PUT", PLAN, plan_body(*groups))
    bench.until_quiet()
    return bench


def plan_of(bench: Bench) -> Any:
    return bench.get(PLAN)["properties"]
