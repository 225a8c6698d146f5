"""What preflight sees: recall and precision over broken worlds; reads and seconds for 100 VMs."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, line_of
from benchmarks.startup import MUSTER
from muster.plan.actions import Operation
from tests.preflight.corpus import CASES, HEALTHY, Told, of_operation, precision, recall
from tests.preflight.looking import look_at

FIGURES, PLAN = "vms=100,groups=5", "fleet-1"
AN_HOUR = 3600 * 25
"""Reads that ARM gives one identity in a subscription in an hour, at 25 a second."""
SHARE, SECONDS = 0.05, 60


def figures() -> Iterator[Row]:
    """Rows for `make bench`."""
    yield from seen("preflight", Operation.DRILL, Operation.FAILOVER)
    yield from seen("preflight of a replication", Operation.REPLICATE)
    found = fleet()
    what = f"preflight, {FIGURES}"
    yield f"{what}: on the wall", f"{found['took_seconds']:.1f} s", f"{SECONDS} s"
    share = found["reads"] / AN_HOUR
    yield f"{what}: reads", f"{found['reads']} ({share:.2%} of an hour's)", f"{SHARE:.0%}"


def seen(what: str, *operations: Operation) -> Iterator[Row]:
    """How well the worlds of these operations are named, and what whole ones are told."""
    cases, whole = of_operation(CASES, *operations), of_operation(HEALTHY, *operations)
    told = [Told(case, look_at(case)) for case in cases]
    alarms = sum(len(look_at(case).not_passed) for case in whole)
    yield f"{what}, {len(cases)} broken worlds: recall", f"{recall(told):.3f}", "1"
    yield f"{what}, {len(cases)} broken worlds: precision", f"{precision(told):.3f}", "1"
    yield f"{what}, {len(whole)} healthy worlds: false alarms", str(alarms), "0"


def fleet() -> dict[str, Any]:
    """A look at a generated plan of 100 VMs, over TLS, as JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "fleet"
        asked = [MUSTER, "simulate", "--generate", FIGURES, "--into", str(folder)]
        subprocess.run(asked, check=True, capture_output=True)
        run = subprocess.run(
            [MUSTER, "preflight", PLAN, "--rehearse", "--json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    if not run.stdout:
        raise SystemExit(f"No figures: {run.stderr}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


if __name__ == "__main__":
    for row in figures():
        print(line_of(row), flush=True)
