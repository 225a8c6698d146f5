"""Fault files: what they may say, and every mistake in them by its line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from muster.simulator.errors import SimulatorError
from muster.simulator.faults.file import Fault, known, load, named, ready, with_settings
from muster.simulator.faults.model import FaultFacts
from muster.simulator.worlds.file import load_world
from muster.simulator.worlds.model import Settings
from tests.unit.simulator.conftest import WORLD


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(dedent(text).lstrip())
    return file


def wrong(folder: Path, text: str) -> list[str]:
    """The mistakes of a file, as `line: text`."""
    file = written(folder, text)
    with pytest.raises(SimulatorError) as caught:
        load(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("scenario", known())
def test_every_ready_scenario_is_valid_and_called_by_its_file(scenario: str) -> None:
    fault = ready(scenario)
    assert fault.id == scenario
    assert all(rule.name for rule in fault.facts.rules)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        faults: mine
        title: The third to the fifth read of a vault take their time
        seed: s
        rules:
          - on: {call: "get Microsoft.RecoveryServices/vaults"}
            calls: 3-5
            after: 1m
            until: 2h
            do: {slow: 40s}
        """,
    )
    (rule,) = load(file).facts.rules
    assert rule.calls == (3, 5)
    assert (rule.after, rule.until, rule.do.slow) == (60.0, 7200.0, 40.0)
    assert (rule.on.moment, rule.on.name) == ("call", "get Microsoft.RecoveryServices/vaults")
    assert rule.do.kind == "slow"


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    said = wrong(
        tmp_path,
        """
        faults: not a name
        title: ""
        settings:
          refusal: shouting
          colour: red
        rules:
          - on: {call: x, job: y}
            do: {lose: answer}
          - on: {cleanup: test}
            do: {slow: 3s}
          - on: {call: "*"}
            calls: 0
            chance: 2
            times: 0
            after: soon
            do: {answer: {status: 200}}
          - on: {job: TestFailover}
            do: {job: {stuck: somewhere}}
          - on: {time: now}
            do: {}
          - {do: {hang: 3s}}
          - on: {script: "*"}
            do: {script: {silent: true}}
            until: 5s
            after: 5s
        """,
    )
    lines = sorted({int(each.partition(":")[0]) for each in said})
    assert lines == [1, 2, 4, 5, 7, 9, 12, 13, 14, 15, 16, 18, 20, 21, 22]
    text = "\n".join(said)
    assert "exactly one of call, job, copy" in text
    assert "'slow' cannot happen on a cleanup; what can: leave, somebody" in text
    assert "settings.colour" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faults: x\ntitle: x\n", "nothing ever goes wrong"),
        ("- a\n", "a fault file is a mapping that begins with 'faults: <name>'"),
        ("faults: x\ntitle: [\n", "mine.yaml:3"),
        ("faults: x\nfaults: y\n", "duplicate"),
    ],
)
def test_what_is_no_fault_file_is_told(tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SimulatorError, match=r"mine\.yaml") as caught:
        load(file)
    assert says in str(caught.value)


def test_unknown_ids_list_the_known_ones_and_the_near_ones(tmp_path: Path) -> None:
    with pytest.raises(SimulatorError) as caught:
        named(["F19", "f3", "F99", str(tmp_path / "none.yaml"), "storn", "f3"])
    first, second, third, doubled = str(caught.value).splitlines()
    assert "no fault 'F99'" in first
    assert ", ".join(known()) in first
    assert "none.yaml cannot be read" in second
    assert "Did you mean storm?" in third
    assert doubled == "The fault 'F3' is named twice."
    assert [fault.id for fault in named(["f19", "STORM"])] == ["F19", "storm"]


def test_the_known_ones_are_told_in_the_order_of_their_numbers() -> None:
    names = known()
    assert names[:3] == ["F1", "F2", "F3"]
    assert names.index("F9") < names.index("F11") < names.index("5xx")


def test_a_path_may_end_in_yml_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "faults: mine\ntitle: t\nrules: [{on: {call: '*'}, do: {slow: 1s}}]\n"
    (tmp_path / "mine.yml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert [fault.id for fault in named(["mine.yml"])] == ["mine"]


def test_rules_know_their_lines_and_a_file_its_digest(tmp_path: Path) -> None:
    text = "faults: mine\ntitle: t\nrules:\n{}- on: {{call: '*'}}\n  do: {{slow: 1s}}\n"
    found = [load(written(tmp_path, text.format(before))) for before in ("", "\n\n")]
    assert [one.lines[0].rpartition(":")[2] for one in found] == ["4", "6"]
    assert found[0].digest != found[1].digest


def test_settings_of_faults_stand_in_place_of_the_worlds_and_leave_the_others() -> None:
    facts, _ = load_world(WORLD)
    facts = facts.model_copy(update={"settings": Settings(page_size=7, token_lifetime=50.0)})
    lived = FaultFacts.model_validate(
        {"faults": "a", "title": "t", "settings": {"token_lifetime": 9.0}}
    )
    refused = FaultFacts.model_validate(
        {"faults": "b", "title": "t", "settings": {"items_per_page": 3}}
    )
    found = with_settings(facts, [Fault(lived, ""), Fault(refused, "")]).settings
    assert (found.page_size, found.token_lifetime, found.items_per_page) == (7, 9.0, 3)
    assert with_settings(facts, []).settings == facts.settings
