"""The plans' part of `muster status`: read one after the other, each in its own environment."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muster.cli.checkout import PLANS, environment_for, settings_of, variables_set

if TYPE_CHECKING:
    from muster.runs.overview import PlanStatus

NOT_KNOWN = "not known"


def plans_status(checkout: Path, *, is_offline: bool) -> tuple[list[PlanStatus], list[str]]:
    """Every plan of the checkout that loads, and the files of those that do not."""
    from muster.errors import PlanError
    from muster.plan.loader import load_plan

    found, unreadable = [], []
    for path in sorted((checkout / PLANS).glob("*.y*ml")):
        try:
            loaded = load_plan(path)
        except PlanError:
            unreadable.append(path.name)
            continue
        found.append(_status_of(loaded, checkout, is_offline=is_offline))
    return found, unreadable


def _status_of(loaded: Any, checkout: Path, *, is_offline: bool) -> PlanStatus:
    from muster.journal.stores import DirectoryStore
    from muster.runs.overview import plan_here, with_azure

    with variables_set(environment_for(loaded.plan.plan, os.environ)):
        settings = settings_of(checkout)
        known = plan_here(loaded, DirectoryStore(settings.journal), settings.clock.wall_now())
        return known if is_offline else asyncio.run(with_azure(known, loaded, settings))


def rows_of(plans: list[PlanStatus]) -> list[tuple[str, ...]]:
    """The table, its heading first; what nobody knows says so."""
    heading = ("plan", "protected", "RPO now", "last drill", "changed since", "next drill (UTC)")
    return [heading, *map(_row, plans)]


def sentences_of(one: PlanStatus) -> list[str]:
    """What is not known and why, and the command to look at what is not as it should be."""
    said = [one.unknown] if one.unknown else []
    if one.protected is not None and one.protected < one.vms:
        lacking = f"{one.vms - one.protected} of {one.vms} VMs are not protected"
        said.append(f"{lacking}; what is missing:  muster replicate {one.plan} --plan-only")
    if one.gone:
        named = ", ".join(one.gone)
        said.append(f"the source has no VM {named}, so it counts as not protected")
    last = one.last_drill
    if one.register:
        said.append(
            f"its register of runs does not hold, so that runs may be missing: {one.register}"
        )
    if last is not None and last.why:
        said.append(
            f"the evidence of its last drill does not hold: {last.why}; all that was found:  "
            f"muster verify {last.run}"
        )
    elif last is not None and last.outcome != "passed":
        said.append(f"its last drill {last.outcome}; why:  muster report {last.run}")
    if one.changed:
        said.append(
            f"the plan changed since; whether it still works:  muster preflight {one.plan}"
        )
    return said


def _row(one: PlanStatus) -> tuple[str, ...]:
    from datetime import UTC

    from muster.plan.durations import format_duration

    last = one.last_drill
    drilled = "none"
    if last is not None:
        mark = ", simulator" if last.target == "simulator" else ""
        drilled = f"{last.at:%Y-%m-%d} {last.outcome}{mark}" if last.at else last.outcome
    elif one.register:
        drilled = NOT_KNOWN
    changed = {None: "--", True: "yes", False: "no"}[one.changed]
    fires = one.next_drill
    return (
        one.plan,
        f"{NOT_KNOWN} of {one.vms}" if one.protected is None else f"{one.protected} of {one.vms}",
        NOT_KNOWN if one.rpo is None else format_duration(one.rpo),
        drilled,
        changed,
        f"{fires.astimezone(UTC):%Y-%m-%d %H:%M}" if fires else "none",
    )
