"""`muster preflight` as people type it: against a simulator over TLS, and where nothing leads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from tests.unit.cli.conftest import ROOT, Muster, checkout, muster

__all__ = ["checkout", "muster"]  # fixtures of the command line's own tests

WORLD = ROOT / "deployments" / "rehearsal" / "contoso.world.yaml"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MUSTER_SUBSCRIPTION", "MUSTER_ARM_ENDPOINT", "MUSTER_REGION"):
        monkeypatch.delenv(name, raising=False)


def test_the_shipped_plan_is_ready_in_its_own_world(muster: Muster, checkout: Path) -> None:
    said = muster("preflight", "contoso-erp", "--world", str(WORLD), "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["ok"], found["target"], found["stopping"]) == (True, "simulator", [])
    applying = [check.id for check in CHECKS if check.drill is not Severity.NONE]
    assert [check["id"] for check in found["checks"]] == applying
    page = Path(found["page"])
    assert page == checkout / ".muster" / "preflight" / "contoso-erp-drill.html"
    assert "READY" in page.read_text(encoding="utf-8")
    assert not (checkout / "evidence").exists()  # no run was opened


def test_what_stops_a_failover_comes_first_and_ends_with_1(muster: Muster) -> None:
    said = muster("preflight", "contoso-erp", "--world", str(WORLD), "--for", "failover")
    assert said.code == 1, said.err
    assert "unless overridden with a reason" in said.out
    told = [line.split()[0] for line in said.out.splitlines() if line.startswith("PRE-")]
    assert told[0] == "PRE-040"  # the drill's identity may not fail over
    assert "PRE-098" in told  # nobody said in which region this runs


@pytest.mark.usefixtures("checkout")
def test_without_a_subscription_nothing_is_asked(muster: Muster) -> None:
    said = muster("preflight", "contoso-erp")
    assert said.code == 2
    assert "MUSTER_SUBSCRIPTION" in said.err


@pytest.mark.usefixtures("checkout")
def test_only_a_drill_and_a_failover_are_looked_ahead_to(muster: Muster) -> None:
    said = muster("preflight", "contoso-erp", "--for", "commit")
    assert said.code == 2
    assert "--for drill or --for failover" in said.err
