"""The form that a person fills in before a drill, in the Prefect UI, in a real Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import dom_of
from tests.flows.conftest import ROOT, Server, ask, server

__all__ = ["server"]  # the fixture

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(300)]


def test_the_form_of_a_drill_shows_its_fields(server: Server, tmp_path: Path) -> None:
    deployed = subprocess.run(
        [sys.executable, "-m", "muster", "deploy"],
        cwd=ROOT, env=server.environ, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    found = ask(server.api, "POST", "/deployments/filter", {})
    drill = next(one["id"] for one in found if one["name"] == "contoso-erp: drill")
    page = server.api.removesuffix("/api") + f"/deployments/deployment/{drill}/run"
    dom = dom_of(page, tmp_path, budget_ms=30_000)
    for words in ("recovery_point", "as the plan says", "Why now.", "keep_for", "requested_by"):
        assert words in dom
