"""What keeps a simulator from starting: a sentence, an exit code, and no traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from muster.cli.main import dispatch
from muster.simulator.__main__ import main

from .conftest import WORLD


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--world", "nowhere.yaml"], "cannot be read"),
        (["--speed", "0"], "speed has to lie between 1 and 3600"),
        (["--speed", "0.99"], "speed has to lie between 1 and 3600"),
        (["--speed", "3601"], "speed has to lie between 1 and 3600"),
        (["--speed", "-60"], "speed has to lie between 1 and 3600"),
        (["--speed", "nan"], "speed has to lie between 1 and 3600"),
        (["--speed", "inf"], "speed has to lie between 1 and 3600"),
        (["--state", "/proc/simulator"], "cannot be written"),
        (["--port", "99999"], "cannot be used"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    given = {"--world": str(WORLD), "--state": str(tmp_path / "state")}
    given |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert main([part for pair in given.items() for part in pair]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told


def test_a_busy_port_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        code = main(["--world", str(WORLD), "--state", str(tmp_path), "--port", port])
    assert code == 2
    assert f"Port {port} of 127.0.0.1 cannot be used" in capsys.readouterr().err


def started(tmp_path: Path, capsys: pytest.CaptureFixture[str], **given: object) -> str:
    """What `muster simulate` tells when it cannot start: exit code 2, no traceback."""
    options = {"world": WORLD, "state": tmp_path / "state", "port": 0} | given
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    assert dispatch(["simulate", *words]) == 2
    told = capsys.readouterr().err
    assert told.startswith("[SIM-001] ")
    assert "Traceback" not in told
    return told


@pytest.mark.parametrize("kind", ["file", "lock", "state", "world"])
def test_a_file_where_a_folder_should_be_and_the_other_way_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    folder, world = tmp_path / "state", WORLD
    if kind == "file":
        folder.write_text("not a folder")
    elif kind == "world":
        world = tmp_path
    else:
        (folder / ("lock" if kind == "lock" else "state.json")).mkdir(parents=True)
    assert main(["--world", str(world), "--state", str(folder)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "cannot be" in told


def test_the_command_says_it_too_and_ends_with_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = started(tmp_path, capsys, world=tmp_path / "nowhere.yaml")
    assert "nowhere.yaml cannot be read: No such file or directory" in told
    broken = tmp_path / "broken.yaml"
    broken.write_text(WORLD.read_text().replace("client: drill", "client: dril\ncolour: red"))
    told = started(tmp_path, capsys, world=broken)
    assert f"{broken}:19: there is no identity 'dril'" in told
    assert f"{broken}:20: colour: there is no such key" in told
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        told = started(tmp_path, capsys, port=port)
    assert f"Port {port} of 127.0.0.1 cannot be used: Address already in use." in told
    told = started(tmp_path, capsys, state="/proc/nowhere")
    assert "cannot be written" in told
