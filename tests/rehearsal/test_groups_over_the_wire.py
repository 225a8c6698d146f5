"""A consistency group by the command itself, over HTTPS: one group, and a second time nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.rehearsal.arm_wire import Azure, azure
from tests.rehearsal.command import muster
from tests.simulator_process import REPOSITORY, WORLDS

pytestmark = pytest.mark.rehearsal

SPEED = 240.0


def test_a_group_is_made_once_and_stays_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    plan = str(_plan_of_a_group(home))
    text = (WORLDS / "from-nothing" / "contoso.world.yaml").read_text(encoding="utf-8")
    with azure(YAML(typ="safe").load(text), tmp_path / "azure", speed=SPEED) as running:
        environ = running.environ(MUSTER_JOURNAL=str(home / "evidence"))
        for _ in range(2):
            ended = muster("replicate", plan, "--direct", "--json", environ=environ, home=home)
            assert ended.code == 0, ended
            assert {vm["state"] for vm in ended.json()["vms"]} == {"Protected"}
            groups = _groups(running)
            assert {name for name, _ in groups} == {"erp"}
            assert (len(groups), len({group_id for _, group_id in groups})) == (7, 1)
        shown = muster("replicate", plan, "--plan-only", "--json", environ=environ, home=home)
    assert shown.json()["nothing_to_do"], shown


def _plan_of_a_group(home: Path) -> Path:
    shipped = REPOSITORY / "recovery_plans"
    data = YAML(typ="safe").load((shipped / "contoso-erp.yaml").read_text(encoding="utf-8"))
    data["mode"] = "native"
    data["replication"]["consistency_group"] = "erp"
    shutil.copytree(shipped / "scripts", home / "scripts")
    path = home / "contoso-erp.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML, too
    return path


def _groups(running: Azure) -> list[tuple[str, str]]:
    vault = (
        f"/subscriptions/{running.world['subscription']['id']}/resourceGroups/rg-dr"
        "/providers/Microsoft.RecoveryServices/vaults/rsv-contoso"
    )
    items = running.as_operator().list(f"{vault}/replicationProtectedItems")
    told = [item["properties"]["providerSpecificDetails"] for item in items]
    return [(one["multiVmGroupName"], one["multiVmGroupId"]) for one in told]
