"""`--fault` is judged before anything is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from muster.cli.main import dispatch
from muster.cli.weather import judge, known_faults
from muster.errors import InputError
from tests.simulator_process import REPOSITORY, WORLDS

MINE = "faults: mine\ntitle: Mine\nrules: [{on: {call: '*'}, do: {slow: 1s}}]\n"


def test_scenarios_and_files_are_known_and_paths_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    found = known_faults(["F3", "mine.yaml"], is_rehearsed=True)
    assert found == ("F3", str(tmp_path / "mine.yaml"))
    assert known_faults([], is_rehearsed=False) == ()


def test_azure_itself_takes_no_orders_to_fail() -> None:
    with pytest.raises(InputError, match="--rehearse") as caught:
        known_faults(["F3"], is_rehearsed=False)
    assert caught.value.shown_code == "INPUT-013"


def test_what_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINE.replace("slow: 1s", "slow: soon"))
    with pytest.raises(InputError) as caught:
        known_faults(["F98", str(file)], is_rehearsed=True)
    assert caught.value.shown_code == "SIM-002"
    assert f"{file}:3: " in caught.value.message
    assert "no fault 'F98'" in caught.value.message


WORLD = WORLDS / "contoso.world.yaml"


def test_a_world_and_faults_that_fit_it_are_fine(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE)
    judge(WORLD, ["F3", str(tmp_path / "mine.yaml")])


def test_every_mistake_of_a_world_is_told_before_it_is_started(tmp_path: Path) -> None:
    world = tmp_path / "bad.world.yaml"
    text = WORLD.read_text()
    world.write_text(text.replace("world: ", "wold: ", 1).replace("client: ", "clent: ", 1))
    with pytest.raises(InputError) as caught:
        judge(world, [])
    assert caught.value.shown_code == "SIM-001"
    assert "did you mean 'world'?" in caught.value.message
    assert "did you mean 'client'?" in caught.value.message


def test_every_fault_that_does_not_fit_the_world_is_told_before_it_is_started(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "faults: mine\ntitle: Mine\nrules:\n"
        "  - {on: {call: '*'}, vm: web99, do: {slow: 1s}}\n"
        "  - {on: {call: '*'}, client: nobody, do: {slow: 1s}}\n"
    )
    with pytest.raises(InputError) as caught:
        judge(WORLD, ["F3", str(file)])
    assert caught.value.shown_code == "SIM-002"
    first, second = caught.value.message.splitlines()
    assert first.startswith(f"{file}:4: vm: this world has no VM 'web99'; did you mean web")
    assert second.startswith(f"{file}:5: client: this world has no identity 'nobody'; there are")


def test_a_drill_is_refused_with_all_of_it_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINE.replace("do:", "vm: web99, client: nobody, do:"))
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("MUSTER_JOURNAL", str(tmp_path / "evidence"))
    monkeypatch.setattr(subprocess, "Popen", None)
    words = ["drill", "contoso-erp", "--rehearse", "--direct", "--fault", str(file)]
    assert dispatch(words) == 2
    said = capsys.readouterr().err
    assert "[SIM-002]" in said
    assert f"{file}:3: vm: this world has no VM 'web99'" in said
    assert f"{file}:3: client: this world has no identity 'nobody'" in said
