"""What `--plan-only` shows, like a plan of infrastructure code: text with marks, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from muster.replication.change import Act, Change, FieldChange
from muster.replication.judgement import Judgement
from muster.replication.outbound import OutboundFinding
from muster.replication.wanted import Left

MARKS: Mapping[Act, str] = {Act.CREATE: "+", Act.CHANGE: "~", Act.LEAVE: " ", Act.REFUSE: "!"}
STYLES: Mapping[Act, str] = {
    Act.CREATE: "green",
    Act.CHANGE: "yellow",
    Act.LEAVE: "dim",
    Act.REFUSE: "bold red",
}
"""Styles of rich, which the command line colours lines by on a terminal."""
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the picture; the style is one of `STYLES`, or "" for none."""

    text: str
    style: str = ""


def lines_of(
    changes: Sequence[Change],
    left: Sequence[Left] = (),
    told: Sequence[tuple[str, Judgement]] = (),
    outbound: Sequence[OutboundFinding] = (),
    *,
    unchanged: bool = False,
) -> Iterator[Line]:
    """The plan as people read it.

    Args:
        changes: In the order of making.
        left: VMs that are not replicated.
        told: What to know of VMs that are: name and judgement.
        outbound: What VMs cannot reach; a finding that many VMs share is shown once.
        unchanged: Whether to show what is left alone too.
    """
    for change in changes:
        if change.act is not Act.LEAVE or unchanged:
            yield from _change(change)
    for one in left:
        yield Line(f"- {one.name}: {one.kind}: {one.why}", "magenta")
        if one.remedy:
            yield Line(f"    do: {one.remedy}", "magenta")
    for name, judgement in told:
        yield Line(f"i {name}: {judgement.why}", "cyan")
    yield from _ways_out(outbound)
    yield Line("")
    yield Line(summary(changes, left), "bold")


def summary(changes: Sequence[Change], left: Sequence[Left] = ()) -> str:
    """One sentence: how many of each, and whether there is anything to do."""
    counts = Counter(one.act for one in changes)
    said = [
        f"{counts[act]} to {word}"
        for act, word in ((Act.CREATE, "create"), (Act.CHANGE, "change"))
        if counts[act]
    ]
    if not said:
        said = ["nothing to create or change"]
    said.append(f"{counts[Act.LEAVE]} as wanted")
    if counts[Act.REFUSE]:
        said.append(f"{counts[Act.REFUSE]} refused")
    if left:
        said.append(f"{len(left)} VM{'s' if len(left) != 1 else ''} not replicated")
    return ", ".join(said) + "."


def as_data(
    changes: Sequence[Change],
    left: Sequence[Left] = (),
    told: Sequence[tuple[str, Judgement]] = (),
    outbound: Sequence[OutboundFinding] = (),
) -> dict[str, Any]:
    """The same as JSON values, for scripts."""
    counts = Counter(one.act for one in changes)
    return {
        "changes": [_change_data(one) for one in changes],
        "left": [asdict(one) for one in left],
        "told": [{"vm": name, **asdict(one)} for name, one in told],
        "outbound": [asdict(one) for one in outbound],
        "counts": {act.value: counts[act] for act in Act},
        "nothing_to_do": not any(counts[act] for act in (Act.CREATE, Act.CHANGE, Act.REFUSE)),
    }


def _change(change: Change) -> Iterator[Line]:
    style = STYLES[change.act]
    yield Line(f"{MARKS[change.act]} {change.kind.value} {change.name}: {change.why}", style)
    for field in change.fields:
        yield Line(f"    {_field(field)}", style)
    if change.remedy:
        yield Line(f"    do: {change.remedy}", style)


def _ways_out(findings: Sequence[OutboundFinding]) -> Iterator[Line]:
    """What is blocked, or not known to be open, by what it is about; then whose it is."""
    vms: dict[tuple[str, str, str, str], list[str]] = {}
    for one in findings:
        key = (one.severity, one.why, one.remedy, one.command)
        vms.setdefault(key, []).append(one.vm)
    for (severity, why, remedy, command), names in vms.items():
        style = _BLOCKED if severity == "blocked" else _UNKNOWN
        yield Line(f"x {', '.join(names)}: {why}", style)
        yield Line(f"    do: {remedy}", style)
        if command:
            yield Line(f"    {command}", style)


_BLOCKED, _UNKNOWN = "bold red", "yellow"


def _field(field: FieldChange) -> str:
    before, after = field.before or _NOTHING, field.after or _NOTHING
    return f"{field.name}: {before} -> {after}"


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "act": change.act.value,
        "kind": change.kind.value,
        "name": change.name,
        "id": change.id,
        "why": change.why,
        "fields": [asdict(field) for field in change.fields],
        "remedy": change.remedy,
        "disks": [disk.id for disk in change.disks],
    }
