"""RTO and RPO are measured from events, or read `not evidenced`; never anything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.journal.events import Event, EventKind, instant_text
from muster.report.record import build_record
from tests.unit.report import journals
from tests.unit.report.journals import REFERENCE, Writer, plan_raw


def with_data(events: list[Event], seq: int, **changes: Any) -> list[Event]:
    """The events with some keys of one event's data changed."""
    return [
        replace(event, data={**event.data, **changes}) if event.seq == seq else event
        for event in events
    ]


def seq_of(events: list[Event], kind: EventKind, **data: Any) -> int:
    return next(
        event.seq
        for event in events
        if event.kind is kind and all(event.data.get(key) == value for key, value in data.items())
    )


def test_recovery_time_runs_from_proven_isolation_to_the_last_required_check():
    events = journals.passed_drill()
    isolated = next(e for e in events if e.kind is EventKind.FINISHED and e.step == "isolate")
    last = next(e for e in events if e.data.get("check") == "plan.2")
    rto = build_record(events)["objectives"]["rto"]
    assert rto["actual"] == (last.at - isolated.at).total_seconds() == 679
    assert rto["verdict"] == "met"
    assert {isolated.seq, last.seq} <= set(rto["evidence"])


def test_an_rto_that_is_shorter_than_recovery_took_is_missed():
    plan = plan_raw(objectives={"rto": "5m", "rpo": "15m"})
    record = build_record(journals.passed_drill(plan=plan))
    assert record["objectives"]["rto"]["verdict"] == "missed"
    assert record["outcome"] == "failed"
    assert [cause["code"] for cause in record["causes"]] == ["OBJ-001"]


def test_one_required_check_that_failed_leaves_recovery_time_without_evidence():
    rto = build_record(journals.failed_check())["objectives"]["rto"]
    assert (rto["actual"], rto["verdict"]) == (None, "not evidenced")
    assert "web2" in rto["why"]


def test_a_required_check_that_never_ran_leaves_recovery_time_without_evidence():
    events = [e for e in journals.passed_drill() if e.data.get("check") != "web.2"]
    record = build_record(events)
    assert record["objectives"]["rto"]["actual"] is None
    assert {c["verdict"] for c in record["checks"] if c["vm"] == "web2"} == {"not run"}


def test_a_check_that_is_not_required_does_not_decide():
    plan = plan_raw()
    plan["groups"][1]["checks"][1]["required"] = False
    run = journals.ready(plan=plan).database().web_up().web_checks("web1", "web2", failing="web2")
    record = build_record(run.plan_checks().clean(*journals.VMS).events)
    assert record["objectives"]["rto"]["verdict"] == "met"
    failed = next(check for check in record["checks"] if check["verdict"] == "failed")
    assert not failed["decides"]


def test_a_check_about_an_optional_vm_does_not_decide():
    record = build_record(journals.optional_vm_failed())
    assert record["objectives"]["rto"]["verdict"] == "met"
    assert [c["decides"] for c in record["checks"] if c["vm"] == "web2"] == [False]
    assert record["outcome"] == "passed"


def test_a_plan_without_a_required_check_has_no_recovery_time():
    plan = plan_raw()
    for group in plan["groups"]:
        group["checks"] = []
    plan["checks"] = []
    run = journals.ready(plan=plan).database().web_up().clean(*journals.VMS)
    events = [e for e in run.events if e.kind is not EventKind.CHECKED or e.step == "preflight"]
    record = build_record(events)
    assert record["objectives"]["rto"]["actual"] is None
    assert "no required check" in record["objectives"]["rto"]["why"]


def test_data_loss_comes_from_data_where_the_plan_says_how_and_else_from_the_point():
    record = build_record(journals.passed_drill())
    found = {vm["vm"]: (vm["rpo"]["actual"], vm["rpo"]["source"]) for vm in record["vms"]}
    assert found == {
        "db1": (240, "recovery point"),
        "web1": (200, "data"),
        "web2": (360, "recovery point"),
    }


def test_the_plan_loses_what_its_worst_vm_loses():
    rpo = build_record(journals.passed_drill())["objectives"]["rpo"]
    assert (rpo["actual"], rpo["verdict"]) == (360, "met")
    assert "web2" in rpo["why"]


def test_a_point_older_than_the_rpo_misses_it():
    old = {"point_time": instant_text(REFERENCE - timedelta(minutes=16))}
    run = Writer().open().preflight().points(db1=old).isolate().database().web_up()
    run.web_checks("web1", "web2").plan_checks().clean(*journals.VMS).close()
    record = build_record(run.events)
    assert (record["objectives"]["rpo"]["actual"], record["outcome"]) == (960, "failed")
    assert [cause["code"] for cause in record["causes"]] == ["OBJ-002"]


def db1_from_a_point(ahead: timedelta) -> Any:
    ahead_of = {"point_time": instant_text(REFERENCE + ahead)}
    run = Writer().open().preflight().points(db1=ahead_of).isolate().database().web_up()
    run.web_checks("web1", "web2").plan_checks().clean(*journals.VMS).close()
    return build_record(run.events)["vms"][0]["rpo"]


def test_a_point_from_the_future_evidences_no_loss_at_all():
    rpo = db1_from_a_point(timedelta(days=3))
    assert rpo["actual"] is None
    assert "clocks differ" in rpo["why"]


