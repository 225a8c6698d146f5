"""`--disable` by the command itself, over HTTPS: the list first, then what it says."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.rehearsal.arm_wire import azure
from tests.rehearsal.command import Running, muster
from tests.simulator_process import REPOSITORY, WORLDS, environment_with

pytestmark = pytest.mark.rehearsal

PLAN = str(REPOSITORY / "recovery_plans" / "contoso-erp.yaml")
DISABLE = ("replicate", PLAN, "--disable")
POINTS_KEPT = 24 * 12
"""A point every five minutes for a day, as the simulator's worlds begin with."""


def test_the_list_is_shown_before_and_is_what_is_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    text = (WORLDS / "contoso.world.yaml").read_text(encoding="utf-8")
    world = YAML(typ="safe").load(text) | {"client": "muster-operator"}
    with azure(world, tmp_path / "azure", speed=240.0) as running:
        environ = running.environ(MUSTER_JOURNAL=str(home / "evidence"))
        listed = muster(*DISABLE, "--plan-only", "--json", environ=environ, home=home)
        read = muster(*DISABLE, "--plan-only", environ=environ, home=home)
        refused = typed("something else", environ, home)
        ended = typed("disable contoso-erp", environ, home)
        again = muster(*DISABLE, "--plan-only", environ=environ, home=home)
    items = listed.json()["items"]
    counts = {"release": 7, "stay": 0, "under_way": 0}
    assert (listed.code, listed.json()["counts"]) == (0, counts), listed
    assert all(0 < one["recovery_points"] <= POINTS_KEPT for one in items)
    assert "7 to release, 0 to stay." in read.out
    assert "what replicate --disable would do (SIMULATOR)" in read.out
    assert listed.json()["released"] == [one["vm"] for one in items]
    assert "recovery points go with it" in read.out
    assert refused.returncode == 2
    shown, _, rest = refused.stderr.partition("[RUN-014]")
    assert "7 to release, 0 to stay." in shown
    assert rest
    vms = json.loads(ended.stdout[ended.stdout.index("{") :])["vms"]
    assert (ended.returncode, {vm["how"] for vm in vms}) == (0, {"removed"}), ended
    assert {vm["vm"] for vm in vms} == {one["vm"] for one in items}
    assert again.code == 2
    assert "RUN-013" in again.err


def test_its_rehearsal_passes_as_shipped(tmp_path: Path) -> None:
    """In the world of the drills, whose own identity may end no protection."""
    environ = environment_with({"MUSTER_JOURNAL": str(tmp_path / "evidence")})
    words = ("--confirm", "disable contoso-erp", "--rehearse", "--direct", "--speed", "600")
    ended = Running((*DISABLE, *words, "--json"), environ, tmp_path, cwd=REPOSITORY).end(
        within=240
    )
    assert (ended.code, ended.json()["counts"]) == (0, {"removed": 7}), ended


def typed(words: str, environ: Mapping[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    """The command at a terminal, where a person types."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, f"{words}\n".encode())
        return subprocess.run(
            [sys.executable, "-m", "muster", *DISABLE, "--direct", "--json"], cwd=home,
            env=dict(environ), stdin=terminal, capture_output=True, text=True, timeout=100,
            check=False,
        )  # fmt: skip
    finally:
        os.close(keyboard)
        os.close(terminal)
