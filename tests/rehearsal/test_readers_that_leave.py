"""Whoever reads what a run tells may leave: it goes on to its end, and its exit code counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "recovery_plans" / "contoso-erp.yaml"
REPLICATE = f"{sys.executable} -m muster replicate {PLAN} --rehearse"


def ended(tmp_path: Path, line: str) -> tuple[int, str]:
    """Exit code of a line's first command, and what stood on standard error."""
    done = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MUSTER_JOURNAL": str(tmp_path / "evidence")},
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("way", [">&-", "<&- >&-", "| head -1 >/dev/null"])
def test_a_plan_of_changes_that_nobody_reads_is_worked_out_all_the_same(tmp_path, way):
    assert ended(tmp_path, f"{REPLICATE} --plan-only {way}") == (0, "")


@pytest.mark.parametrize("way", [">&-", "| head -1 >/dev/null"])
def test_a_run_goes_on_to_its_end_when_nobody_reads_any_more(tmp_path, way):
    code, said = ended(tmp_path, f"{REPLICATE} --direct --speed 600 {way}")
    records = list((tmp_path / "evidence" / "runs").glob("*/record.json"))
    assert len(records) == 1
    record = json.loads(records[0].read_text(encoding="utf-8"))
    assert (record["state"], record["exit_code"]) == ("closed", code)
    assert "Traceback" not in said
    assert "MUSTER-001" not in said
    assert "Broken pipe" not in said
