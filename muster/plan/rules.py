"""Rules across keys, judged on the outline so that they report together with errors of type."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from muster.plan.findings import Findings
from muster.plan.lines import child, plain
from muster.plan.outline import Name, Outline
from muster.plan.rules_of_cards import judge_cards
from muster.plan.rules_of_deeds import judge_deeds
from muster.plan.rules_of_names import judge_azure_names
from muster.plan.rules_of_order import judge_order
from muster.plan.rules_of_places import judge_places
from muster.plan.rules_of_regions import judge_regions
from muster.plan.rules_of_replication import judge_replication
from muster.plan.rules_of_sizes import judge_sizes
from muster.plan.schedule import Schedule
from muster.plan.scripts import Scripts

RESERVED_GROUPS = frozenset({"plan", "support"})  # scopes of step ids: `checks:plan.web1`
RESERVED_VMS = frozenset({"worker"})  # `from: worker` means the host Muster runs on


def judge(
    outline: Outline, stem: str, scripts: Scripts, now: datetime, findings: Findings
) -> None:
    """Note every problem and warning that takes more than one key to see.

    Args:
        outline: What could be read.
        stem: Name of the plan's file without its ending.
        scripts: Reader of the scripts beside the plan.
        now: The present instant; a schedule has to fire after it.
        findings: Where it is noted.
    """
    _judge_names(outline, stem, findings)
    judge_order(outline, findings)
    judge_deeds(outline, scripts, findings)
    judge_places(outline, findings)
    judge_replication(outline, findings)
    judge_regions(outline, findings)
    judge_azure_names(outline, findings)
    judge_cards(outline, findings)
    judge_sizes(outline, findings)
    _judge_schedule(outline, now, findings)


def _judge_names(outline: Outline, stem: str, findings: Findings) -> None:
    plan = outline.plan
    if plan and plan.text != stem:
        message = f"the plan is called '{plan.shown}' but its file '{stem}'"
        findings.problem(plan.line, "PLAN-010", message)
    _judge_groups(outline, findings)
    lists = [("support", outline.support)]
    lists += [(group.name.shown if group.name else "?", group.vms) for group in outline.groups]
    seen: dict[str, tuple[str, int]] = {}
    for owner, vms in lists:
        for vm in vms:
            _judge_vm(owner, vm, seen, findings)


def _judge_groups(outline: Outline, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for group in outline.groups:
        name = group.name
        if name is None:
            continue
        if name.text in seen:
            message = f"group '{name.shown}' is already defined on line {seen[name.text]}"
            findings.problem(name.line, "PLAN-013", message)
        seen.setdefault(name.text, name.line)
        if name.text in RESERVED_GROUPS:
            findings.problem(name.line, "PLAN-014", f"a group cannot be called '{name.shown}'")


def _judge_vm(owner: str, vm: Name, seen: dict[str, tuple[str, int]], findings: Findings) -> None:
    folded = vm.text.casefold()
    if folded in seen:
        first_owner, line = seen[folded]
        message = f"VM '{vm.shown}' is already listed in '{first_owner}' (line {line})"
        findings.problem(vm.line, "PLAN-012", message)
    seen.setdefault(folded, (owner, vm.line))
    if folded in RESERVED_VMS:
        findings.problem(vm.line, "PLAN-014", f"a VM cannot be called '{vm.shown}'")


def _judge_schedule(outline: Outline, now: datetime, findings: Findings) -> None:
    node = child(outline.root, "drill", "schedule")
    not_on = child(node, "not_on")
    if node is None or not_on is None:
        return
    try:
        schedule = Schedule.model_validate(plain(node))
    except ValidationError:
        return  # reported with the whole plan
    if not schedule.next_fires(now):
        message = "`not_on` excludes every day on which the schedule would start a drill"
        findings.problem(not_on.line, "PLAN-045", message)
