"""A generated plan is drilled in its generated world, as the command's last lines say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.command import Evidence, Running
from tests.simulator_process import environment_with

pytestmark = [pytest.mark.rehearsal, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("figures", "is_dag"), [("vms=12,groups=3", False),
                                                 ("vms=12,groups=5", True)])  # fmt: skip
def test_a_generated_plan_passes_in_its_world(
    tmp_path: Path, figures: str, *, is_dag: bool
) -> None:
    environ = environment_with({"MUSTER_JOURNAL": str(tmp_path / "evidence")})
    words = ("simulate", "--generate", figures, "--into", "fleet")
    made = Running(words, environ, tmp_path).end()
    assert made.code == 0, made
    drill = ("drill", "fleet-1", "--rehearse", "--direct", "--json", "--speed", "180")
    ended = Running(drill, environ, tmp_path, cwd=tmp_path / "fleet").end(within=240)
    assert ended.code == 0, ended
    told = ended.json()
    assert (told["outcome"], told["leftovers"]) == ("passed", [])
    record = Evidence(tmp_path / "evidence", told["run"]).record()
    assert len(record["vms"]) == 12
    assert {one["verdict"] for one in record["checks"]} == {"passed"}
    assert record["isolation"]["verdict"] == "isolated"
    assert {"runbook Freeze-Writes"} <= {one["action"] for one in record["left_out"]}
    steps = {step["id"]: step for step in record["steps"]}
    began = steps["test-failover:v1-data2-01" if is_dag else "test-failover:v1-app1-01"]["began"]
    # Stacks of a DAG go side by side; in order, a group waits for the one before.
    assert (began < steps["boot:v1-data1-01"]["ended"]) is is_dag
