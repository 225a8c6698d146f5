"""`record.json`: what a run means, as data with its evidence; layout belongs to renderers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from muster.journal.events import Event, EventKind
from muster.report.attribution import attribute, rounded, spent_on
from muster.report.checkruns import check_runs, preflight_runs
from muster.report.cleanliness import cleanliness
from muster.report.critical_path import Leg, critical_path
from muster.report.gaps import deviations, end_not_evidenced, not_evidenced, not_exercised
from muster.report.objectives import (
    Loss,
    RecoveryTime,
    Row,
    losses,
    recovery_point_row,
    recovery_time,
)
from muster.report.outcome import outcome_of
from muster.report.points import skew
from muster.report.read import Reading
from muster.report.record_head import head_entry
from muster.report.record_parts import (
    actions,
    check_entry,
    cleanup_entry,
    isolation_entry,
    questions,
    step_entry,
)
from muster.report.record_vms import group_entries, vm_entries
from muster.report.replication import replication_entry
from muster.report.values import iso, mapping, mappings, number, seconds, seqs, text

FORMAT = "muster-record/1"


def build_record(
    events: Sequence[Event], *, segments: int | None = None, signature: str | None = None
) -> dict[str, Any]:
    """Work out everything an auditor gets from a run's events; shape: `record.schema.json`.

    Args:
        events: All events of one run, open or closed; may be empty.
        segments: How many stored segments they came from, where the caller knows.
        signature: What the caller found out of the head's signature; the events cannot say.
    """
    reading = Reading(events)
    checks = check_runs(reading)
    found = losses(reading, checks)
    rto = recovery_time(reading, checks)
    rpo = recovery_point_row(reading, found)
    legs = _legs(reading, rto)
    clean = cleanliness(reading)
    recovers_nothing = reading.leaves_things_standing  # it has no RTO, no RPO and nothing to clean
    return {
        "format": FORMAT,
        **head_entry(reading),
        **_ending(reading),
        "objectives": None if recovers_nothing else _objectives(reading, rto, rpo, found),
        "attribution": attribute(legs, rto.began, rto.ended) if rto.began and rto.ended else None,
        "critical_path": [_leg_entry(leg) for leg in legs],
        "steps": [step_entry(step) for step in reading.steps.values()],
        "groups": group_entries(reading),
        "vms": [] if recovers_nothing else vm_entries(reading, found, rpo.objective),
        "checks": [check_entry(run) for run in checks],
        "preflight": [check_entry(run) for run in preflight_runs(reading)],
        "isolation": isolation_entry(reading, checks),
        "cleanup": cleanup_entry(clean),
        "questions": questions(reading),
        "actions": actions(reading),
        "left_out": _left_out(reading),
        "deviations": deviations(reading, found),
        "not_exercised": not_exercised(reading),
        "not_evidenced": (
            end_not_evidenced(reading)
            if recovers_nothing
            else not_evidenced(reading, rto.row, rpo, found, checks, clean)
        ),
        "journal": _journal(reading, segments, signature),
        "replication": replication_entry(reading),
    }


def _ending(reading: Reading) -> dict[str, Any]:
    """What `closed` says; of a run that is not closed, only what the events amount to so far."""
    closed = reading.closed
    so_far = outcome_of(reading.events)
    said: Mapping[str, Any] = closed.data if closed else {}
    code, outcome = number(said.get("exit_code")), text(said.get("outcome"))
    known = outcome if outcome in ("passed", "failed", "aborted") else so_far.outcome
    return {
        "state": "closed" if closed else "open",
        "outcome": known if closed else None,
        "worked_out": so_far.outcome,
        "exit_code": so_far.exit_code if code is None else max(0, int(code)),
        "causes": [
            {
                "step": text(cause.get("step")),
                "code": text(cause.get("code")),
                "message": text(cause.get("message")) or "",
                "hint": text(cause.get("hint")),
            }
            for cause in (mappings(said.get("causes")) if "causes" in said else so_far.causes)
        ],
        "evidence": [closed.seq] if closed else [],
    }


def _objectives(
    reading: Reading, rto: RecoveryTime, rpo: Row, found: Sequence[Loss]
) -> dict[str, Any]:
    points = [loss.point for loss in found if loss.point]
    reference = reading.reference
    dated = [seq for point in points for seq in point.evidence]
    return {
        "rto": {
            **_row_entry(rto.row),
            "called": "technical recovery time",
            "began": iso(rto.began),
            "ended": iso(rto.ended),
        },
        "rpo": _row_entry(rpo),
        "points": {
            "reference": text(reference.data.get("reference")) if reference else None,
            "skew": seconds(skew(points)),
            "evidence": seqs(dated),
        },
    }


def _row_entry(row: Row) -> dict[str, Any]:
    return {
        "objective": seconds(row.objective),
        "actual": seconds(row.actual),
        "verdict": row.verdict,
        "why": row.why,
        "evidence": list(row.evidence),
    }


def _legs(reading: Reading, rto: RecoveryTime) -> tuple[Leg, ...]:
    if rto.began is None or rto.ended is None or rto.last_check is None:
        return ()
    return critical_path(reading, rto.began, rto.ended, rto.last_check.step)


def _leg_entry(leg: Leg) -> dict[str, Any]:
    return {
        "step": leg.step.id,
        "title": leg.step.title,
        "began": iso(leg.began),
        "ended": iso(leg.ended),
        "seconds": seconds(leg.length),
        "gap_before": seconds(leg.gap),
        "spent": rounded(spent_on(leg)),
        "evidence": list(leg.step.evidence),
    }


def _left_out(reading: Reading) -> list[dict[str, Any]]:
    """What the plan holds and this operation does not run."""
    return [
        {key: text(left.get(key)) for key in ("group", "action", "why")}
        for left in mappings(reading.opening.get("left_out"))
    ]


def _journal(reading: Reading, segments: int | None, signature: str | None) -> dict[str, Any]:
    register = mapping(reading.opening.get("register"))
    unsigned = "open, unsigned" if reading.closed is None else "see manifest.json: `muster verify`"
    place = number(register.get("number"))
    return {
        "events": len(reading.events),
        "head": reading.events[-1].digest() if reading.events else None,
        "segments": segments,
        "usage": _usage(reading),
        "signature": signature or unsigned,
        "processes": list(dict.fromkeys(event.process for event in reading.events)),
        "owners": [
            {key: text(event.data.get(key)) for key in ("epoch", "host", "pid", "why")}
            | {"at": iso(event.at), "evidence": [event.seq]}
            for event in reading.of_kind(EventKind.OWNER)
        ],
        "register": {
            "number": int(place) if place is not None else None,
            "previous_run": text(register.get("previous_run")),
            "previous_head": text(register.get("previous_head")),
        },
    }


def _usage(reading: Reading) -> dict[str, Any] | None:
    """What the run cost of Azure Resource Manager's budget, as last noted by each process."""
    noted = [e for e in reading.of_kind(EventKind.NOTED) if e.data.get("what") == "usage"]
    last = {event.process: event for event in noted}.values()
    if not last:
        return None
    names = ("reads", "writes", "deletes", "throttled", "cpu_seconds")
    return {
        name: round(sum(number(event.data.get(name)) or 0.0 for event in last), 3)
        for name in names
    } | {"evidence": [event.seq for event in last]}


def drill_json(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The object that `drill --json` ends with; spans in seconds, null where not evidenced."""
    measures = record["objectives"]
    return {
        "run": record["run"],
        "outcome": record["outcome"] or "failed",  # a run that nobody closed has not passed
        "target": record["target"],
        "rto": {key: measures["rto"][key] for key in ("objective", "actual")},
        "rpo": {key: measures["rpo"][key] for key in ("objective", "actual")},
        "leftovers": list(record["cleanup"]["leftovers"]),
        "causes": list(record["causes"]),
        "evidence": str(folder),
    }


__all__ = ["FORMAT", "build_record", "drill_json", "outcome_of"]
