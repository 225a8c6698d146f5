"""What keeps a run from being evidence of a drill on Azure; said by verify, status and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from muster.journal.events import Event, EventKind

SURROUNDINGS = "surroundings"
"""What a note says whose `private_ca` and `proxy` hold from there on: after a takeover."""

SIMULATOR = "SIMULATOR: a rehearsal, no evidence of a drill."
UNKNOWN = "TARGET UNKNOWN: the journal does not say what this run was made against."
HURRIED = "REHEARSAL: time ran {speed:g} times as fast as on the wall: not evidence."
REHEARSAL = "REHEARSAL: not evidence."
PRIVATE_CA = (
    "PRIVATE CA: answers came through a private certificate authority ({cas}): not evidence."
)


def marks_of(events: Sequence[Event]) -> tuple[str, ...]:
    """Sentences to be said with everything else of a run; none for a drill on Azure itself."""
    opened: Mapping[str, Any] = events[0].data if events else {}
    target = opened.get("target")
    marks = []
    if target != "azure":
        marks.append(SIMULATOR if target == "simulator" else UNKNOWN)
    speed = speed_of(opened)
    if speed is not None and speed != 1:
        marks.append(HURRIED.format(speed=speed))
    elif opened.get("rehearsal") is True and target == "azure":
        marks.append(REHEARSAL)
    if target != "simulator" and (cas := private_cas(events)):
        marks.append(PRIVATE_CA.format(cas=", ".join(cas)))
    return tuple(marks)


def speed_of(opened: Mapping[str, Any]) -> float | None:
    """How fast time ran, as `opened` says; None where it does not."""
    clock = opened.get("clock")
    speed = clock.get("speed") if isinstance(clock, Mapping) else None
    is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
    return float(speed) if is_number and speed is not None else None


def private_cas(events: Sequence[Event]) -> tuple[str, ...]:
    """Fingerprints of every authority but the system's that vouched for what answered."""
    told = [event.data.get("private_ca") for event in _telling(events)]
    return tuple(dict.fromkeys(str(one) for one in told if one))


def proxies(events: Sequence[Event]) -> tuple[str, ...]:
    """Hosts of the proxies that stood between the run and Azure."""
    told = [event.data.get("proxy") for event in _telling(events)]
    return tuple(dict.fromkeys(str(one) for one in told if one))


def _telling(events: Sequence[Event]) -> list[Event]:
    return [
        event
        for event in events
        if event.kind is EventKind.OPENED
        or (event.kind is EventKind.NOTED and event.data.get("what") == SURROUNDINGS)
    ]
