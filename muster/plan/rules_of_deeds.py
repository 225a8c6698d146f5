"""Rules about actions and checks: scripts, where a check runs, what an action touches."""

from __future__ import annotations

from datetime import timedelta

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from muster.plan.checks import WORKER, Check, decides, type_names
from muster.plan.durations import format_duration, parse_duration
from muster.plan.findings import Findings
from muster.plan.lines import Mapping, Node, Scalar, child, items, plain
from muster.plan.outline import Deed, Name, Outline, name_of, placeholders
from muster.plan.scripts import Scripts


def judge_deeds(outline: Outline, scripts: Scripts, findings: Findings) -> None:
    """Note what is wrong with single actions and checks beyond their types."""
    rpo = duration_at(child(outline.root, "objectives", "rpo"))
    optional = _optional_vms(outline)
    for deed in outline.deeds():
        _judge_script(deed, scripts, findings)
        if deed.role == "check":
            _judge_where(deed, findings)
            _judge_control(deed, findings)
            _judge_data_loss(deed, rpo, findings)
            _judge_from(deed, optional, findings)
        else:
            _judge_touches(deed, findings)


def duration_at(node: Node | None) -> timedelta | None:
    """The span that stands there; None where there is none that can be read."""
    if not isinstance(node, Scalar) or not node.known:
        return None
    try:
        return parse_duration(node.value)
    except PydanticCustomError:
        return None


def _judge_script(deed: Deed, scripts: Scripts, findings: Findings) -> None:
    file = name_of(child(deed.node, "run_command", "file"))
    if file is None or file.text.startswith("/") or ".." in file.text or "\\" in file.text:
        return  # the model reports it
    if fault := scripts.fault(file.text):
        code, what = fault
        findings.problem(file.line, code, f"script '{file.shown}' {what}")


def _judge_where(deed: Deed, findings: Findings) -> None:
    for kind in ("http", "data_loss"):
        body = child(deed.node, kind)
        url = name_of(child(body, "url"))
        if url and child(body, "from") is None and not placeholders(child(body, "url")):
            message = f"the {kind} check of {url.shown} names no VM it runs in"
            findings.problem(url.line, "PLAN-037", message)


def _judge_control(deed: Deed, findings: Findings) -> None:
    live_from = name_of(child(deed.node, "unreachable", "live_from"))
    if live_from and live_from.text != WORKER:
        message = f"the positive control cannot connect from '{live_from.shown}'"
        findings.problem(live_from.line, "PLAN-038", message)


def _judge_data_loss(deed: Deed, rpo: timedelta | None, findings: Findings) -> None:
    node = child(deed.node, "data_loss", "at_most")
    at_most = duration_at(node)
    if node and at_most is not None and rpo is not None and at_most > rpo:
        message = f"at_most is above the objective of {format_duration(rpo)}"
        findings.warn(node.line, "PLAN-101", message)


def _optional_vms(outline: Outline) -> frozenset[str]:
    """Names of the VMs that a drill may fail to bring up; support VMs never are."""
    found = set()
    for group in outline.groups:
        for node in items(child(group.node, "vms")):
            critical = child(node, "critical")
            name = name_of(child(node, "name"))
            if name and isinstance(critical, Scalar) and critical.value is False:
                found.add(name.text)
    return frozenset(found)


def _judge_from(deed: Deed, optional: frozenset[str], findings: Findings) -> None:
    try:
        check = Check.model_validate(plain(deed.node))
    except ValidationError:
        return  # reported with the whole plan
    if check.runs_in_vm in optional and decides(check, lambda vm: vm not in optional):
        where = next((n for kind in type_names if (n := child(deed.node, kind, "from"))), None)
        named = name_of(where)
        message = f"the drill depends on '{named.shown if named else check.runs_in_vm}'"
        message += f", an optional VM, for the check {_kind_of(deed.node)}"
        findings.warn(where.line if where else deed.node.line, "PLAN-105", message)


def _kind_of(check: Mapping) -> str:
    named = name_of(child(check, "name"))
    kind = next(kind for kind in type_names if kind in check.entries)
    return f"'{named.shown}'" if named else f"of kind {kind}"


def _judge_touches(deed: Deed, findings: Findings) -> None:
    title, line = _title(deed.node), deed.node.line
    touches = name_of(child(deed.node, "touches"))
    if child(deed.node, "touches") is None and child(deed.node, "runbook") is not None:
        findings.warn(line, "PLAN-100", f"{title} does not say what it touches")
    if touches is None or touches.text != "production":
        return
    if child(deed.node, "run_command") is not None:
        message = f"{title} is said to touch production, though it runs inside a recovered VM"
        findings.warn(touches.line, "PLAN-103", message)
    only = [name.text for one in items(child(deed.node, "only")) if (name := name_of(one))]
    if only and set(only) == {"drill"}:
        findings.warn(touches.line, "PLAN-104", f"{title} never runs")


def _title(action: Mapping) -> str:
    """How to call an action in a message."""
    named: Name | None = name_of(child(action, "name"))
    if named is None:
        named = name_of(child(action, "runbook", "name"))
    if named is None:
        named = name_of(child(action, "run_command", "file"))
    kind = next((kind for kind in action.entries if kind not in type_names), "action")
    kind = "run_command" if "run_command" in action.entries else kind
    return f"{kind} '{named.shown}'" if named else kind
