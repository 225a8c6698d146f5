"""What `--plan-only` shows, like a plan of infrastructure code: text with marks, and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from muster.replication.change import Act, Change, FieldChange
from muster.replication.counting import blocked_vms, counted_acts, summary
from muster.replication.decision import change_data
from muster.replication.judgement import Judgement
from muster.replication.listing import ListedVm
from muster.replication.outbound import OutboundFinding
from muster.replication.outbound_shared import shared
from muster.replication.rights import lacks_rights
from muster.replication.wanted import Left

MARKS: Mapping[Act, str] = {
    Act.CREATE: "+",
    Act.CHANGE: "~",
    Act.WAIT: ".",
    Act.LEAVE: "=",
    Act.REFUSE: "!",
}
STYLES: Mapping[Act, str] = {
    Act.CREATE: "green",
    Act.CHANGE: "yellow",
    Act.WAIT: "cyan",
    Act.LEAVE: "dim",
    Act.REFUSE: "bold red",
}
"""Styles of rich, which the command line colours lines by on a terminal."""
LEGEND: Mapping[str, str] = {
    "+": "is created",
    "~": "is changed",
    ".": "Azure is at it already; the run follows it",
    "=": "as wanted, left alone",
    "!": "refused: a person has to mend it",
    "o": "a VM that is left out, and stays as it is",
    "x": "cannot reach what replication needs",
    "?": "nobody can tell whether it reaches what replication needs",
    "i": "to know",
}
"""Every mark that may begin a line, and what it says; nothing is ever destroyed by a replicate."""
_NOTHING = "nothing"
_NOT_SEEN = "-"
_MOST_NAMED = 12  # of one kind that is left alone


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
    listed: Sequence[ListedVm] = (),
) -> Iterator[Line]:
    """The plan as people read it: what was found, what is done, the legend, the sum.

    Args:
        changes: In the order of making.
        left: VMs that are not replicated.
        told: What to know of VMs that are: name and judgement.
        outbound: What VMs cannot reach; a finding that many VMs share is shown once.
        listed: The VMs that were found.
    """
    yield from _table(listed)
    lines = [*_changes(changes), *_left(left), *_told(told), *_ways_out(outbound)]
    lines += _as_wanted(changes)
    yield from lines
    if lines:
        yield Line("")
        yield from _legend(lines)
    yield Line(summary(changes, left, outbound, told), "bold")


def as_data(
    changes: Sequence[Change],
    left: Sequence[Left] = (),
    told: Sequence[tuple[str, Judgement]] = (),
    outbound: Sequence[OutboundFinding] = (),
    listed: Sequence[ListedVm] = (),
) -> dict[str, Any]:
    """The same as JSON values, for scripts."""
    counts = counted_acts(changes)
    return {
        "vms": [asdict(one) | {"gib": one.gib} for one in listed],
        "changes": [change_data(one) for one in changes],
        "left": [asdict(one) for one in left],
        "told": [{"vm": name, **asdict(one)} for name, one in told],
        "outbound": [asdict(one) for one in outbound],
        "blocked": list(blocked_vms(outbound)),
        "lacks_rights": lacks_rights(told),
        "counts": {act.value: counts[act] for act in Act},
        "nothing_to_do": not any(
            counts[act] for act in (Act.CREATE, Act.CHANGE, Act.WAIT, Act.REFUSE)
        ),
    }


def _table(listed: Sequence[ListedVm]) -> Iterator[Line]:
    """The VMs that were found, in columns."""
    if not listed:
        return
    rows = [("VM", "resource group", "size", "system", "disks", "becomes"), *map(_row, listed)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for place, row in enumerate(rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield Line("  ".join(cells).rstrip(), "" if place else "bold")
    yield Line("")


def _row(vm: ListedVm) -> tuple[str, ...]:
    if not vm.is_found:
        return (vm.name, vm.resource_group, _NOT_SEEN, _NOT_SEEN, _NOT_SEEN, vm.becomes)
    size = f"{vm.gib} GiB" if vm.gib is not None else "size not told"
    disks = f"{len(vm.disks)}, {size}"
    return (vm.name, vm.resource_group, vm.size, vm.os, disks, vm.becomes)


def _changes(changes: Sequence[Change]) -> Iterator[Line]:
    """Each by itself; refusals of one kind that have one cause and one remedy, once for all."""
    alike: dict[object, list[Change]] = {}
    for change in (one for one in changes if one.act is not Act.LEAVE):
        is_single = change.act is not Act.REFUSE or not change.remedy
        shared = (change.noun, change.why, change.fields, change.remedy)
        alike.setdefault(id(change) if is_single else shared, []).append(change)
    for group in alike.values():
        change, names = group[0], ", ".join(one.name for one in group)
        style = STYLES[change.act]
        yield Line(f"{MARKS[change.act]} {change.noun} {names}: {change.why}", style)
        for field in change.fields:
            yield Line(f"    {_field(field)}", style)
        if change.remedy:
            yield Line(f"    do: {change.remedy}", style)


def _left(left: Sequence[Left]) -> Iterator[Line]:
    for place, one in enumerate(left):
        yield Line(f"o {one.name}: {one.kind}: {one.why}", "magenta")
        after = left[place + 1].remedy if place + 1 < len(left) else ""
        if one.remedy and one.remedy != after:  # the next one asks for the same
            yield Line(f"    do: {one.remedy}", "magenta")


def _told(told: Sequence[tuple[str, Judgement]]) -> Iterator[Line]:
    """What holds for many for one reason is one line, with what to do; where the next one asks for
    the same, it is said once for both.
    """
    by_why: dict[str, tuple[Judgement, dict[str, None]]] = {}
    for name, judgement in told:
        by_why.setdefault(judgement.why, (judgement, {}))[1][name] = None
    remedies = [judgement.remedy for judgement, _ in by_why.values()]
    after = (*remedies, "")[1:]
    for (judgement, names), next_remedy in zip(by_why.values(), after, strict=True):
        yield Line(f"i {', '.join(names)}: {judgement.why}", "cyan")
        if judgement.remedy and judgement.remedy != next_remedy:
            yield Line(f"    do: {judgement.remedy}", "cyan")


def _ways_out(findings: Sequence[OutboundFinding]) -> Iterator[Line]:
    """What is blocked, or not known to be open, by what it is about; then whose it is."""
    for one in shared(findings):
        mark, style = ("x", "bold red") if one.severity == "blocked" else ("?", "yellow")
        yield Line(f"{mark} {', '.join(one.vms)}: {one.why}", style)
        yield Line(f"    do: {one.remedy}", style)
        if one.command:
            yield Line(f"    {one.command}", style)


def _as_wanted(changes: Sequence[Change]) -> Iterator[Line]:
    """What is left alone, a line for each kind; `--json` names them all."""
    names: dict[str, list[str]] = {}
    for change in changes:
        if change.act is Act.LEAVE:
            names.setdefault(change.noun, []).append(change.name)
    for noun, of_kind in names.items():
        more = len(of_kind) - _MOST_NAMED
        shown = ", ".join(of_kind[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield Line(f"{MARKS[Act.LEAVE]} {noun} {shown}", STYLES[Act.LEAVE])


def _legend(lines: Sequence[Line]) -> Iterator[Line]:
    """What each mark that was shown says."""
    shown = {line.text[:1] for line in lines}
    yield from (Line(f"  {mark} {LEGEND[mark]}", "dim") for mark in LEGEND if mark in shown)
    yield Line("")


def _field(field: FieldChange) -> str:
    before, after = field.before or _NOTHING, field.after or _NOTHING
    return f"{field.name}: {before} -> {after}"
