"""The head of the record: what was run, where and how fast, who asked for it, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from muster.journal.events import EventKind, Observed
from muster.journal.marks import PRIVATE_CA, private_cas, proxies, speed_of
from muster.report.read import Reading
from muster.report.values import iso, mapping, text, texts

REHEARSAL_SENTENCE = (
    "Rehearsal, not evidence: time ran {speed} times as fast as on the wall, "
    "so spans are those of the rehearsal's clock."
)
SIMULATOR_SENTENCE = (
    "Simulator: every answer came from Muster's own simulator. Nothing here was seen on Azure."
)
FAULTS_SENTENCE = "It was told to let things go wrong: {faults}."


def head_entry(reading: Reading) -> dict[str, Any]:
    opening = reading.opening
    target = text(opening.get("target"))
    speed = speed_of(opening)
    cas = private_cas(reading.events)
    faults = texts(opening.get("faults"))
    rehearsal = opening.get("rehearsal") is True or (speed is not None and speed != 1)
    return {
        "run": text(opening.get("run")) or "unknown",
        "plan": reading.plan_name,
        "plan_digest": text(opening.get("plan_digest")),
        "about": text(reading.plan_data.get("about")),
        "owner": text(reading.plan_data.get("owner")),
        "controls": texts(reading.plan_data.get("controls")),
        "operation": text(opening.get("operation")) or "unknown",
        "target": target if target in ("simulator", "azure") else "unknown",
        "arm_host": text(opening.get("arm_host")),
        "private_cas": list(cas),
        "proxies": list(proxies(reading.events)),
        "rehearsal": rehearsal,
        "speed": speed,
        "faults": faults,
        "marking": " ".join(_marks(target, cas, speed, faults, is_rehearsal=rehearsal)) or None,
        **_who(reading),
        "times": _times(reading),
    }


def _marks(
    target: str | None,
    cas: Sequence[str],
    speed: float | None,
    faults: Sequence[str],
    *,
    is_rehearsal: bool,
) -> list[str]:
    """Why the run is no evidence of a drill on Azure; nothing if it is."""
    marks = [SIMULATOR_SENTENCE] if target == "simulator" else []
    if faults:
        marks.append(FAULTS_SENTENCE.format(faults=", ".join(faults)))
    if is_rehearsal:
        marks.append(
            REHEARSAL_SENTENCE.format(speed=f"{speed:g}" if speed else "an unknown number of")
        )
    if cas and target != "simulator":
        marks.append(PRIVATE_CA.format(cas=", ".join(cas)))
    return marks


def _who(reading: Reading) -> dict[str, Any]:
    """Who asked for the run and with what, as whom Azure knew it, and the tool that ran it."""
    opening = reading.opening
    asked, parameters = mapping(opening.get("requested_by")), mapping(opening.get("parameters"))
    caller, tool = reading.last_observed(Observed.CALLER), mapping(opening.get("tool"))
    keys = ("object_id", "app_id", "tenant")
    return {
        "requested_by": {
            "name": text(asked.get("name")),
            "via": text(asked.get("via")),
            "reason": text(parameters.get("reason")),
        },
        "parameters": dict(parameters),
        "caller": {key: text(caller.data.get(key)) for key in keys} if caller else None,
        "tool": {"name": text(tool.get("name")), "version": text(tool.get("version"))},
    }


def _times(reading: Reading) -> dict[str, Any]:
    started = [event for event in reading.of_kind(EventKind.STARTED) if event.step is None]
    last = reading.events[-1] if reading.events else None
    at = {
        "opened": reading.opened,
        "started": started[0] if started else None,
        "closed": reading.closed,
        "last_event": last,
    }
    return {
        name: {"azure": iso(event.at), "wall": iso(event.wall), "evidence": [event.seq]}
        if event
        else None
        for name, event in at.items()
    }
