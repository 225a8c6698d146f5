"""How long things take: drawn by seed from a table that is shipped, and that a user replaces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from muster.simulator.__main__ import main
from muster.simulator.durations import spread
from muster.simulator.errors import SimulatorError
from muster.simulator.spans import Span, built_in, replaced

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, WORLD
from .still_world import StillWorld

SIMULATOR = Path(__file__).parents[3] / "muster" / "simulator"


def file_with(folder: Path, text: str) -> Path:
    file = folder / "durations.yaml"
    file.write_text(text)
    return file


def test_the_same_seed_draws_the_same_and_another_one_another() -> None:
    one, again, other = StillWorld().world, StillWorld().world, StillWorld(seed="x").world
    for name, span in built_in().items():
        drawn = one.takes(name, "web1")
        assert span.low <= drawn <= span.high
        assert drawn == again.takes(name, "web1")
        assert (drawn != other.takes(name, "web1")) == (span.low < span.high), name


def test_half_of_the_draws_lie_below_the_typical_one_and_none_outside() -> None:
    span = Span(60.0, 100.0, 400.0)
    drawn = [span.draw(n / 1000) for n in range(1001)]
    assert (min(drawn), max(drawn), span.draw(0.5)) == (60.0, 400.0, 100.0)
    assert sum(each < 100 for each in drawn) == 500
    assert drawn == sorted(drawn)


def test_what_was_drawn_from_two_ends_or_a_spread_is_drawn_still() -> None:
    for n in range(50):
        chance = spread(n)
        assert built_in()["cleanup"].draw(chance) == pytest.approx(82.0 + (143.0 - 82.0) * chance)
        assert built_in()["disable"].draw(chance) == pytest.approx(
            111 * (1 + 0.12 * (2 * chance - 1))
        )


def test_every_span_is_asked_for_and_every_one_that_is_asked_for_is_there() -> None:
    code = "\n".join(path.read_text() for path in sorted(SIMULATOR.rglob("*.py")))
    named = set(re.findall(r'"([a-z_]+)"', code))
    assert set(built_in()) - named == set()
    asked = set(re.findall(r'(?:\.takes\(|_takes\(call, |\.spans\[)"([a-z_]+)"', code))
    assert len(asked) > 35
    assert asked - set(built_in()) == set()


def test_a_users_file_replaces_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = file_with(tmp_path, "cleanup: {low: 5m, high: 10m}\nvm_start:\n  typical: 90s\n")
    spans = replaced(file)
    assert (spans["cleanup"].low, spans["cleanup"].typical, spans["cleanup"].high) == (
        300,
        450,
        600,
    )
    assert (spans["vm_start"].low, spans["vm_start"].high) == (90, 90)
    assert spans["cleanup"].what == built_in()["cleanup"].what
    others = {name: span for name, span in spans.items() if name not in ("cleanup", "vm_start")}
    assert others == {name: built_in()[name] for name in others}


MISTAKES = """\
clean_up: {typical: 5s}
cleanup: {low: 5m, high: 3m}
vm_start: {typical: soon}
vm_stop:
  typical: 5s
  most: 9s
vm_delete: 5s
vm_create: {}
vm_update: {low: 5s}
gateway: {typical: 400d}
repair: {typical: 5s, what: 7}
disable: {typical: -5}
"""


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    file = file_with(tmp_path, MISTAKES)
    with pytest.raises(SimulatorError) as caught:
        replaced(file)
    told = str(caught.value).splitlines()
    assert told[0].startswith(f"{file}:1: there is no span 'clean_up'; there are test_failover, ")
    assert told[0].endswith(", automation_turns")
    assert [line.removeprefix(f"{file}:") for line in told[1:]] == [
        "2: cleanup: low, typical and high have to grow in this order",
        "3: vm_start.typical: a time span is written like 45s, 5m, 4h or 1d",
        "6: vm_stop.most: there are low, typical, high, what, rests and source",
        "7: vm_delete: wanted low, typical and high, like {low: 80s, high: 4m}",
        "8: vm_create: says no time; wanted low, typical and high, or some of them",
        "9: vm_update: low alone bounds nothing; say the other end too",
        "10: gateway.typical: no span is as long as a year",
        "11: repair.what: wanted a text",
        "12: disable.typical: Input should be greater than or equal to 0",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a\n", ":1: wanted names of spans"),
        ("", ":1: wanted names of spans"),
        ("cleanup: {low: 5s", ":1: "),
        (
            "cleanup: {typical: 5s}\ncleanup: {typical: 6s}\n",
            ':2: found duplicate key "cleanup"\n',
        ),
        ("cleanup: {typical: 5s}\n\0", ":2: character U+0000 does not belong in such a file"),
    ],
)
def test_what_is_no_table_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    file = file_with(tmp_path, text)
    given = ["--world", str(WORLD), "--state", str(tmp_path / "state"), "--durations", str(file)]
    assert main(given) == 2
    told = capsys.readouterr().err
    assert told.startswith(str(file))
    assert sentence in told
    assert told.count("\n") == 1


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nowhere.yaml"
    given = ["--world", str(WORLD), "--state", str(tmp_path / "state"), "--durations", str(file)]
    assert main(given) == 2
    assert f"The durations file {file} cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"), [("/dev/zero", "it is not a file"), ("/", "it is a folder")]
)
def test_what_has_no_end_is_not_read(name: str, says: str) -> None:
    with pytest.raises(SimulatorError, match=f"The durations file {name} cannot be read: {says}"):
        replaced(Path(name))


def test_a_world_lives_by_the_users_spans(tmp_path: Path) -> None:
    still = StillWorld()
    still.world.spans = replaced(file_with(tmp_path, "test_failover: {low: 2h, high: 3h}\n"))
    properties = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": DRILL_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
    item = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
    job = still.job_of(still.ask("POST", f"{item}/testFailover", properties))
    assert 7200 <= job["ends"] - job["starts"] <= 10_800
