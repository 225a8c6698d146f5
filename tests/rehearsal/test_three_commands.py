"""From an empty subscription to a passed drill, by the very commands that the how-to prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.command import Evidence, Running, muster
from tests.rehearsal.from_nothing import VMS, delivered_checkout
from tests.simulator_process import REPOSITORY, environment_with, settings_in
from tests.waiting import wait_until

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(300)]

HOW_TO = (REPOSITORY / "docs" / "how-to" / "replicate.md").read_text(encoding="utf-8")
SLOWEST = 240.0  # times the wall's speed; slower, and this takes minutes


def printed() -> list[list[str]]:
    """The words behind `muster` of each command between the first chapter's words and its end."""
    chapter = HOW_TO.partition("From there to a passed drill")[2].partition("\n## ")[0]
    return [shlex.split(line) for line in re.findall(r"^muster (.+)$", chapter, re.MULTILINE)]


def after(words: list[str], option: str) -> str:
    return words[words.index(option) + 1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return delivered_checkout(tmp_path)


@pytest.fixture
def settings(checkout: Path) -> Iterator[dict[str, str]]:
    """What a second terminal has, once the first of the commands stands and its file was read."""
    words = printed()[0]
    standing = Running((*words, "--port", "0"), environment_with({}), checkout)
    try:
        wait_until(lambda: standing.has_said("ready "), 60, "the simulator")
        yield settings_in(checkout / after(words, "--state") / "simulator.env")
    finally:
        standing.interrupt()
        standing.end(within=20)


def test_the_chapter_prints_three_commands_that_fit_together() -> None:
    simulate, replicate, drill = printed()
    assert [one[0] for one in (simulate, replicate, drill)] == ["simulate", "replicate", "drill"]
    assert replicate[1] == drill[1] == "contoso-erp"
    assert float(after(simulate, "--speed")) >= SLOWEST
    assert f"source {after(simulate, '--state')}/simulator.env" in HOW_TO


def test_they_lead_from_an_empty_subscription_to_a_passed_drill(
    checkout: Path, settings: dict[str, str]
) -> None:
    assert settings["MUSTER_ARM_ENDPOINT"].startswith("https://")
    environ = environment_with(settings)
    _, replicate, drill = printed()
    shown = muster(*replicate, "--plan-only", "--json", environ=environ, home=checkout)
    made = [one for one in shown.json()["changes"] if one["act"] == "create"]
    assert "rsv-contoso" in str(made), "the subscription was not empty"
    replicated = muster(*replicate, "--json", environ=environ, home=checkout)
    assert replicated.code == 0, replicated
    states = [vm["state"] for vm in replicated.json()["vms"]]
    assert states == ["Protected"] * VMS
    drilled = muster(*drill, "--json", environ=environ, home=checkout)
    assert drilled.code == 0, drilled
    record = Evidence(checkout / "evidence", drilled.json()["run"]).record()
    assert (record["operation"], record["outcome"]) == ("drill", "passed")
    assert record["cleanup"]["proven"]
    assert len(record["vms"]) == VMS
