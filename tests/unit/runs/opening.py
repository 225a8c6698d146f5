"""Runs of one plan as `muster drill` opens them, up to their first act."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from muster.compile.drill import compile_drill
from muster.journal.journal import Journal
from muster.journal.stores import DirectoryStore
from muster.plan.actions import Operation
from muster.plan.loader import LoadedPlan, load_plan
from muster.runs.opening import opened_data
from muster.runs.request import RunRequest
from muster.runs.rivals import give_way, refuse_second_run
from muster.settings import Settings
from tests.unit.steps.drilling import settings

PLAN_FILE = Path(__file__).parents[3] / "recovery_plans" / "contoso-erp.yaml"


def settings_in(root: Path) -> Settings:
    return replace(settings(), journal=root, signing_key=root / "keys" / "key.pem")


def the_plan() -> LoadedPlan:
    return load_plan(PLAN_FILE)


def refuse(root: Path, run: str, plan: LoadedPlan) -> None:
    refuse_second_run(DirectoryStore(root), plan.plan.plan, run)


async def opened(root: Path, run: str, plan: LoadedPlan) -> Journal:
    """A run with a number and its first events, as it stands before it looks round again."""
    known = settings_in(root)
    request = RunRequest(PLAN_FILE, Operation.DRILL, run)
    data = opened_data(request, plan, compile_drill(plan.plan), known)
    store = DirectoryStore(root)
    return await Journal.open_run(
        store, known.clock, run=run, plan=plan.plan.plan, operation="drill", opened=data
    )


async def look_round(root: Path, journal: Journal) -> None:
    known = settings_in(root)
    await give_way(journal.store, known.clock, journal, known)
