"""Parts of the record: each VM's way through the run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from muster.journal.events import Event, Observed
from muster.report.objectives import MET, MISSED, NOT_EVIDENCED, Loss
from muster.report.points import PointUsed
from muster.report.read import Reading
from muster.report.values import (
    instant,
    iso,
    mapping,
    mappings,
    number,
    seconds,
    seqs,
    text,
    texts,
)


def group_entries(reading: Reading) -> list[dict[str, Any]]:
    """Groups in the order people read them: support first, then as the plan writes them."""
    by_group: dict[str, list[str]] = {}
    for vm in reading.vms:
        by_group.setdefault(reading.group_of(vm) or "", []).append(vm)
    needs = (
        {group.name: reading.plan.needs_of(group) for group in reading.plan.groups}
        if reading.plan
        else {}
    )
    return [
        {"name": name, "vms": vms, "needs": list(needs.get(name, ()))}
        for name, vms in by_group.items()
    ]


def vm_entries(
    reading: Reading, found: Sequence[Loss], objective: timedelta | None
) -> list[dict[str, Any]]:
    return [_vm_entry(reading, loss, objective) for loss in found]


def _vm_entry(reading: Reading, loss: Loss, objective: timedelta | None) -> dict[str, Any]:
    vm = loss.vm
    item = reading.last_observed(Observed.ITEM, vm)
    owned = reading.last_observed(Observed.OWNED, vm)
    up = reading.last_observed(Observed.UP, vm)
    jobs = reading.observed(Observed.JOB, vm)
    done = [event for event in jobs if not _is_cleanup(event)]
    undone = [event for event in jobs if _is_cleanup(event)]
    gone = reading.observed(Observed.GONE, vm)
    return {
        "vm": vm,
        "group": reading.group_of(vm),
        "critical": loss.critical,
        "item": _item(item) if item else None,
        "point": _point(reading, loss.point) if loss.point else None,
        "job": _job(done[-1]) if done else None,
        "test_vm_id": text(owned.data.get("vm_id")) if owned else None,
        "owned": texts(owned.data.get("ids")) if owned else [],
        "up_at": iso(instant(up.data.get("at")) or up.at) if up else None,
        "power_state": text(up.data.get("power_state")) if up else None,
        "agent": text(up.data.get("agent")) if up else None,
        "address": text(up.data.get("address")) if up else None,
        "placement": _placement(reading.last_observed(Observed.PLACEMENT, vm)),
        "cleanup": {
            "job": _job(undone[-1]) if undone else None,
            "ended": _cleanup_end(reading, vm),
            "gone": bool(gone),
            "evidence": seqs(*(event.seq for event in gone)),
        },
        "rpo": _loss_entry(loss, objective),
        "evidence": seqs(
            *(event.seq if event else None for event in (item, owned, up)),
            *(event.seq for event in jobs),
        ),
    }


def _is_cleanup(event: Event) -> bool:
    said = f"{event.data.get('act')} {event.data.get('scenario')}".casefold()
    return "cleanup" in said


def _item(event: Event) -> dict[str, Any]:
    data = event.data
    keys = (
        "item_id", "source_vm_id", "protection_state", "test_failover_state", "replication_health",
        "test_vm_name", "os", "size", "multi_vm_group",
    )  # fmt: skip
    return {key: text(data.get(key)) for key in keys} | {
        "rpo_seconds": number(data.get("rpo_seconds")),
        "rpo_at": iso(instant(data.get("rpo_at"))),
        "evidence": [event.seq],
    }


def _point(reading: Reading, point: PointUsed) -> dict[str, Any]:
    reference = instant(reading.reference.data.get("reference")) if reading.reference else None
    return {
        "choice": point.choice,
        "id": point.id,
        "time": iso(point.time),
        "type": point.type,
        "age_seconds": seconds(reference - point.time) if reference and point.time else None,
        "why": point.why,
        "substitute": point.substitute,
        "evidence": list(point.evidence),
    }


def _job(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "id": text(data.get("job_id")),
        "scenario": text(data.get("scenario")),
        "state": text(data.get("state")),
        "started": iso(instant(data.get("started_at"))),
        "ended": iso(instant(data.get("ended_at"))),
        "tasks": [
            {
                "name": text(task.get("name")),
                "state": text(task.get("state")),
                "started": iso(instant(task.get("started_at"))),
                "ended": iso(instant(task.get("ended_at"))),
            }
            for task in mappings(data.get("tasks"))
        ],
        "errors": [
            {key: text(error.get(key)) for key in ("code", "message", "causes", "action")}
            for error in mappings(data.get("errors"))
        ],
        "evidence": [event.seq],
    }


def _placement(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {
        "wanted": dict(mapping(event.data.get("wanted"))),
        "found": dict(mapping(event.data.get("found"))),
        "differences": differences(event),
        "evidence": [event.seq],
    }


def differences(event: Event) -> list[dict[str, Any]]:
    """How a test copy differs from what was wanted."""
    return [
        {
            "field": text(one.get("field")),
            "wanted": _shown(one.get("wanted")),
            "found": _shown(one.get("found")),
            "severe": one.get("severe") is True,
            "why": text(one.get("why")),
        }
        for one in mappings(event.data.get("differences"))
    ]


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


def _cleanup_end(reading: Reading, vm: str) -> str | None:
    step = reading.step_of_vm("cleanup", vm)
    return iso(step.ended) if step and step.status == "ok" else None


def _loss_entry(loss: Loss, objective: timedelta | None) -> dict[str, Any]:
    if loss.actual is None or objective is None:
        verdict = NOT_EVIDENCED
    else:
        verdict = MET if loss.actual <= objective else MISSED
    return {
        "actual": seconds(loss.actual),
        "source": loss.source,
        "verdict": verdict,
        "why": loss.why,
        "evidence": list(loss.evidence),
    }
