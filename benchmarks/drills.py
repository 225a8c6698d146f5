"""What a rehearsed drill costs: wall time, Azure time over its critical path, CPU and ARM calls
per VM.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MUSTER = str(Path(sys.executable).with_name("muster"))


def rehearse(plan: str, folder: Path, *options: str) -> tuple[dict[str, Any], float]:
    """Drill a plan against the simulator; the JSON that it ends with, and wall seconds."""
    environment = os.environ | {"MUSTER_JOURNAL": str(folder / "evidence")}
    began = time.perf_counter()
    run = subprocess.run(
        [MUSTER, "drill", plan, "--rehearse", "--json", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - began
    if run.returncode not in (0, 1):
        raise SystemExit(f"the drill of {plan} ended with {run.returncode}:\n{run.stderr[-2000:]}")
    return json.loads(run.stdout), taken


def usage_of(evidence: Path) -> dict[str, Any]:
    """The run's own account of what it cost (the `usage` note before it closed)."""
    for segment in sorted(evidence.glob("[0-9]*.jsonl")):
        for line in segment.read_text().splitlines():
            event = json.loads(line)
            if event["kind"] == "noted" and event["data"].get("what") == "usage":
                return dict(event["data"])
    raise SystemExit(f"no usage note in {evidence}")


def figures_of(plan: str, *options: str) -> list[tuple[str, str, str]]:
    """Rows for one plan and one way to walk it."""
    with tempfile.TemporaryDirectory() as folder:
        ended, taken = rehearse(plan, Path(folder), *options)
        evidence = Path(ended["evidence"])
        record = json.loads((evidence / "record.json").read_text())
        usage = usage_of(evidence)
    vms = len(record["vms"])
    rto = ended["rto"]["actual"] or 0.0
    path = sum(step["seconds"] for step in record["critical_path"])
    way = "direct" if "--direct" in options else "Prefect flow"
    return [
        (f"{plan}, {way}: outcome", ended["outcome"], ""),
        (f"{plan}, {way}: wall, simulator started and stopped", f"{taken:.1f} s", ""),
        (
            f"{plan}, {way}: recovery time over critical path",
            f"{rto:.0f} s / {path:.0f} s = {rto / path if path else 0:.3f}",
            "1.0",
        ),
        (
            f"{plan}, {way}: CPU of the flow process per VM",
            f"{usage['cpu_seconds'] / vms:.2f} s ({vms} VMs)",
            "",
        ),
        (f"{plan}, {way}: ARM reads per VM", f"{usage['reads'] / vms:.1f}", ""),
        (
            f"{plan}, {way}: ARM writes + deletes per VM",
            f"{(usage['writes'] + usage['deletes']) / vms:.1f}",
            "",
        ),
    ]
