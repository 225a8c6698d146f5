"""A run as short Markdown, for Prefect's artifacts: they strip SVG, so bars are characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from muster.replication.state_words import vm_words
from muster.report.text import blocked_rows
from muster.report.timeline_rows import Row, timeline_rows
from muster.report.values import instant
from muster.report.words import clock_words, span_words, utc_words

_COLUMNS = 36
_SIGNS = {
    "test-failover": "█",
    "protect": "█",
    "settle": "▓",
    "disable": "█",
    "boot": "▓",
    "action": "▒",
    "checks": "✔",
    "cleanup": "░",
    "remove-network": "░",
    "hold": "·",
}
_KEYS = {
    "drill": "█ test failover ▓ boot ▒ action ✔ checks ░ cleanup · hold ▪ plan ✘ failed",
    "replicate": "▪ setting up █ replication, first copy ▓ settings ✘ failed",
    "disable": "█ end of replication ▪ plan ✘ failed",
}
_FAILED, _OTHER = "✘", "▪"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_CODE = re.compile(r"`([^`]+)`")


def report_markdown(record: Mapping[str, Any], folder: Path | None = None) -> str:
    """Outcome, objectives, causes and where the evidence lies."""
    outcome = str(record["outcome"] or "open").upper()
    opened = record["times"]["opened"]
    lines = [
        f"# {plain(record['plan'])}: {plain(record['operation'])} {outcome}",
        "",
        *([f"> **{plain(record['marking'])}**", ""] if record["marking"] else []),
        f"Run `{code(record['run'])}`, opened {utc_words(opened['azure']) if opened else '?'} UTC",
        "",
        *(_replicated(record["replication"]) if record["replication"] else _drilled(record)),
    ]
    lines += _causes(record)
    if record["not_evidenced"] and not record["replication"]:
        lines += ["", "## Not evidenced", ""]
        lines += [
            f"- {plain(one['measure'])}: {plain(one['why'])}" for one in record["not_evidenced"]
        ]
    if folder is not None:
        lines += ["", f"Evidence: `{code(folder)}`"]
    return "\n".join(lines) + "\n"


def _causes(record: Mapping[str, Any]) -> list[str]:
    """Why a run did not pass, then what to do, each remedy once."""
    causes = record["causes"]
    if not causes:
        return []
    hints = dict.fromkeys(one["hint"] for one in causes if one["hint"])
    lines = ["", "## Why", ""]
    lines += [f"- `{code(one['code'])}` {plain(one['message'])}" for one in causes]
    if hints:
        lines += ["", "## What to do", "", *(f"- {plain(hint)}" for hint in hints)]
    return lines


def _drilled(record: Mapping[str, Any]) -> list[str]:
    return [
        "| | objective | actual | verdict |",
        "|---|---|---|---|",
        *(_row(name, record["objectives"][name]) for name in ("rto", "rpo")),
        "",
        f"Left behind: {'nothing' if record['cleanup']['proven'] else '**not proven clean**'} "
        f"({plain(record['cleanup']['why'])})",
    ]


def _replicated(told: Mapping[str, Any]) -> list[str]:
    """VMs with their state and how long that took, then what was made."""
    rows = [
        f"| {plain(vm['vm'])} | "
        f"{plain(vm_words(vm))} | "
        f"{plain(vm['how'] or '')} | {_span_to_protected(vm)} |"
        for vm in told["vms"]
    ]
    counts = ", ".join(f"{count} {how}" for how, count in told["counts"].items()) or "nothing"
    return ["| VM | state | replication | until protected |", "|---|---|---|---|", *rows, "",
        f"Things: {counts}", *_half_made(told), *_blocked(told)]  # fmt: skip


def _span_to_protected(vm: Mapping[str, Any]) -> str:
    said = span_words(vm["seconds_to_protected"], "")
    return said if vm["unwatched_seconds"] is None else f"{said} at most"


def _blocked(told: Mapping[str, Any]) -> list[str]:
    return [line for one in blocked_rows(told) for line in ("", f"**Blocked:** {plain(one)}")]


def _half_made(told: Mapping[str, Any]) -> list[str]:
    if not told["half_made"]:
        return []
    rows = [
        f"- {plain(one['kind'])} {plain(one['name'])}: {plain(one['why'])}"
        for one in told["half_made"]
    ]
    return ["", "Half made, as far as the journal knows:", "", *rows]


def timeline_markdown(record: Mapping[str, Any]) -> str:
    """Groups and VMs as a table, time from left to right in characters."""
    rows = [row for row in timeline_rows(record) if row.bars]
    if not rows:
        return "No step was begun yet.\n"
    first = min(bar.began for row in rows for bar in row.bars)
    last = max(bar.ended for row in rows for bar in row.bars)
    span = max(last - first, timedelta(seconds=1))
    lines = [
        f"{clock_words(first)} to {clock_words(last)} UTC, {span_words(span.total_seconds())}; "
        f"one sign is {span_words(span.total_seconds() / _COLUMNS)}",
        "",
        f"| group | | timeline | {_after(record)} |",
        "|---|---|---|---|",
        *(_line(row, first, span, record) for row in rows),
        "",
        _KEYS.get(record["operation"], _KEYS["drill"]),
    ]
    return "\n".join(lines) + "\n"


def _line(row: Row, first: datetime, span: timedelta, record: Mapping[str, Any]) -> str:
    cells = ["\u2007"] * _COLUMNS  # a blank as wide as a figure, which tables do not fold
    for bar in row.bars:
        left = int((bar.began - first) / span * _COLUMNS)
        right = max(left + 1, round((bar.ended - first) / span * _COLUMNS))
        sign = _SIGNS.get(bar.kind, _OTHER) if bar.status == "ok" else _FAILED
        for place in range(min(left, _COLUMNS - 1), min(right, _COLUMNS)):
            cells[place] = sign
    named = f"{plain(row.group)} | {plain(row.label)}"
    return f"| {named} | `{''.join(cells)}` | {_up(row.label, record)} |"


def _after(record: Mapping[str, Any]) -> str:
    return "protected after" if record["replication"] else "recovered after"


def _up(vm: str, record: Mapping[str, Any]) -> str:
    """From proven isolation until a VM was up; from the request until it was protected."""
    if told := record["replication"]:
        spans = {one["vm"]: one["seconds_to_protected"] for one in told["vms"]}
        return span_words(spans.get(vm), "")
    found = next((one for one in record["vms"] if one["vm"] == vm), None)
    up = instant(found["up_at"]) if found else None
    began = instant(record["objectives"]["rto"]["began"]) if record["objectives"] else None
    return span_words((up - began).total_seconds()) if up and began else ""


def _row(name: str, row: Mapping[str, Any]) -> str:
    wanted, actual = span_words(row["objective"], "none set"), span_words(row["actual"])
    return f"| {name.upper()} | {wanted} | {actual} | **{row['verdict']}** |"


def plain(value: Any) -> str:
    """Text that Markdown takes for nothing but text, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def coded(value: Any) -> str:
    """Text on one line in which `backticks` mark code, as in our remedies, and nothing else
    means anything.
    """
    pieces = _CODE.split(" ".join(str(value).split()))
    pieces[::2] = [_SPECIAL.sub(r"\\\1", text) for text in pieces[::2]]
    pieces[1::2] = [f"`{text}`" for text in pieces[1::2]]
    return "".join(pieces)


def code(value: Any) -> str:
    """Text for between backticks."""
    return " ".join(str(value).replace("`", "'").split())
