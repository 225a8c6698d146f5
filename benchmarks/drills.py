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
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.rows import NOT_MEASURED, Row, per

MUSTER = str(Path(sys.executable).with_name("muster"))


def figures_of(plan: str, *options: str) -> list[Row]:
    """Rehearse a plan and account for it; `options` say which way it is walked."""
    with tempfile.TemporaryDirectory() as folder:
        ended, taken = rehearse(plan, Path(folder), *options)
        evidence = Path(ended["evidence"])
        record = json.loads((evidence / "record.json").read_text())
        usage = usage_of(evidence)
    way = "direct" if "--direct" in options else "Prefect flow"
    return rows_of(f"{plan}, {way}", ended, record, usage, taken)


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
    return passed(plan, run), taken


def passed(plan: str, run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON that a drill ended with, if it passed.

    Raises:
        SystemExit: It did not: figures of such a drill would be read as those of a good one.
    """
    ended: dict[str, Any] = json.loads(run.stdout) if run.stdout.strip() else {}
    if run.returncode == 0 and ended.get("outcome") == "passed":
        return ended
    causes = [f"[{one['code']}] {one['message']}" for one in ended.get("causes", [])]
    words = "\n".join(causes) or run.stderr[-2000:].strip() or "it gave no reason"
    raise SystemExit(
        f"No figures: the drill of {plan} ended with {run.returncode}, "
        f"outcome {ended.get('outcome') or 'none'}.\n{words}"
    )


def usage_of(evidence: Path) -> dict[str, Any]:
    """The run's own account of what it cost (the `usage` note before it closed); empty if there
    is none.
    """
    for segment in sorted(evidence.glob("[0-9]*.jsonl")):
        for line in segment.read_text().splitlines():
            event = json.loads(line)
            if event["kind"] == "noted" and event["data"].get("what") == "usage":
                return dict(event["data"])
    return {}


def rows_of(
    name: str,
    ended: Mapping[str, Any],
    record: Mapping[str, Any],
    usage: Mapping[str, Any],
    taken: float,
) -> list[Row]:
    """Rows for one plan and one way to walk it."""
    vms = len(record["vms"])
    cpu, calls = per(usage.get("cpu_seconds"), vms), _writes(usage)
    return [
        (f"{name}: outcome", str(ended["outcome"]), ""),
        (f"{name}: wall, simulator started and stopped", f"{taken:.1f} s", ""),
        (f"{name}: recovery time over critical path", _stretch(ended, record), "1.0"),
        (
            f"{name}: CPU of the flow process per VM",
            NOT_MEASURED if cpu is None else f"{cpu:.2f} s ({vms} VMs)",
            "",
        ),
        (f"{name}: ARM reads per VM", _count(per(usage.get("reads"), vms)), ""),
        (f"{name}: ARM writes + deletes per VM", _count(per(calls, vms)), ""),
    ]


def _stretch(ended: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """How much longer the recovery took than its critical path says."""
    rto = ended["rto"]["actual"]
    path = sum(step["seconds"] for step in record["critical_path"])
    ratio = per(rto, path)
    return NOT_MEASURED if ratio is None else f"{rto:.0f} s / {path:.0f} s = {ratio:.3f}"


def _writes(usage: Mapping[str, Any]) -> int | None:
    return usage["writes"] + usage["deletes"] if {"writes", "deletes"} <= usage.keys() else None


def _count(figure: float | None) -> str:
    return NOT_MEASURED if figure is None else f"{figure:.1f}"
