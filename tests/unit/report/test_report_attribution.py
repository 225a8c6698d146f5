"""Recovery time is split along the critical path, and the parts are the whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from muster.journal.events import EventKind
from muster.report.attribution import PARTS, attribute
from muster.report.critical_path import critical_path
from muster.report.read import Reading
from muster.report.record import build_record
from tests.unit.report import journals
from tests.unit.report.journals import START, Writer


def test_the_path_takes_at_each_step_what_it_waited_for_longest():
    record = build_record(journals.passed_drill())
    assert [leg["step"] for leg in record["critical_path"]] == [
        "test-failover:db1",
        "boot:db1",
        "action:database.after.1",
        "action:database.after.2",
        "checks:database.db1",
        "test-failover:web2",
        "boot:web2",
        "checks:web.web2",
        "checks:plan.web1",
    ]


def test_the_four_parts_that_people_see_add_up_to_recovery_time():
    record = build_record(journals.passed_drill())
    shown = record["attribution"]["shown"]
    assert set(shown) == {"machine", "cloud", "script", "human"}
    assert abs(sum(shown.values()) - record["objectives"]["rto"]["actual"]) < 1
    assert shown["human"] == 45
    assert shown["script"] == 25


def test_time_between_steps_is_the_orchestrators():
    record = build_record(journals.passed_drill())
    gaps = sum(leg["gap_before"] for leg in record["critical_path"])
    named = sum(leg["spent"]["orchestrator"] for leg in record["critical_path"])
    assert gaps == 63
    assert abs(record["attribution"]["parts"]["orchestrator"] - gaps - named) < 0.01


def test_a_skipped_step_hands_on_what_it_waited_for_itself():
    nodes = {"a": [], "b": ["a"], "c": ["b"]}
    writer = Writer().open(
        graph=[
            {"id": name, "kind": "boot", "subject": name, "after": after}
            for name, after in nodes.items()
        ]
    )
    writer.begin("a").wait(30).end("a").skip("not wanted", "b").wait(5).begin("c").wait(10).end(
        "c"
    )
    legs = critical_path(Reading(writer.events), START, writer.now, "c")
    assert [leg.step.id for leg in legs] == ["a", "c"]
    assert legs[1].gap == timedelta(seconds=5)


spans = st.floats(0, 4000, allow_nan=False).map(lambda value: round(value, 3))
SPENT = st.dictionaries(
    st.sampled_from(["cloud", "script", "check", "human", "retry", "nonsense"]),
    st.one_of(st.floats(-50, 6000, allow_nan=False), st.none(), st.just("x")),
)


@st.composite
def timelines(draw: Any) -> tuple[Writer, str, float]:
    """Steps that may overlap in time, the last of which a check ends in."""
    count = draw(st.integers(1, 9))
    nodes: list[dict[str, Any]] = []
    moments: list[tuple[float, str, str]] = []
    ends: dict[str, float] = {}
    for number in range(count):
        name = f"s{number}"
        before = (
            draw(st.lists(st.sampled_from([n["id"] for n in nodes]), unique=True)) if nodes else []
        )
        began = max([ends[one] for one in before], default=0.0) + draw(spans)
        ends[name] = began + draw(spans)
        split = draw(st.integers(0, len(before)))
        nodes.append(
            {"id": name, "kind": "boot", "needs": before[:split], "after": before[split:]}
        )
        moments += [(began, "begin", name), (ends[name], "end", name)]
    writer = Writer().open(graph=nodes)
    for at, what, name in sorted(moments, key=lambda moment: (moment[0], moment[1] == "end")):
        writer.now = START + timedelta(seconds=at)
        if what == "begin":
            writer.begin(name)
        else:
            writer.end(name, spent=draw(SPENT))
    last = nodes[-1]["id"]
    return writer, last, draw(st.floats(0, ends[last] + 10, allow_nan=False))


@given(timelines(), st.floats(-500, 2000, allow_nan=False))
@settings(max_examples=80, deadline=None)
def test_the_parts_add_up_to_the_whole_within_a_second_whatever_the_timeline(timeline, offset):
    writer, last, until = timeline
    began = START + timedelta(seconds=min(offset, until))
    ended = START + timedelta(seconds=until)
    legs = critical_path(Reading(writer.events), began, ended, last)
    found = attribute(legs, began, ended)
    total = (ended - began).total_seconds()
    assert abs(sum(found["parts"].values()) - total) < 1
    assert abs(sum(found["shown"].values()) - total) < 1
    assert all(found["parts"][part] >= 0 for part in PARTS)


@given(timelines())
@settings(max_examples=50, deadline=None)
def test_legs_follow_each_other_without_overlap(timeline):
    writer, last, until = timeline
    ended = START + timedelta(seconds=until)
    mark = START
    for leg in critical_path(Reading(writer.events), START, ended, last):
        assert leg.began - mark == leg.gap >= timedelta()
        assert leg.ended >= leg.began
        mark = leg.ended
    assert mark <= ended


def test_a_run_without_recovery_time_is_not_attributed():
    record = build_record(journals.failed_check())
    assert record["attribution"] is None
    assert record["critical_path"] == []


def test_a_graph_with_a_cycle_does_not_hang_the_report():
    writer = Writer().open(
        graph=[
            {"id": "a", "kind": "boot", "needs": ["b"]},
            {"id": "b", "kind": "boot", "needs": ["a"]},
        ]
    )
    writer.begin("a").wait(1).begin("b").wait(1).end("a").end("b")
    legs = critical_path(Reading(writer.events), START, writer.now, "a")
    assert {leg.step.id for leg in legs} == {"a", "b"}
    assert writer.events[-1].kind is EventKind.FINISHED
