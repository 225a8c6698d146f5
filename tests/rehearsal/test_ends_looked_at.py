"""`--plan-only`, rehearsed: what a replication would make, and what its end would release."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rehearsal.command import muster
from tests.rehearsal.from_nothing import PLAN, VMS, delivered_checkout
from tests.simulator_process import environment_with

pytestmark = pytest.mark.rehearsal
WORDS = ("replicate", PLAN, "--plan-only", "--rehearse")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return delivered_checkout(tmp_path)


def test_a_look_says_where_it_looked_and_sends_no_colours_to_a_file(checkout: Path) -> None:
    shown = muster(*WORDS, environ=environment_with({}), home=checkout)
    assert shown.code == 0, shown
    assert shown.out.splitlines()[0].startswith(f"{PLAN}: what replicate would do (SIMULATOR)")
    assert "\x1b" not in shown.out


def test_the_end_of_a_replication_is_looked_at_where_the_vms_are_replicated(
    checkout: Path,
) -> None:
    environ = environment_with({})
    told = muster(*WORDS, "--disable", "--json", environ=environ, home=checkout).json()
    assert told["operation"] == "disable"
    assert len(told["released"]) == VMS
    shown = muster(*WORDS, "--disable", environ=environ, home=checkout)
    assert f"- protected item {told['released'][0]}:" in shown.out
    assert f"{VMS} to release" in shown.out
    assert "create" not in shown.out
