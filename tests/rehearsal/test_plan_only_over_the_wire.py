"""`--plan-only` by the command itself, over HTTPS: its exit code says whether a run would pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.rehearsal.arm_wire import azure
from tests.rehearsal.command import muster
from tests.simulator_process import REPOSITORY, WORLDS

pytestmark = pytest.mark.rehearsal

PLAN = str(REPOSITORY / "recovery_plans" / "contoso-erp.yaml")


@pytest.mark.parametrize(("gone", "code"), [("sql2", 1), (None, 0)])
def test_a_vm_that_is_left_out_shows_in_the_exit_code(
    tmp_path: Path, gone: str | None, code: int
) -> None:
    text = (WORLDS / "from-nothing" / "contoso.world.yaml").read_text(encoding="utf-8")
    world = YAML(typ="safe").load(text)
    world["vms"] = [one for one in world["vms"] if one["name"] != gone]
    with azure(world, tmp_path / "azure", speed=240.0) as running:
        environ = running.environ(MUSTER_JOURNAL=str(tmp_path / "evidence"))
        shown = muster("replicate", PLAN, "--plan-only", "--json", environ=environ, home=tmp_path)
    assert shown.code == code, shown
    assert [one["name"] for one in shown.json()["left"]] == ([gone] if gone else [])
