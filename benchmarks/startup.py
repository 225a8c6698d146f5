"""How long a person waits for `muster --help` and `muster check`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.rows import Row

MUSTER = str(Path(sys.executable).with_name("muster"))


def median_seconds(*arguments: str, times: int = 7) -> float:
    """Median wall time of a command, seconds; the first run (cold caches) is left out."""
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        subprocess.run([MUSTER, *arguments], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


def bare_python_seconds(times: int = 7) -> float:
    """What an interpreter that does nothing costs here: the floor that the others stand on."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def figures() -> list[Row]:
    """Rows: what, figure, target."""
    floor = bare_python_seconds()
    rows = [("python -c pass", f"{floor:.3f} s", "")]
    for target, arguments in ((0.3, ["--help"]), (0.7, ["check", "contoso-erp"])):
        taken = median_seconds(*arguments)
        rows.append(
            (
                f"muster {' '.join(arguments)}",
                f"{taken:.3f} s ({taken / floor:.1f} x python)",
                f"{target} s",
            )
        )
    return rows
