"""A world of a thousand VMs: how long it takes to write, and to be ready with."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row, line_of
from benchmarks.startup import MUSTER

FIGURES = "vms=1000,groups=10,vaults=3"
WORLD = Path("deployments") / "rehearsal" / "fleet.world.yaml"


def figures() -> list[Row]:
    """Rows for `make bench`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "fleet"
        began = time.perf_counter()
        asked = [MUSTER, "simulate", "--generate", FIGURES, "--into", str(folder)]
        subprocess.run(asked, check=True, capture_output=True)
        written = time.perf_counter() - began
        ready, memory = _ready(folder)
    return [
        (f"generate {FIGURES}", f"{written:.1f} s", "5 s"),
        ("simulator ready with that world", f"{ready:.1f} s", "10 s"),
        ("simulator with that world: peak memory", f"{memory:.0f} MB", "300 MB"),
    ]


def _ready(folder: Path) -> tuple[float, float]:
    """Seconds until it accepts connections, and its peak resident memory by then, MB."""
    command = [MUSTER, "simulate", "--world", str(folder / WORLD)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--state", str(folder / "state")], stdout=subprocess.PIPE, text=True
    )
    try:
        line = (process.stdout or sys.stdin).readline()
        taken = time.perf_counter() - began
        if not line.startswith("ready "):
            raise SystemExit("No figures: the simulator did not start with the generated world.")
        status = Path(f"/proc/{process.pid}/status").read_text()
        return taken, int(status.partition("VmHWM:")[2].split()[0]) / 1024
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    for row in figures():
        print(line_of(row))
