"""A state file that is not exactly what was saved: named, left as it is, and not gone on with."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muster.simulator.__main__ import main
from muster.simulator.errors import SimulatorError
from muster.simulator.store import FORMAT, Store, sealed

from .conftest import SUBSCRIPTION, WORLD, Azure, running

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-odd"


@pytest.fixture(scope="module")
def good() -> list[bytes]:
    """The state of a world that ran once, made by the first test that asks."""
    return []


async def kept(folder: Path, good: list[bytes]) -> Path:
    """The state file of a world that ran once."""
    if not good:
        async with running(folder):
            pass
        good.append((folder / "state.json").read_bytes())
    folder.mkdir(exist_ok=True)
    (folder / "state.json").write_bytes(good[0])
    return folder / "state.json"


async def refused(folder: Path) -> str:
    """What it says when it will not start; whatever is in the file stays."""
    file = folder / "state.json"
    before = file.read_bytes()
    with pytest.raises(SimulatorError) as caught:
        async with running(folder):
            pytest.fail("it started with a state that is none")
    assert file.read_bytes() == before
    told = str(caught.value)
    assert told.startswith(f"The state file {file} ")
    assert "It was left as it is, and nothing else was used in its place" in told
    assert "\n" not in told
    return told


def changed(**parts: Any) -> Callable[[bytes], bytes]:
    """The state with other parts, under a good checksum; None takes one out."""

    def change(content: bytes) -> bytes:
        state = {k: v for k, v in json.loads(content).items() if k != "sha256"} | parts
        left = {name: part for name, part in state.items() if part is not None}
        return sealed(json.dumps(left).encode())

    return change


def unsealed(content: bytes) -> bytes:
    return json.dumps({k: v for k, v in json.loads(content).items() if k != "sha256"}).encode()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda content: content[: len(content) // 2], "not what its checksum was made of"),
        (lambda content: content[:-1], "not what its checksum was made of"),
        (lambda content: content + b" ", "not what its checksum was made of"),
        (lambda content: content[:40], "is damaged"),
        (lambda content: b"", "is empty"),
        (lambda content: bytes(len(content)), "is empty"),  # as after a power cut on some disks
        (lambda content: content.replace(b'"rg-asr"', b'"rg-asd"', 1), "checksum was made of"),
        (unsealed, "its checksum is gone"),
        (changed(format=FORMAT + 1), f"of another version of the simulator (format {FORMAT + 1}"),
        (changed(machines=None, events=None), "it lacks events, machines"),
        (lambda _: b'{"format": 2, "digest": "x"}', "of another version of the simulator"),
        (lambda _: b'{"some": "thing"}', "is no state of a simulator"),
        (lambda _: b"[]", "is no state of a simulator"),
        (lambda _: b"\x00\x01\xff", "is damaged"),
        (lambda _: b"[" * 100_000, "is damaged"),
    ],
)
async def test_a_state_that_is_not_what_was_saved_is_named_and_left(
    tmp_path: Path,
    good: list[bytes],
    spoil: Callable[[bytes], bytes],
    sentence: str,
) -> None:
    file = await kept(tmp_path / "state", good)
    file.write_bytes(spoil(good[0]))
    (file.with_name("state.json.new")).write_bytes(good[0])  # a good one beside it changes nothing
    assert sentence in await refused(file.parent)


async def test_no_flipped_bit_goes_unseen(tmp_path: Path, good: list[bytes]) -> None:
    file = await kept(tmp_path / "state", good)
    chance = random.Random(1)  # noqa: S311 - which bits
    first = range(90 * 8)  # the seal, bit by bit
    for bit in [*first, *(chance.randrange(len(good[0]) * 8) for _ in range(300))]:
        content = bytearray(good[0])
        content[bit // 8] ^= 1 << bit % 8
        file.write_bytes(content)
        store = Store(file.parent)
        try:
            with pytest.raises(Exception, match=r"state\.json is (damaged|of another|no state)"):
                store.load()
        finally:
            store.close()


async def test_what_was_left_is_gone_on_with_once_a_good_copy_is_back(
    tmp_path: Path, good: list[bytes]
) -> None:
    file = await kept(tmp_path / "state", good)
    async with running(file.parent) as azure:
        assert (await azure.ask("GET", f"{SUBSCRIPTION}/resourceGroups/rg-asr"))[0] == 200


@pytest.mark.parametrize("odd", ["half \ud83d", 2**70])
async def test_what_json_can_hold_and_orjson_cannot_stops_no_save(
    odd: object, tmp_path: Path
) -> None:
    """Bodies with it are refused at the door; should one get in all the same, it is kept."""
    async with running(tmp_path / "state") as azure:
        azure.guests.view._world.table("odd")["one"] = {"value": odd}
        await azure.ask("PUT", GROUP, {"location": "westus2"}, token=await azure.as_("operator"))
    async with running(tmp_path / "state") as azure:
        assert azure.guests.view._world.table("odd")["one"] == {"value": odd}


async def test_what_is_no_number_is_refused(azure: Azure) -> None:
    token = await azure.as_("operator")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    content = '{"location": "westus2", "tags": {}, "properties": {"n": 1e999}}'
    url = f"{azure.endpoint}{GROUP}?api-version=2024-01-01"
    async with azure.http.put(url, data=content, headers=headers) as got:
        assert (got.status, (await got.json())["error"]["code"]) == (400, "InvalidRequestContent")


@pytest.mark.parametrize("name", ["control.secret", "token.key"])
async def test_an_emptied_secret_is_named_and_opens_nothing(tmp_path: Path, name: str) -> None:
    async with running(tmp_path / "state"):
        pass
    (tmp_path / "state" / name).write_bytes(b"")
    with pytest.raises(SimulatorError, match=f"{name} holds no"):
        async with running(tmp_path / "state"):
            pytest.fail("it started without its secret")


@pytest.mark.parametrize("name", ["server.key", "server.pem", "ca.pem"])
async def test_a_certificate_that_does_not_fit_is_made_anew(tmp_path: Path, name: str) -> None:
    """As after a kill between the files of a new one."""
    for folder in ("state", "other"):
        async with running(tmp_path / folder):
            pass
    strange = (tmp_path / "other" / name).read_bytes()
    (tmp_path / "state" / name).write_bytes(strange)
    async with running(tmp_path / "state") as azure:
        assert (await azure.ask("GET", f"{SUBSCRIPTION}/resourceGroups/rg-asr"))[0] == 200


def test_the_program_ends_with_2_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state.json").write_bytes(b"{")
    assert main(["--world", str(WORLD), "--state", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"The state file {tmp_path / 'state.json'} is damaged: ")
    assert told.count("\n") == 1
