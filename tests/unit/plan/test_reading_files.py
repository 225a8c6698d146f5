"""Whatever the file is, reading it ends at once with a sentence, never with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.errors import PlanError
from muster.plan.loader import load_plan, read_plan
from tests.unit.plan.broken_plans import CASES, VALID, WritePlan


def codes_of(path: Path) -> list[str]:
    with pytest.raises(PlanError) as caught:
        load_plan(path, environment={})
    return [f"{one.line} {one.code}" for one in caught.value.problems]


def test_a_missing_file(folder: Path) -> None:
    assert codes_of(folder / "nowhere.yaml") == ["1 PLAN-001"]


def test_a_folder(folder: Path) -> None:
    assert codes_of(folder) == ["1 PLAN-001"]


def test_a_pipe_is_refused_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert codes_of(folder / "pipe.yaml") == ["1 PLAN-001"]


def test_a_path_with_a_nul(folder: Path) -> None:
    assert codes_of(folder / "a\0b.yaml") == ["1 PLAN-001"]


def test_a_circle_of_links(folder: Path) -> None:
    (folder / "a.yaml").symlink_to(folder / "b.yaml")
    (folder / "b.yaml").symlink_to(folder / "a.yaml")
    assert codes_of(folder / "a.yaml") == ["1 PLAN-001"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "1 PLAN-008"),
        (b"\n\n# nothing\n", "1 PLAN-008"),
        (b"~\n", "1 PLAN-008"),
        (b"- a\n- b\n", "1 PLAN-008"),
        (b"just words\n", "1 PLAN-008"),
        (b"plan: broken\nowner: \xff\n", "2 PLAN-003"),
        (b"plan: broken\nowner: a\x00b\n", "2 PLAN-003"),
        (b"plan: broken\nowner: a\x1b[2J\n", "2 PLAN-003"),
        ("plan: broken\nowner: a\u2028b\n".encode(), "2 PLAN-003"),
        ("plan: broken".encode("utf-16"), "1 PLAN-003"),
        (b"plan: broken\n" + b"#" * (256 * 1024), "1 PLAN-002"),
    ],
)
def test_what_is_no_plan_at_all(content: bytes, expected: str, write_plan: WritePlan) -> None:
    assert codes_of(write_plan(content)) == [expected]


def test_a_byte_order_mark_does_no_harm(write_plan: WritePlan) -> None:
    assert load_plan(write_plan("\ufeff" + VALID)).plan.plan == "broken"


def test_windows_line_ends_do_no_harm(write_plan: WritePlan) -> None:
    unix = load_plan(write_plan(VALID))
    assert load_plan(write_plan(VALID.replace("\n", "\r\n"))).digest == unix.digest


# The time-outs stand for "at once": a slow machine needs a second, a quadratic reader minutes.
@pytest.mark.timeout(10)
@pytest.mark.parametrize("bomb", [b"[" * 2_000_000, b"- " * 1_000_000, b'{"a":' * 400_000])
def test_two_megabytes_of_nesting_are_refused_unread(bomb: bytes, write_plan: WritePlan) -> None:
    assert codes_of(write_plan(bomb)) == ["1 PLAN-002"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("bomb", [b"[" * 260_000, b"- " * 130_000, b'{"a":' * 52_000, b"? " * 99])
def test_nesting_within_the_size_is_refused(bomb: bytes, write_plan: WritePlan) -> None:
    assert codes_of(write_plan(bomb)) == ["1 PLAN-007"]


@pytest.mark.timeout(60)
def test_thousands_of_mistakes_are_answered(write_plan: WritePlan) -> None:
    groups = "".join(f"- {{name: g{n}, needs: [h{n}], vms: [g{n}, {{}}]}}\n" for n in range(1000))
    text = VALID[: VALID.index("groups:")] + "groups:\n" + groups
    found = codes_of(write_plan(text))
    assert sum(one.endswith("PLAN-015") for one in found) == 1000


@pytest.mark.timeout(60)
def test_a_chain_of_thousands_of_groups_in_a_circle_is_answered(write_plan: WritePlan) -> None:
    groups = "- {name: g0, needs: [g1999], vms: [v0]}\n"
    groups += "".join(f"- {{name: g{n}, vms: [v{n}]}}\n" for n in range(1, 2000))
    text = VALID[: VALID.index("groups:")] + "groups:\n" + groups
    assert codes_of(write_plan(text)) == ["14 PLAN-016"]


def only_a_plan_error(path: Path) -> None:
    """`read_plan` is what `load_plan` raises from; anything else that is raised fails the test."""
    loaded, problems, warnings = read_plan(path, environment={"A": "b"})
    assert (loaded is None) == bool(problems)
    lines = sum(path.read_bytes().count(end) for end in (b"\n", b"\r")) + 1
    assert all(1 <= one.line <= lines for one in (*problems, *warnings))


quickly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quickly
@given(content=st.binary(max_size=300))
def test_any_bytes_give_a_plan_error(content: bytes, write_plan: WritePlan) -> None:
    only_a_plan_error(write_plan(content))


PIECES = (
    "- |: |? |\n|  |{|}|[|]|,|&a |*a|!!x |>-\n|'|\"|\\|#|%YAML |---|...|<<|~|${A}|$$|\t|é"
    "|plan|groups|1e999|0x|.inf|vms|needs|\\U|FFFFFFFF|\r|@|`|name|checks"
)
YAML_PIECES = st.sampled_from(["|\n", *PIECES.split("|")])


@quickly
@given(pieces=st.lists(YAML_PIECES, max_size=40))
def test_any_heap_of_yaml_gives_a_plan_error(pieces: list[str], write_plan: WritePlan) -> None:
    only_a_plan_error(write_plan("".join(pieces)))


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("web1")
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "vm", "vms", "needs", "tcp", "url"]), inner),
    ),
    max_leaves=8,
)


@quickly
@given(tree=TREES, line=st.sampled_from([line for line in VALID.splitlines() if ": " in line]))
def test_any_value_anywhere_gives_a_plan_error(
    tree: object, line: str, write_plan: WritePlan
) -> None:
    import json

    key = line.partition(": ")[0]
    changed = f"{key}: {json.dumps(tree)}"
    only_a_plan_error(write_plan(VALID.replace(line, changed)))


@quickly
@given(case=st.sampled_from(CASES), at=st.integers(0, len(VALID)), gone=st.integers(1, 40))
def test_any_cut_gives_a_plan_error(
    case: object, at: int, gone: int, write_plan: WritePlan
) -> None:
    assert isinstance(case, type(CASES[0]))
    only_a_plan_error(write_plan(case.text[:at] + case.text[at + gone :]))
