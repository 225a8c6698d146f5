"""A world file with mistakes: all of them at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from muster.simulator.errors import SimulatorError
from muster.simulator.worlds.file import load_world

from .conftest import WORLD


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "world.yaml"
    file.write_text(text)
    with pytest.raises(SimulatorError) as caught:
        load_world(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


def test_every_mistake_is_listed_with_its_line(tmp_path: Path) -> None:
    text = WORLD.read_text()
    text = text.replace("address: 10.1.0.4", "address: 10.1.7.4")  # outside its subnet
    text = text.replace("boot: 60s", "boot: soon")
    text = text.replace("{vm: dead1,", "{vm: dread1,")
    text = text.replace("{role: reader}", "{role: raeder}", 1)
    text = text.replace("services: [{port: 1433}]", "services: [{port: 143300}]")
    text = text.replace("peered_with: [hub]", "peered_with: [hubb]")
    text = text.replace("client: drill", "client: drlil")
    text += "\ncolour: blue\n"

    found = mistakes(tmp_path, text)

    wanted = [
        ("address: 10.1.7.4", "outside subnet 'data'"),
        ("boot: soon", "45s, 5m, 4h"),
        ("dread1", "there is no VM 'dread1'"),
        ("raeder", "there is no role 'raeder'"),
        ("143300", "less than or equal to 65535"),
        ("hubb", "there is no network 'hubb'"),
        ("drlil", "there is no identity 'drlil'"),
        ("colour", "there is no such key; there are automation, client, clients, groups"),
    ]
    for part, message in wanted:
        line = line_of(text, part)
        assert [row for row in found if row.startswith(f"{line}: ") and message in row], (
            part,
            found,
        )


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("- {name: rg-dr,", "- {name: rg-app,", "'rg-app' is there twice"),
        ("address: 10.1.1.5", "address: 10.1.1.4", "10.1.1.4 belongs to 'web1' already"),
        (
            "web: 10.1.1.0/24}\n    peered",
            "web: 10.2.1.0/24}\n    peered",
            "outside the network's",
        ),
        ("alpha: 10.1.9.0/28", "alpha: 10.1.0.0/28", "overlaps with subnet"),
        ("seed: small-1\n", "", "seed: it is missing"),
        ("tenant: 9", "tenant: x9", "a GUID in small letters"),
        ("{vm: web1,", "{vm: Sql1,", "'Sql1' is there twice"),
        ("network: hub, address", "network: hop, address", "there is no network 'hop'"),
    ],
)
def test_a_single_mistake_is_found(tmp_path: Path, before: str, after: str, message: str) -> None:
    text = WORLD.read_text()
    assert before in text
    assert [row for row in mistakes(tmp_path, text.replace(before, after, 1)) if message in row]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("world: a\nworld: b\n", 2),
        ("world: [a\nseed: b\n", 2),
        ("- a list\n", 1),
        ("", 1),
        ("world: a\n\tseed: b\n", 2),
    ],
)
def test_what_is_not_a_mapping_of_yaml_is_named_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    found = mistakes(tmp_path, text)
    assert [row for row in found if row.startswith(f"{line}: ") and "is missing" not in row]


def test_the_small_world_has_none() -> None:
    facts, digest = load_world(WORLD)
    assert (facts.world, len(digest)) == ("small", 64)
