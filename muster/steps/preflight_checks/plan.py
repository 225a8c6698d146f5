"""Does the plan say what a drill or a failover will be asked for? Read from the plan alone."""

from __future__ import annotations

from muster.checks.verdict import Verdict
from muster.compile.drill import CannotDrill, compile_drill
from muster.plan.checks import Check
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    failed,
    none_of,
    passed,
    rows_of,
)
from muster.steps.preflight_checks.facts import Facts


def actions_say_what_they_touch(facts: Facts) -> Verdict:
    problems = {
        f"{group.name} {side} {number + 1}": f"{action.title} does not say what it touches"
        for group, side, number, action in facts.plan.actions()
        if action.effective_touches is None
    }
    return none_of(problems, "every action says what it touches")


def groups_are_checked(facts: Facts) -> Verdict:
    looked_at = {vm for check in facts.plan.checks for vm in (*check.targets, check.runs_in_vm)}
    problems = {
        group.name: "no check looks at it: that its VMs are up proves no application"
        for group in facts.plan.groups
        if not group.checks and not looked_at & {vm.name for vm in group.vms}
    }
    return none_of(problems, "every group is looked at by a check")


def isolation_is_seen_from_inside(facts: Facts) -> Verdict:
    if any(check.kind == "unreachable" for check in _checks(facts)):
        return passed("a check looks from inside a copy")
    return failed("no `unreachable` check looks from inside a copy")


def data_loss_is_measured(facts: Facts) -> Verdict:
    if any(check.kind == "data_loss" for check in _checks(facts)):
        return passed("a `data_loss` check reads a marker that production writes")
    return failed("no `data_loss` check: the age of a recovery point is not the age of the data")


def people_are_named(facts: Facts) -> Verdict:
    named = {"owner": facts.plan.owner, "runbook_url": facts.plan.runbook_url}
    problems = {word: "the plan names none" for word, said in named.items() if not said}
    return none_of(problems, f"{facts.plan.owner}, {facts.plan.runbook_url}")


def drills_are_scheduled(facts: Facts) -> Verdict:
    schedule = facts.plan.drill.schedule
    if schedule is None:
        return failed("`drill.schedule` is not set")
    fires = schedule.next_fires(facts.now)
    if not fires:
        return failed(f"'{schedule.cron}' fires on no day that is not excluded")
    return passed(f"next on {fires[0]:%Y-%m-%d %H:%M %Z}")


def version_drills_it(facts: Facts) -> Verdict:
    """What `muster drill` refuses before it reads anything, a look ahead says too."""
    try:
        compile_drill(facts.plan)
    except CannotDrill as err:
        return failed(f"`muster drill` refuses it [{err.shown_code}]: {err.message}",
                      code=err.shown_code, hint=err.shown_hint)  # fmt: skip
    return passed("`muster drill` takes it")


def _checks(facts: Facts) -> list[Check]:
    return [*facts.plan.checks, *(one for group in facts.plan.groups for one in group.checks)]


CHECKS = rows_of(
    Area.PLAN,
    ("PRE-034", "every action says what it touches", T, T, N,
     "Add `touches: test | production | nothing`: without it a drill leaves the action out.",
     actions_say_what_they_touch),
    ("PRE-035", "every group is looked at by a check", T, T, N,
     "Add a check (tcp, http, run_command) that shows that the application answers.",
     groups_are_checked),
    ("PRE-036", "a check looks from inside whether a copy reaches production", T, N, N,
     "Add `unreachable: {from: VM, host: ADDRESS, port: PORT}` to `checks`.",
     isolation_is_seen_from_inside),
    ("PRE-037", "a check measures data loss", T, T, N,
     "Add `data_loss` with an address that tells what production wrote last.",
     data_loss_is_measured),
    ("PRE-038", "an owner and a runbook are named", T, T, T,
     "Add `owner` and `runbook_url`: who is called at night, and what they read.",
     people_are_named),
    ("PRE-039", "drills are scheduled", T, N, N,
     "Add `drill.schedule`: a plan that nobody drills is a hope.", drills_are_scheduled),
    ("PRE-115", "this version drills such a plan", S, N, N,
     "Look the code up (docs/reference/errors.md): it says which key of the plan to change.",
     version_drills_it),
)  # fmt: skip
