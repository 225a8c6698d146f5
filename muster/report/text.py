"""The end of a run as plain lines for a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from muster.replication.state_words import vm_words
from muster.report.words import clock_words, span_words

_MOST_CAUSES = 6
_LONG_ID = re.compile(r"/subscriptions/\S+/([^/\s]+/[^/\s]+)")
_WIDEST = 110  # characters of a reason; the report has the whole of it


def summary_text(record: Mapping[str, Any], folder: Path | None = None) -> list[str]:
    """Outcome, objectives against actuals, critical path, left-overs, paths; no colours."""
    lines = [f"{record['plan']}: {record['operation']} {_outcome(record)}"]
    if record["marking"]:
        lines.append(str(record["marking"]))
    lines.append("")
    lines += _replicated(record) if record["replication"] else _drilled(record)
    if folder is not None:
        lines += [
            "",
            f"Report         {folder / 'report.html'}",
            f"Record         {folder / 'record.json'}",
        ]
    return lines


def _replicated(record: Mapping[str, Any]) -> list[str]:
    """A line a VM, what was made, what was left out."""
    told = record["replication"]
    rows = [(str(vm["vm"]), _state(vm, record), _until_protected(vm)) for vm in told["vms"]]
    name, state = (max((len(row[place]) for row in rows), default=0) for place in (0, 1))
    lines = [
        f"{row[0]:<{max(name + 1, 15)}}{row[1]:<{max(state + 1, 20)}} {row[2]}".rstrip()
        for row in rows
    ]
    counts = ", ".join(f"{count} {how}" for how, count in told["counts"].items()) or "nothing"
    lines.append(f"Things         {counts}")
    half = [f"{one['kind']} {one['name']}: {one['why']}" for one in told["half_made"]]
    lines += _headed("Half made", half)
    lines += _headed("Left out", [f"{one['name']}: {one['why']}" for one in told["left"]])
    lines += _headed("Blocked", blocked_rows(told))
    return [*lines, *_stays(record), *_causes(record)]


def blocked_rows(told: Mapping[str, Any]) -> list[str]:
    """A sentence of the VMs that cannot reach what replication needs; none where all can."""
    blocked = (one["vms"] for one in told["outbound"] if one["severity"] == "blocked")
    names = list(dict.fromkeys(name for vms in blocked for name in vms))
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return [f"{shown} cannot reach what replication needs: the report says what to add"]


def _stays(record: Mapping[str, Any]) -> list[str]:
    """What becomes of a run that did not get through: nobody cleans up behind it."""
    if record["outcome"] == "passed" or record["operation"] != "replicate":
        return []
    if not _azure_took(record["replication"]):
        return ["Stays          everything: Azure took no change from this run"]
    return [
        "Stays          nothing is removed, and what Azure took goes on there;",
        f"{'':<15}`muster replicate {record['plan']}` finds it, and goes on from there",
    ]


def _azure_took(told: Mapping[str, Any]) -> bool:
    """Whether a run made or changed anything, or a request of its own may be under way; what was
    refused is neither.
    """
    is_nothing = ("left alone", "found under way", "not made")
    made = any(one["how"] not in is_nothing for one in told["made"])
    return bool(made or told["half_made"] or told["taken"])


def _state(vm: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """A VM's state; of a run that is not through, with when it was last looked at (UTC)."""
    said = vm_words(vm)
    if record["outcome"] == "passed" or not vm["history"]:
        return said
    return f"{said}, seen {clock_words(vm['history'][-1]['at'])}"


def _headed(name: str, rows: Sequence[str]) -> list[str]:
    """Rows under one name in the margin."""
    return [f"{'' if place else name:<15}{_short(row)}" for place, row in enumerate(rows)]


def _until_protected(vm: Mapping[str, Any]) -> str:
    if vm["seconds_to_protected"] is not None:
        took = span_words(vm["seconds_to_protected"])
        if vm["unwatched_seconds"] is None:
            return f"{vm['how']}, protected after {took}"
        gap = span_words(vm["unwatched_seconds"])
        return f"{vm['how']}, protected after {took} at most (nobody looked for {gap})"
    return str(vm["how"] or (vm["error"] or {}).get("code") or "")


def _drilled(record: Mapping[str, Any]) -> list[str]:
    lines = [_objective(name, record["objectives"][name]) for name in ("rto", "rpo")]
    lines += _split(record)
    lines += _path(record)
    lines.append(f"Left-overs     {_left(record['cleanup'])}")
    lines += _causes(record)
    return lines + _optional(record)


def _outcome(record: Mapping[str, Any]) -> str:
    return str(record["outcome"]).upper() if record["outcome"] else "OPEN (not closed)"


def _objective(name: str, row: Mapping[str, Any]) -> str:
    wanted = span_words(row["objective"], "none set")
    line = f"{name.upper():<15}{wanted:<12} actual {span_words(row['actual']):<14}"
    if row["actual"] is None:
        return f"{line} {_short(row['why'] or '')}".rstrip()
    return f"{line} {row['verdict']}"


def _short(words: str) -> str:
    """At most so many characters, cut between words: half an address or id misleads."""
    return shorten(words, _WIDEST, placeholder=" …")


def _names(message: str) -> str:
    """A message with the last two words of each id: on a terminal the rest of it hides the
    sentence. The report has the whole of it.
    """
    return _LONG_ID.sub(r"…/\1", message)


def _split(record: Mapping[str, Any]) -> list[str]:
    if record["attribution"] is None:
        return []
    parts = record["attribution"]["shown"]
    shown = ", ".join(f"{name} {span_words(value)}" for name, value in parts.items() if value)
    return [f"Time went to   {shown}"]


def _path(record: Mapping[str, Any]) -> list[str]:
    """The critical path, a step a line."""
    legs = record["critical_path"]
    return [
        f"{'Critical path' if place == 0 else '':<15}{leg['title']}  {span_words(leg['seconds'])}"
        for place, leg in enumerate(legs)
    ]


def _left(cleanup: Mapping[str, Any]) -> str:
    if cleanup["proven"]:
        return "none"
    ids = ", ".join(cleanup["leftovers"])
    return f"NOT PROVEN CLEAN: {cleanup['why']}" + (f": {ids}" if ids else "")


def _optional(record: Mapping[str, Any]) -> list[str]:
    """Checks that did not pass and decide nothing: no reason to fail, still worth seeing."""
    missed = [
        check
        for check in record["checks"]
        if check["verdict"] != "passed" and not check["decides"]
    ]
    return [
        f"{'Optional' if place == 0 else '':<15}{check['title']}: {check['verdict']}"
        for place, check in enumerate(missed)
    ]


def _causes(record: Mapping[str, Any]) -> list[str]:
    causes = record["causes"]
    lines = [
        f"{'Why' if place == 0 else '':<15}[{cause['code']}] {_names(cause['message'])}"
        for place, cause in enumerate(causes[:_MOST_CAUSES])
    ]
    if len(causes) > _MOST_CAUSES:
        lines.append(f"{'':<15}and {len(causes) - _MOST_CAUSES} more: see the report")
    hints = dict.fromkeys(cause["hint"] for cause in causes[:_MOST_CAUSES] if cause["hint"])
    return lines + [f"{'Do' if place == 0 else '':<15}{hint}" for place, hint in enumerate(hints)]