def test_a_point_a_little_ahead_is_no_loss_for_clocks_differ():
    assert db1_from_a_point(timedelta(seconds=30))["actual"] == 0


def test_a_marker_from_the_future_evidences_no_loss_at_all():
    run = journals.passed_drill()
    check = seq_of(run, EventKind.CHECKED, check="plan.1")
    (event,) = [event for event in run if event.seq == check]
    written = instant_text(REFERENCE + timedelta(days=3))
    evidence = {**event.data["evidence"], "written_at": written, "loss_seconds": 0.0}
    web1 = build_record(with_data(run, check, evidence=evidence))["vms"][1]
    assert web1["rpo"]["actual"] is None
    assert "clocks differ" in web1["rpo"]["why"]


LATEST = {"choice": "latest", "point_id": None, "point_time": None, "point_type": None}


def test_latest_names_no_point_and_so_evidences_no_loss():
    run = Writer().open().preflight().points(db1=LATEST).isolate().database().web_up()
    events = run.web_checks("web1", "web2").plan_checks().clean(*journals.VMS).events
    events = with_data(
        events, seq_of(events, EventKind.INTENDED, act="test-failover", subject="db1"), request={}
    )
    record = build_record(events)
    assert record["vms"][0]["rpo"]["actual"] is None
    assert record["objectives"]["rpo"]["verdict"] == "not evidenced"
    assert record["worked_out"] == "failed"


def test_latest_is_dated_by_the_job_where_azure_says_which_point_it_took():
    run = Writer().open().preflight().points(db1=LATEST).isolate().database().web_up()
    events = run.web_checks("web1", "web2").plan_checks().clean(*journals.VMS).events
    job = seq_of(events, EventKind.OBSERVED, what="job", vm="db1")
    when = instant_text(REFERENCE - timedelta(seconds=90))
    raw = {"customDetails": {"protectedItemDetails": [{"recoveryPointTime": when}]}}
    events = with_data(events, job, raw=raw)
    events = with_data(
        events, seq_of(events, EventKind.INTENDED, act="test-failover", subject="db1"), request={}
    )
    db1 = build_record(events)["vms"][0]
    assert (db1["rpo"]["actual"], db1["point"]["why"]) == (90, "dated by the job")
    assert job in db1["rpo"]["evidence"]


@pytest.mark.parametrize("said", [{"point_type": "AppConsistent"}, {}])
def test_a_substitute_point_is_measured_and_named_as_a_deviation(said):
    run = journals.ready()
    when = instant_text(REFERENCE - timedelta(minutes=9))
    run.add(
        EventKind.NOTED, "test-failover:db1", what="deviation", vm="db1", point_id="db1-p8",
        point_time=when, text="the pinned point was pruned", **said,
    )  # fmt: skip
    run.database().web_up().web_checks("web1", "web2").plan_checks().clean(*journals.VMS)
    sent = seq_of(run.events, EventKind.INTENDED, act="test-failover", subject="db1")
    events = with_data(run.events, sent, request={"recovery_point_id": "/x/recoveryPoints/DB1-P8"})
    record = build_record(events)
    assert record["vms"][0]["rpo"]["actual"] == 540
    point = record["vms"][0]["point"]
    assert point["substitute"]
    assert point["type"] == said.get("point_type")  # never that of the point it stands for
    assert "recovery point" in [one["what"] for one in record["deviations"]]


def test_a_point_that_was_sent_but_never_resolved_evidences_nothing():
    events = journals.passed_drill()
    sent = seq_of(events, EventKind.INTENDED, act="test-failover", subject="db1")
    record = build_record(with_data(events, sent, request={"recovery_point_id": "/x/another"}))
    assert record["vms"][0]["rpo"]["actual"] is None
    assert "is not the one resolved" in record["vms"][0]["rpo"]["why"]


def test_a_stated_loss_that_its_own_instants_contradict_counts_for_nothing():
    events = journals.passed_drill()
    seq = seq_of(events, EventKind.CHECKED, check="plan.1")
    evidence = next(e for e in events if e.seq == seq).data["evidence"]
    forged = with_data(events, seq, evidence={**evidence, "loss_seconds": 3.0})
    web1 = build_record(forged)["vms"][1]
    assert (web1["rpo"]["actual"], web1["rpo"]["verdict"]) == (None, "not evidenced")


def test_skew_is_the_span_between_the_oldest_and_the_newest_point():
    assert build_record(journals.passed_drill())["objectives"]["points"]["skew"] == 120


@pytest.mark.parametrize(
    "run", [journals.crashed, journals.preflight_failed, journals.opened_only, list]
)
def test_a_run_that_did_not_get_there_reads_not_evidenced_never_zero(run):
    objectives = build_record(run())["objectives"]
    assert objectives["rto"]["actual"] is None
    assert objectives["rpo"]["actual"] is None
    assert objectives["rto"]["verdict"] == objectives["rpo"]["verdict"] == "not evidenced"


def test_a_check_without_an_answer_leaves_recovery_time_without_evidence():
    run = journals.ready().database().web_up().web_checks("web1", "web2")
    events = run.plan_checks(canary="not evidenced").clean(*journals.VMS).events
    rto = build_record(events)["objectives"]["rto"]
    assert rto["actual"] is None
    assert "unreachable 10.9.0.10:443 from web1 (not evidenced)" in rto["why"]
