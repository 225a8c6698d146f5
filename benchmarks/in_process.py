"""Drills in one process with their Azure, in virtual time: what they cost in CPU, and how that
grows with the VMs. `make soak` has to come to 200 random drills of 50 VMs in 10 minutes on two
cores.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from benchmarks.rows import Row, line_of
from tests.soak.batches import run_batch
from tests.soak.generated import scenario_of
from tests.soak.judge import drill_and_judge

SEEDS, DRILLS, VMS = (1, 2), 5, 50
FEW, MANY = 25, 100


def figures() -> list[Row]:
    """Rows for `make bench`."""
    run_batch(0, (1, 1), 1)  # imports, keys and caches are not what is measured
    each = _spent(_random_drills) / (len(SEEDS) * DRILLS)
    few, many = _of_generated(FEW), _of_generated(MANY)
    return [
        (f"random drills of {VMS} VMs, in process: CPU each", f"{each:.1f} s", "6 s"),
        (
            f"generated world, in process: CPU per VM, {MANY} VMs over {FEW}",
            f"{many * 1000:.0f} ms / {few * 1000:.0f} ms = {many / few:.2f}",
            "1.5",
        ),
    ]


def _random_drills() -> None:
    """Drills of some seeds, each judged by every rule.

    Raises:
        SystemExit: One breaks a rule: figures of such a drill would be read as those of a good
            one.
    """
    for number in SEEDS:
        if failure := run_batch(number, (VMS, VMS), DRILLS, shrinking=False).failure:
            raise SystemExit(f"No figures: seed {number} breaks a rule.\n{failure[:2000]}")


def _of_generated(vms: int) -> float:
    """CPU seconds of one VM in the drill of a world of so many."""
    scenario = scenario_of(f"vms={vms},groups=5")
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return _spent(lambda: drill_and_judge(scenario)) / vms
    finally:
        logging.disable(before)


def _spent(work: Callable[[], object]) -> float:
    """CPU seconds of this process: another one that runs beside it hardly counts."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    for row in figures():
        print(line_of(row))
