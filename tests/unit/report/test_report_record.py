"""The record: valid by its schema, out of any journal, every statement with its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import muster.report
from muster.journal.events import EventKind
from muster.report.record import build_record, drill_json
from muster.report.render_html import render_html
from muster.report.text import summary_text
from tests.unit.report import journals

SCHEMA = json.loads(
    (Path(muster.report.__file__).parent / "record.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
PASSED = journals.passed_drill()


def problems(record: dict[str, Any]) -> list[str]:
    """What the schema says against a record, as a reader of record.json would get it."""
    again = json.loads(json.dumps(record, allow_nan=False))
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(again)]


@cache
def record_of(run: Any) -> dict[str, Any]:
    return build_record(run())


def test_the_schema_is_a_schema_and_strict():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False
    assert set(SCHEMA["required"]) == set(SCHEMA["properties"])


@pytest.mark.parametrize("run", [*journals.EVERY_RUN, list])
def test_every_run_has_a_valid_record(run):
    assert problems(record_of(run)) == []


def test_the_schema_refuses_what_it_does_not_know():
    record = {**record_of(journals.passed_drill), "colour": "green"}
    assert problems(record)


@pytest.mark.parametrize("length", range(len(PASSED)))
def test_a_journal_cut_off_at_any_event_has_a_record(length):
    record = build_record(PASSED[:length])
    assert problems(record) == []
    assert record["state"] == "open"
    assert record["outcome"] is None
    proven = any(e.kind is EventKind.FINISHED and e.step == "prove-clean" for e in PASSED[:length])
    assert (record["worked_out"] == "passed") is proven


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1e9, 1e9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


SPOTS = [(place, key) for place, event in enumerate(PASSED) for key in sorted(event.data)]


@given(st.sampled_from(SPOTS), JSON)
@settings(max_examples=40, deadline=None)
def test_an_event_of_another_shape_never_breaks_a_report(spot, value):
    place, key = spot
    event = PASSED[place]
    mangled = replace(event, data={**event.data, key: value})
    record = build_record([*PASSED[:place], mangled, *PASSED[place + 1 :]])
    assert problems(record) == []
    assert render_html(record).endswith("</html>")


def _evidence(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "evidence" and isinstance(inner, list):
                yield from inner
            else:
                yield from _evidence(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _evidence(inner)


@pytest.mark.parametrize("run", journals.EVERY_RUN)
def test_evidence_names_events_that_exist(run):
    known = {event.seq for event in run()}
    assert set(_evidence(record_of(run))) <= known


def test_a_passed_drill_leaves_no_measure_without_evidence():
    record = record_of(journals.passed_drill)
    assert record["not_evidenced"] == []
    assert record["deviations"] == []
    assert record["cleanup"]["proven"]
    assert record["isolation"]["verdict"] == "isolated"
    assert record["isolation"]["canaries"][0]["raw"]["control"]["connected"]


def test_the_record_says_whether_it_was_a_simulator_and_a_rehearsal():
    record = record_of(journals.passed_drill)
    assert (record["target"], record["rehearsal"]) == ("simulator", True)
    assert "Simulator" in record["marking"]
    assert "Rehearsal, not evidence" in record["marking"]
    real = build_record(
        journals.passed_drill(target="azure", rehearsal=False, clock={"speed": 1.0, "epoch": 0})
    )
    assert (real["target"], real["rehearsal"], real["marking"]) == ("azure", False, None)


def test_the_record_names_what_the_simulator_was_told_to_let_go_wrong():
    record = build_record(journals.passed_drill(faults=["F3", "bad-day"]))
    assert record["faults"] == ["F3", "bad-day"]
    assert "It was told to let things go wrong: F3, bad-day. Rehearsal," in record["marking"]
    assert "It was told to let things go wrong: F3, bad-day." in summary_text(record)[1]
    assert "It was told to let things go wrong: F3, bad-day." in render_html(record)
    calm = record_of(journals.passed_drill)
    assert calm["faults"] == []
    assert "told to let" not in calm["marking"]


def test_a_target_that_nobody_stated_is_never_azure():
    assert build_record(journals.passed_drill(target=None))["target"] == "unknown"


def test_what_a_drill_never_exercises_and_what_was_left_out_are_named():
    named = [one["what"] for one in record_of(journals.passed_drill)["not_exercised"]]
    assert {"Azure itself", "detection", "decision", "DNS", "ingress traffic"} <= set(named)
    assert any("Switch-Traffic" in what for what in named)


def test_a_canary_that_got_through_breaks_isolation_whatever_the_walk_said():
    run = journals.ready().database().web_up().web_checks("web1", "web2")
    run.plan_checks(canary="failed")
    isolation = build_record(run.events)["isolation"]
    assert isolation["verdict"] == "reaches"
    assert "seen from inside" in isolation["why"]


def test_a_failed_job_carries_azures_own_cause_and_advice():
    web2 = record_of(journals.failed_job)["vms"][2]
    assert web2["job"]["state"] == "Failed"
    assert web2["job"]["errors"][0]["causes"].startswith("The subscription has no more cores")
    assert web2["cleanup"]["gone"]


def test_a_run_cleaned_up_by_another_process_says_so():
    record = record_of(journals.crashed_then_cleaned)
    assert [owner["host"] for owner in record["journal"]["owners"]] == ["worker-a", "worker-b"]
    assert "taken over" in [one["what"] for one in record["deviations"]]
    died = next(step for step in record["steps"] if step["id"] == "test-failover:web1")
    assert (died["status"], died["ended"]) == ("unfinished", None)


def test_a_run_closed_against_its_own_events_is_shown_up():
    events = journals.failed_check()
    lie = replace(events[-1], data={**events[-1].data, "outcome": "passed", "causes": []})
    record = build_record([*events[:-1], lie])
    assert (record["outcome"], record["worked_out"]) == ("passed", "failed")
    assert any(one["what"] == "outcome" and one["severe"] for one in record["deviations"])


def test_questions_and_actions_carry_who_and_what():
    record = record_of(journals.passed_drill)
    question = record["questions"][0]
    assert (question["answer"], question["by"], question["via"]) == (
        "continue",
        "lead@small.example",
        "inbox",
    )
    script, manual = record["actions"]
    assert (script["kind"], script["exit_code"], script["output"]) == ("script", 0, "promoted\n")
    assert manual["kind"] == "manual"


def test_drill_json_is_what_the_command_ends_with(tmp_path):
    value = drill_json(record_of(journals.passed_drill), tmp_path)
    assert value == {
        "run": "small-drill-000000000001",
        "outcome": "passed",
        "target": "simulator",
        "rto": {"objective": 1800, "actual": 679},
        "rpo": {"objective": 900, "actual": 360},
        "leftovers": [],
        "causes": [],
        "evidence": str(tmp_path),
    }


def test_drill_json_of_a_run_that_nobody_closed_reads_failed(tmp_path):
    assert drill_json(record_of(journals.crashed), tmp_path)["outcome"] == "failed"


def test_the_reference_names_every_field_of_the_record():
    text = Path("docs/reference/record.md").read_text(encoding="utf-8")
    assert [name for name in SCHEMA["properties"] if f"`{name}`" not in text] == []


def test_what_kept_steps_from_running_is_told_once_for_all_of_them():
    entries = record_of(journals.preflight_failed)["not_exercised"]
    skipped = [entry for entry in entries if entry["why"] == "preflight failed"]
    assert len(skipped) == 1
    assert skipped[0]["what"].startswith("14 steps: recovery-points, isolate, test-failover:db1")


def test_calls_to_azure_are_told_with_the_journal_and_are_no_deviation():
    run = journals.ready()
    run.add(EventKind.NOTED, what="usage", text="…", reads=12, writes=3, deletes=1, throttled=0)
    record = build_record(run.events)
    assert (record["journal"]["usage"]["reads"], record["deviations"]) == (12, [])
    assert problems(record) == []
