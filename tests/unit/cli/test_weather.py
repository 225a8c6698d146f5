"""`--fault` is judged before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.cli.weather import known_faults
from muster.errors import InputError

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
