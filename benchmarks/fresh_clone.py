"""Fresh clone to finished report, as a new user: an empty home, `make drill`, nothing else."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row

ROOT = Path(__file__).parents[1]


def figures() -> list[Row]:
    """Row: wall seconds from `git clone` to the end of `make drill`."""
    with tempfile.TemporaryDirectory() as folder:
        home, clone = Path(folder, "home"), Path(folder, "clone")
        home.mkdir()
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("MUSTER_", "AZURE_", "PREFECT_", "VIRTUAL_ENV"))
        }
        environment = kept | {"HOME": str(home)}
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        subprocess.run(
            ["make", "install"], cwd=clone, env=environment, check=True, capture_output=True
        )
        installed = time.perf_counter()
        run = subprocess.run(
            ["make", "drill"],
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        ended = time.perf_counter()
        reports = list((clone / "evidence").glob("runs/*/report.html"))
    if run.returncode != 0 or not reports:
        raise SystemExit(
            f"make drill ended with {run.returncode}:\n{run.stdout[-1500:]}\n{run.stderr[-1500:]}"
        )
    return [
        ("fresh clone: install", f"{installed - began:.0f} s", ""),
        ("fresh clone: make drill once installed (first run)", f"{ended - installed:.0f} s", ""),
        ("fresh clone to finished report", f"{ended - began:.0f} s", "180 s"),
    ]
