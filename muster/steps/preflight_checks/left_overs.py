"""Is anything left of earlier drills, in Azure or in the journal?"""

from __future__ import annotations

from dataclasses import replace

from muster.checks.verdict import Verdict
from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.steps.isolation.mirror import TAG
from muster.steps.preflight_checks.check import Area, N, S, T, each_item, none_of, rows_of, runs_in
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import disks_of, in_target
from muster.steps.preflight_checks.told import text

DISK = "microsoft.compute/disks"


def no_copied_disks_left(facts: Facts) -> Verdict:
    facts.need("items")
    there = in_target(facts, DISK)

    def problem(_: str, item: ProtectedItem) -> str | None:
        names = [text(disk, "tfoDiskName") for disk in disks_of(item)]
        left = [name for name in names if name.casefold() in there]
        return f"{', '.join(left)} is left of an earlier test failover" if left else None

    return each_item(facts, problem, "no disk of an earlier test failover is left")


def nothing_tagged_left(facts: Facts) -> Verdict:
    """What this run made, and the drill network itself, are told by checks of their own."""
    facts.need("in_target_group")
    left = {
        one.name: run
        for one in facts.in_target_group
        if (run := one.tags.get(TAG))
        and run != facts.run_id
        and not same_id(one.id, facts.drill_network_id)
    }
    problems = {name: f"made by run {run}" for name, run in left.items()}
    found = none_of(problems, "nothing that an earlier drill made is left")
    return replace(found, runs=runs_in(left.values()))


def no_run_is_open(facts: Facts) -> Verdict:
    facts.need("ours", "history")
    problems = {run: _how_open(facts, run) for run in facts.ours.open_runs}
    return replace(none_of(problems, "no run of the plan is open"), runs=facts.ours.open_runs)


def _how_open(facts: Facts, run: str) -> str:
    if why := facts.ours.broken_runs.get(run):
        return f"its journal breaks, and nothing signed says that it was closed: {why}"
    return "it was never closed"


CHECKS = rows_of(
    Area.LEFT_OVERS,
    ("PRE-095", "no disk of an earlier test failover is left", T, T, N,
     "Remove the disk: it costs money and holds production's data.", no_copied_disks_left),
    ("PRE-096", "nothing that an earlier drill made is left", T, T, N,
     "Clean up after the run named: `muster cleanup RUN`.", nothing_tagged_left),
    ("PRE-097", "no run of the plan is open", S, T, S,
     "Wait for its end. If its process is gone: `muster cleanup RUN` for a drill, "
     "`muster replicate PLAN` for a replicate run. If its journal breaks, put the file that "
     "`muster verify RUN` names back from a copy first.", no_run_is_open),
)  # fmt: skip
