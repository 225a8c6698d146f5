"""Rules about what comes first: `needs`, circles, and VMs used before they are up."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from muster.plan.findings import Findings
from muster.plan.outline import Deed, GroupOutline, Name, Outline, vms_used

_Needs = dict[str, list[str]]
_MOST_CIRCLES = 20  # more are not worth reading, and a file could hold thousands


def judge_order(outline: Outline, findings: Findings) -> None:
    """Note unknown `needs`, circles, groups behind them, and VMs not there or not yet up."""
    known = {group.name.text for group in outline.groups if group.name}
    for group in outline.groups:
        _judge_needs(group, known, outline, findings)
    needs = _needs_by_group(outline, known)
    acyclic = _judge_cycles(needs, outline, findings)
    before = _Before(acyclic)
    vms = {vm.text for vm in outline.vms}
    vms_to_show = [vm.text for vm in outline.vms if vm.may_be_shown]
    homes = _homes(outline)
    for deed in outline.deeds():
        for vm in vms_used(deed):
            if vm.text in vms:
                if acyclic:
                    _judge_is_up(deed, vm, homes, before, findings)
            elif outline.vms_are_known:
                message = f"no group brings up a VM '{vm.shown}'"
                findings.problem(
                    vm.line, "PLAN-018", message + findings.suggestion(vm.text, vms_to_show)
                )


def _homes(outline: Outline) -> dict[str, str]:
    """Name of the group by VM; a doubled VM was reported, its first group counts."""
    homes: dict[str, str] = {}
    for group in outline.groups:
        for vm in group.vms:
            if group.name:
                homes.setdefault(vm.text, group.name.text)
    return homes


def _judge_needs(
    group: GroupOutline, known: set[str], outline: Outline, findings: Findings
) -> None:
    names = [one.name for one in outline.groups if one.name]
    for need in group.needs or ():
        if need.text not in known and outline.groups_are_known:
            message = f"there is no group '{need.shown}'"
            to_show = [name.text for name in names if name.may_be_shown]
            message += findings.suggestion(need.text, to_show)
            findings.problem(need.line, "PLAN-015", message)
        elif group.name and need.text == group.name.text:
            findings.problem(need.line, "PLAN-016", f"group '{need.shown}' needs itself")


def _needs_by_group(outline: Outline, known: set[str]) -> _Needs:
    """Names of groups that come first, without what is unknown, doubled or the group itself."""
    needs: _Needs = {}
    before: Name | None = None
    for group in outline.groups:
        if group.name is None:
            before = None
            continue
        name = group.name.text
        written = [need.text for need in group.needs or ()]
        if group.needs is None and before:
            written = [before.text]
        if name not in needs:  # a doubled group was reported; its first definition counts
            needs[name] = [need for need in written if need in known and need != name]
        before = group.name
    return needs


def _judge_cycles(needs: _Needs, outline: Outline, findings: Findings) -> _Needs:
    """Note circles and groups stuck behind them; returns `needs` with every circle cut open."""
    groups = {group.name.text: group for group in reversed(outline.groups) if group.name}
    order = {name: place for place, name in enumerate(needs)}
    left = {name: list(first) for name, first in needs.items()}
    in_circles: set[str] = set()
    for _ in range(_MOST_CIRCLES):
        circle = _a_cycle(left)
        if circle is None:
            break
        start = min(circle, key=order.__getitem__)
        at = circle.index(start)
        ring = [*circle[at:], *circle[:at]]  # each needs the next one
        in_circles.update(ring)
        group = groups[start]
        line = next(
            (need.line for need in group.needs or () if need.text == ring[1]),
            group.name.line if group.name else group.line,
        )
        shown = [_shown(groups[name]) for name in (*ring, start)]
        findings.problem(line, "PLAN-016", f"groups wait in a circle: {' -> '.join(shown)}")
        left[start].remove(ring[1])
    _judge_stuck(needs, in_circles, groups, findings)
    return left if _a_cycle(left) is None else {}


def _judge_stuck(
    needs: _Needs, in_circles: set[str], groups: dict[str, GroupOutline], findings: Findings
) -> None:
    stuck = set(in_circles)
    grew = bool(stuck)
    while grew:
        more = {name for name, first in needs.items() if not stuck.isdisjoint(first)} - stuck
        stuck |= more
        grew = bool(more)
    for name in needs:
        if name in stuck and name not in in_circles:
            waits = ", ".join(f"'{_shown(groups[one])}'" for one in needs[name] if one in stuck)
            named = groups[name].name
            message = f"group '{_shown(groups[name])}' can never start: it waits for {waits}"
            findings.problem(named.line if named else 1, "PLAN-017", message)


def _a_cycle(needs: _Needs) -> list[str] | None:
    """One circle, each name followed by one it needs; None if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as err:
        walked: list[str] = err.args[1]  # each is a predecessor of the next; first and last equal
        return walked[:0:-1]
    return None


def _shown(group: GroupOutline) -> str:
    return group.name.shown if group.name else "?"


class _Before:
    """Which groups come before which, near or far; sets of bits, since a chain may be long."""

    def __init__(self, needs: _Needs) -> None:
        self._bit = {name: 1 << place for place, name in enumerate(needs)}
        self._bits: dict[str, int] = {}
        self.known = frozenset(needs)
        for name in TopologicalSorter(needs).static_order():
            bits = 0
            for one in needs.get(name, ()):
                bits |= self._bits[one] | self._bit[one]
            self._bits[name] = bits

    def __call__(self, first: str, then: str) -> bool:
        return bool(self._bits[then] & self._bit[first])


def _judge_is_up(
    deed: Deed, vm: Name, homes: dict[str, str], before: _Before, findings: Findings
) -> None:
    """A VM must be up by then: support VMs always are, those of the own group behind `before`."""
    home = homes.get(vm.text)
    if home is None or deed.group is None or deed.group.name is None:
        return
    here = deed.group.name.text
    if any(need.text not in before.known for need in deed.group.needs or ()):
        return  # a misspelt `needs` was reported; what it was to bring up is not known
    # Not even VMs of groups side by side: two groups could then wait for each other's VMs.
    if home == here:
        why = "which comes up only after it" if deed.role == "before" else ""
    else:
        why = "" if before(home, here) else "whose group does not come first"
    if why:
        what = {"before": "a before-action", "after": "an after-action", "check": "a check"}
        group = deed.group.name.shown
        message = f"{what[deed.role]} of group '{group}' uses VM '{vm.shown}', {why}"
        findings.problem(vm.line, "PLAN-019", message)
