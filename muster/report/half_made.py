"""What a run of replicate or disable left half made, by its journal: begun, no end seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.journal.events import Event, EventKind, Observed
from muster.report.read import Reading
from muster.report.values import last_segment, number, text

KINDS: Mapping[str, str] = {
    "enable": "protected item",
    "disable": "protected item",
    "add-disks": "disks of a protected item",
    "settle": "settings of",
    "make-vault": "vault",
    "make-fabric": "fabric",
    "make-container": "protection container",
    "make-policy": "replication policy",
    "map-containers": "container mapping",
    "map-networks": "network mapping",
}
"""What an act is about, in the words that `Observed.MADE` has for it."""
_ENABLE, _PROTECTED = "enable", "protected"
_FAILED = ("failed", "cancelled")
_NOT_DONE = ("refused", "not sent")
_OF_A_SEND = (EventKind.INTENDED, EventKind.ACCEPTED, EventKind.NOTED)


def half_made(reading: Reading) -> list[dict[str, Any]]:
    """Each thing that was begun and not seen to stand: its kind, name, id, job, and why.

    Azure goes on with an accepted job whether or not anybody waits for it, so what is named here
    may stand by now; the journal cannot know.
    """
    return [*_told(reading), *_unended(reading), *_copying(reading)]


def items_begun(reading: Reading) -> dict[str, str]:
    """Id of the protected item by VM, of every VM that Azure was asked to enable."""
    return {
        _name(event): str(event.data.get("subject"))
        for event in reading.of_kind(EventKind.ACCEPTED)
        if event.data.get("act") == _ENABLE
    }


def _told(reading: Reading) -> Iterator[dict[str, Any]]:
    """What a step itself looked at, and found begun and not as wanted."""
    last: dict[tuple[str, str], Event] = {}
    for event in reading.observed(Observed.MADE):
        last[str(event.data.get("kind")), str(event.data.get("name"))] = event
    for (kind, name), event in last.items():
        if event.data.get("how") == "half made":
            why = text(event.data.get("why")) or "it is not as wanted"
            yield _entry(kind, name, text(event.data.get("id")), None, why, event)


def _unended(reading: Reading) -> Iterator[dict[str, Any]]:
    """What was sent, and no later event says that it stands, or that its job failed."""
    last: dict[tuple[str, str, str], Event] = {}
    for event in reading.events:
        if event.kind in _OF_A_SEND and event.data.get("act"):
            key = (str(event.step), str(event.data["act"]), str(event.data.get("subject")))
            last[key] = event
    for event in sorted(last.values(), key=lambda one: one.seq):
        if event.data.get("what") not in _NOT_DONE and not _is_settled(reading, event):
            yield _accepted(reading, event) if _is_accepted(event) else _unanswered(event)


def _is_accepted(event: Event) -> bool:
    return event.kind is EventKind.ACCEPTED


def _accepted(reading: Reading, event: Event) -> dict[str, Any]:
    job = text(event.data.get("job_id"))
    ended = _job_seen(reading, job)
    named = f" (job {last_segment(job)})" if job else ""
    if ended is None:
        why = f"Azure took it{named}; its end was not seen"
    else:
        why = f"its job ended {ended}{named}; whether it stands was not looked at"
    return _of_act(event, job, why)


def _unanswered(event: Event) -> dict[str, Any]:
    return _of_act(event, None, "it was being sent, and no answer is kept: it may be under way")


def _is_settled(reading: Reading, event: Event) -> bool:
    """Whether a later event of the same step says what came of a send."""
    for later in reading.of_step(str(event.step)):
        is_made = later.data.get("what") == Observed.MADE.value
        if is_made and later.seq > event.seq and _same(later, event):
            return True
    ended = _job_seen(reading, text(event.data.get("job_id")))
    return ended is not None and ended.casefold() in _FAILED


def _same(made: Event, sent: Event) -> bool:
    ids = (str(made.data.get("id")).casefold(), str(sent.data.get("subject")).casefold())
    return ids[0] == ids[1] or sent.data.get("act") == "disable"  # told by the VM's id


def _job_seen(reading: Reading, job: str | None) -> str | None:
    """How a job ended, where that was journalled."""
    for event in reading.observed(Observed.JOB) if job else ():
        named = (text(event.data.get(key)) for key in ("asked_id", "job_id"))
        if any((one or "").casefold() == (job or "").casefold() for one in named):
            return text(event.data.get("state"))
    return None


def _copying(reading: Reading) -> Iterator[dict[str, Any]]:
    """VMs whose first copy had not come to its end when they were last looked at."""
    for name, item in items_begun(reading).items():
        last = reading.last_observed(Observed.REPLICATION, name)
        state = text(last.data.get("state")) if last else None
        if last is None or state is None or state.casefold() == _PROTECTED:
            continue
        percent = number(last.data.get("percent"))
        told = f", {percent:g} % as Azure tells it" if percent is not None else ""
        why = f"its first copy was under way: {state}{told}"
        job = text(last.data.get("job"))
        yield _entry(
            "protected item", name, text(last.data.get("item_id")) or item, job, why, last
        )


def _of_act(event: Event, job: str | None, why: str) -> dict[str, Any]:
    act, subject = str(event.data.get("act")), str(event.data.get("subject"))
    kind = KINDS.get(act, act.replace("-", " "))
    return _entry(kind, _name(event), subject, job, why, event)


def _name(event: Event) -> str:
    """The VM where a step is about one, else the last part of the id."""
    kind, _, subject = str(event.step).partition(":")
    if kind in ("protect", "settle", "disable") and subject:
        return subject
    return last_segment(str(event.data.get("subject"))) or str(event.data.get("subject"))


def _entry(
    kind: str, name: str, thing_id: str | None, job: str | None, why: str, event: Event
) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "id": thing_id,
        "job": job,
        "why": why,
        "evidence": [event.seq],
    }
