"""The rows of a timeline, from the record: the plan's own, then each group's VMs and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muster.report.values import instant
from muster.report.words import clock_words, span_words

PLAN = "plan"
_FIRST = "preflight"
_OF_PLAN = (_FIRST, "recovery-points", "isolate", "remove-network", "prove-clean")
_SET_UP = (
    "survey", "resource-groups", "vault", "target-resources", "fabrics", "policy", "containers",
    "container-mappings", "network-mappings",
)  # fmt: skip
"""What replicate sets up, in its order. They overlap in time, so that each has a row."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One try at one step."""

    step: str
    kind: str
    label: str
    began: datetime
    ended: datetime
    status: str  # ok | failed | skipped | unfinished
    critical_path: bool

    @property
    def tooltip(self) -> str:
        span = span_words((self.ended - self.began).total_seconds())
        times = f"{clock_words(self.began)} to {clock_words(self.ended)}"
        path = ", on the critical path" if self.critical_path else ""
        return f"{self.step}: {self.status}, {span}, {times}{path}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the picture: a VM, a group's actions, or the plan's own steps."""

    group: str
    label: str
    bars: tuple[Bar, ...]


def timeline_rows(record: Mapping[str, Any]) -> list[Row]:
    """Rows in reading order: plan, support, groups as written; a VM never touched has one too."""
    path = {leg["step"] for leg in record["critical_path"]}
    rows = _setting_up(record, path) or [Row(PLAN, "whole plan", _bars(record, path, _is_of_plan))]
    holds = _bars(record, path, lambda step: step["kind"] == "hold")
    if holds:
        rows.append(Row(PLAN, "hold", holds))
    for group in record["groups"]:
        name = group["name"] or "VMs"
        loose = _bars(
            record,
            path,
            lambda step, name=name: step["kind"] == "action" and step["group"] == name,
        )
        rows += [
            Row(name, vm, _bars(record, path, lambda step, vm=vm: _is_of_vm(step, vm)))
            for vm in group["vms"]
        ]
        if loose:
            rows.append(Row(name, "actions", loose))
    return rows


def _setting_up(record: Mapping[str, Any], path: set[str]) -> list[Row]:
    def of(kind: str) -> tuple[Bar, ...]:
        return _bars(record, path, lambda step: step["kind"] == kind)

    found = [row for kind in _SET_UP if (row := Row(PLAN, kind.replace("-", " "), of(kind))).bars]
    first = Row(PLAN, _FIRST, of(_FIRST))
    return [first, *found] if found and first.bars else found


def _is_of_plan(step: Mapping[str, Any]) -> bool:
    return str(step["kind"]) in _OF_PLAN


def _is_of_vm(step: Mapping[str, Any], vm: str) -> bool:
    return bool(step["vm"] == vm and step["kind"] != "action")


def _bars(record: Mapping[str, Any], path: set[str], wanted: Any) -> tuple[Bar, ...]:
    bars = [
        Bar(
            step["id"], step["kind"], _label(step), began, until, one["status"], step["id"] in path
        )
        for step in record["steps"]
        if wanted(step)
        for one in step["tries"]
        if (began := instant(one["began"])) and (until := instant(one["until"]))
    ]
    return tuple(sorted(bars, key=lambda bar: bar.began))


def _label(step: Mapping[str, Any]) -> str:
    if step["kind"] == "action":
        return str(step["subject"])
    return str(step["kind"]).replace("-", " ")
