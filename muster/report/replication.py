"""What a run of replicate came to: of each VM, and of each thing that was to stand. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from muster.journal.events import Event, EventKind, Observed
from muster.replication.nouns import noun_of
from muster.report.half_made import half_made, items_begun
from muster.report.read import Reading
from muster.report.values import instant, iso, mappings, number, seconds, text, texts

_PARTS_OF_A_VM = ("protected item", "settings of", "disks of a protected item")
_GRAVEST = ("half made", "removed", "created", "changed", "found under way", "left alone")


def replication_entry(reading: Reading) -> dict[str, Any] | None:
    """VMs, things and what was decided before; None for other operations."""
    if not reading.leaves_things_standing:
        return None
    pinned = reading.last_observed(Observed.WANTED)
    data: Mapping[str, Any] = pinned.data if pinned else {}
    made = [_made_entry(event) for event in _last_of_each(reading)]
    return {
        "vms": [_vm_entry(reading, name) for name in _names(reading)],
        "made": made,
        "counts": dict(Counter(_overall(made).values())),
        "half_made": half_made(reading),
        "taken": len(reading.of_kind(EventKind.ACCEPTED)),
        "changes": [_change_entry(one) for one in mappings(data.get("changes"))],
        "left": [
            {key: text(one.get(key)) or "" for key in ("name", "kind", "why", "remedy")}
            for one in mappings(data.get("left"))
        ],
        "outbound": [_outbound_entry(one) for one in mappings(data.get("outbound"))],
        "evidence": [pinned.seq] if pinned else [],
    }


def _names(reading: Reading) -> list[str]:
    """VMs that were selected, in the order of the graph that was pinned when the run opened."""
    return [one.subject for kind in ("protect", "disable") for one in reading.steps_of(kind)]


def _last_of_each(reading: Reading) -> list[Event]:
    """The newest word on each thing, in the order in which they were first told; that it was made
    in this run outweighs that a process which went on with the run found it there.
    """
    found: dict[tuple[str, str], Event] = {}
    for event in reading.observed(Observed.MADE):
        key = (str(event.data.get("kind")), str(event.data.get("name")))
        known = found.get(key)
        if known is None or event.data.get("how") != "left alone":
            found[key] = event
    return list(found.values())


def _made_entry(event: Event) -> dict[str, Any]:
    named = {key: text(event.data.get(key)) or "" for key in ("kind", "name", "id", "how", "why")}
    return {**named, "kind": noun_of(named["id"], named["kind"]), "evidence": [event.seq]}


def _of_vm(reading: Reading, name: str) -> list[dict[str, Any]]:
    made = (_made_entry(event) for event in _last_of_each(reading))
    return [one for one in made if one["name"] == name and one["kind"] in _PARTS_OF_A_VM]


def _overall(made: Sequence[Mapping[str, Any]]) -> dict[object, str]:
    """How each thing came to stand as it does: a VM, its settings and its disks are one thing."""
    found: dict[object, str] = {}
    for place, one in enumerate(made):
        key: object = one["name"] if one["kind"] in _PARTS_OF_A_VM else place
        how = str(one["how"])
        found[key] = min(found.get(key, how), how, key=_gravity)
    return found


def _gravity(how: str) -> int:
    """What tells most of a thing comes first; a word of a later version before all."""
    return _GRAVEST.index(how) if how in _GRAVEST else -1


def _change_entry(change: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("act", "kind", "name", "why", "remedy")
    return {
        **{key: text(change.get(key)) or "" for key in keys},
        "id": text(change.get("id")),
        "fields": [
            {key: text(one.get(key)) for key in ("name", "before", "after")}
            for one in mappings(change.get("fields"))
        ],
        "disks": list(texts(change.get("disks"))),
    }


def _outbound_entry(one: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("severity", "why", "remedy", "command")
    return {"vms": list(texts(one.get("vms"))), **{key: text(one.get(key)) or "" for key in keys}}


def _vm_entry(reading: Reading, name: str) -> dict[str, Any]:
    seen = reading.observed(Observed.REPLICATION, name)
    last: Mapping[str, Any] = seen[-1].data if seen else {}
    steps = [one for one in reading.steps.values() if one.id.partition(":")[2] == name]
    failed = next((one for one in steps if one.error), None)
    asked, since = _asked_at(reading, name), _protected_since(seen)
    took = since - asked if since and asked and since >= asked else None
    return {
        "vm": name,
        "group": reading.group_of(name),
        "item_id": text(last.get("item_id")) or items_begun(reading).get(name),
        "state": text(last.get("state")),
        "how": _overall(_of_vm(reading, name)).get(name),
        "settings": _how(reading, name, "settings of"),
        "to_go": any(one.subject == name for one in reading.steps_of("disable")),
        "looked_at": _was_looked_at(reading, name),
        "asked_at": iso(asked),
        "protected_at": iso(since),
        "seconds_to_protected": seconds(took),
        "unwatched_seconds": seconds(_unwatched(reading, seen, asked, since) if took else None),
        "history": [_seen_entry(event) for event in seen],
        "error": dict(failed.error) if failed and failed.error else None,
        "evidence": [event.seq for event in seen],
    }


def _protected_since(seen: Sequence[Event]) -> datetime | None:
    """When a VM was first seen Protected, if it was when last seen: a process that goes on with
    the run sees once more what the one before saw.
    """
    found: datetime | None = None
    for event in reversed(seen):
        at = instant(event.data.get("since"))
        if at is None:
            break
        found = at
    return found


def _unwatched(
    reading: Reading, seen: Sequence[Event], asked: datetime | None, since: datetime | None
) -> timedelta | None:
    """How long nobody looked, right before a VM was first seen Protected: a process was gone, and
    the next one went on later. None where somebody looked all the time.
    """
    if asked is None or since is None:
        return None
    for before, owner in pairwise(reading.events):
        is_gap = owner.kind is EventKind.OWNER and asked <= before.at and owner.at <= since
        copying = (one for one in seen if owner.at <= one.at < since and not one.data.get("since"))
        if is_gap and next(copying, None) is None:
            return owner.at - before.at
    return None


def _was_looked_at(reading: Reading, name: str) -> bool:
    """Whether a step of this run came as far as its item: it begins by looking at it, and writes
    down next what it sends, or how it found it.
    """
    steps = (f"protect:{name}", f"disable:{name}")
    told = (event for step in steps for event in reading.of_step(step))
    return bool(_of_vm(reading, name)) or any(one.kind is EventKind.INTENDED for one in told)


def _seen_entry(event: Event) -> dict[str, Any]:
    return {
        "at": iso(event.at),
        "state": text(event.data.get("state")) or "",
        "percent": number(event.data.get("percent")),
        "evidence": [event.seq],
    }


def _asked_at(reading: Reading, name: str) -> datetime | None:
    """When Azure took the request to enable a VM; None where nobody asked in this run."""
    enables = [
        event
        for event in reading.of_step(f"protect:{name}")
        if event.kind is EventKind.ACCEPTED and event.data.get("act") == "enable"
    ]
    return instant(enables[0].data.get("sent_at")) if enables else None


def _how(reading: Reading, name: str, kind: str) -> str | None:
    for event in _last_of_each(reading):
        if (event.data.get("kind"), event.data.get("name")) == (kind, name):
            return text(event.data.get("how"))
    return None


def replicate_json(record: Mapping[str, Any], folder: object) -> dict[str, Any]:
    """The object that `replicate --json` ends with."""
    told: Mapping[str, Any] = record["replication"]
    vms: Sequence[Mapping[str, Any]] = told["vms"]
    keys = ("vm", "state", "how", "settings", "seconds_to_protected", "error")
    return {
        "run": record["run"],
        "operation": record["operation"],
        "outcome": record["outcome"] or "failed",
        "target": record["target"],
        "vms": [{key: one[key] for key in keys} for one in vms],
        "counts": told["counts"],
        "half_made": told["half_made"],
        "left": told["left"],
        "causes": list(record["causes"]),
        "evidence": str(folder),
    }
