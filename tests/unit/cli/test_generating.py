"""`muster simulate --generate` as people type it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from muster.cli.main import dispatch


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_says_what_was_written_and_what_to_type_next(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dispatch(["simulate", "--generate", "vms=12,groups=5,vaults=2"]) == 0
    said = capsys.readouterr().out.splitlines()
    folder = home / "fleet-vms12-groups5-vaults2"
    named = [line.strip().partition(":")[0] for line in said[1 : said.index("Next:")]]
    assert named == [
        "deployments/rehearsal/fleet.world.yaml",
        "recovery_plans/fleet-1.yaml",
        "recovery_plans/fleet-2.yaml",
    ]
    assert all((folder / name).is_file() for name in named)
    assert "12 protected VMs in 5 groups, 2 vaults" in said[1]
    typed = [shlex.split(line) for line in said[said.index("Next:") + 1 :]]
    assert typed[0] == ["cd", folder.name]
    monkeypatch.chdir(folder)
    assert typed[1] == ["muster", "check"]
    assert dispatch(typed[1][1:]) == 0
    checked = capsys.readouterr().out
    assert checked.count(": ok") == 2
    assert typed[2] == ["muster", "drill", "fleet-1", "--rehearse", "--direct"]
    assert Path(typed[3][typed[3].index("--world") + 1]).is_file()


def test_into_a_checkout_with_flows_prefect_is_an_option(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "flows").mkdir()
    (home / "flows" / "run.py").touch()
    assert dispatch(["simulate", "--generate", "vms=3", "--into", "."]) == 0
    said = capsys.readouterr().out
    assert "\n  muster drill fleet-1 --rehearse\n" in said
    assert "\n  cd " not in said
    assert (home / "recovery_plans" / "fleet-1.yaml").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--generate", "vms=0,groups=x"], ["  vms=0: it is", "  groups=x: it is"]),
        (["--generate", "vms=5,range=10.0.0.0/29"], ["its 8 addresses do not hold 5 VMs in 3"]),
        (["--generate", "vms=5", "--world", "a.yaml"], ["it starts nothing"]),
        (["--generate", "vms=5", "--state", "a"], ["it starts nothing"]),
        (["--generate", "vms=5", "--fault", "F3"], ["it starts nothing, so --fault cannot go"]),
        (["--generate", "vms=5", "--durations", "d"], ["it starts nothing, so --durations"]),
        (["--generate", "vms=5", "--into", "taken"], ["taken is there already, and is no folder"]),
        (["--world", "a.yaml"], ["both are needed"]),
        (["--world", "a.yaml", "--state", "s", "--into", "b"], ["says where --generate writes"]),
        ([], ["both are needed"]),
    ],
)
def test_mistakes_end_with_a_sentence_and_write_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: list[str]
) -> None:
    (home / "taken").write_text("mine")
    assert dispatch(["simulate", *words]) == 2
    told = capsys.readouterr().err
    assert [one for one in said if one not in told] == [], told
    assert "Traceback" not in told
    assert [path.name for path in home.iterdir()] == ["taken"]


def test_a_second_time_it_refuses_and_leaves_the_first_as_it_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dispatch(["simulate", "--generate", "vms=3"]) == 0
    world = home / "fleet-vms3-groups3-vaults1/deployments/rehearsal/fleet.world.yaml"
    before = world.stat()
    assert dispatch(["simulate", "--generate", "vms=3"]) == 2
    assert "[INPUT-021]" in capsys.readouterr().err
    assert world.stat() == before


def test_a_folder_that_cannot_be_written_is_named(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dispatch(["simulate", "--generate", "vms=3", "--into", "/proc/fleet"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("[INPUT-022] /proc/fleet")
    assert "cannot be written" in told
