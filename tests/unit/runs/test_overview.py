"""What `muster status` says of plans and runs: evidence that does not hold is not believed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muster.errors import GatewayError, SettingsError, Tampered
from muster.gateway.port import Gateway
from muster.journal.chain import read_run
from muster.journal.events import event_from_json
from muster.journal.journal import Journal
from muster.journal.manifest import write_manifest
from muster.journal.register import entry_name
from muster.journal.segments import lines_of, segment_content, segment_names
from muster.journal.stores import MemoryStore
from muster.plan.loader import load_plan
from muster.runs.means import Means
from muster.runs.overview import last_drill, plan_here, with_azure
from muster.runs.status import run_overview, run_status, verified
from muster.settings import Settings
from muster.steps.preflight_reads.ours import history_of
from tests.fakes.clock import VirtualClock
from tests.unit.journal.runs import a_signer
from tests.unit.steps.drilling import settings

ROOT = Path(__file__).parents[3]
PLAN = "contoso-erp"
SIGNER = a_signer()


async def closed_run(
    store: MemoryStore,
    run: str,
    operation: str = "drill",
    outcome: str = "passed",
    plan: str = PLAN,
) -> None:
    opened = {"target": "azure", "graph": [], "plan_digest": f"sha256:{run}"}
    one = await Journal.open_run(
        store, VirtualClock(), run=run, plan=plan, operation=operation, opened=opened
    )
    await one.close({"outcome": outcome, "causes": [], "leftovers": []}, SIGNER)
    write_manifest(store, run, SIGNER)


def store_of(*runs: tuple[str, str, str]) -> MemoryStore:
    """A journal with closed runs of one plan: id, operation and outcome of each."""

    async def write() -> None:
        for run in runs:
            await closed_run(store, *run)

    store = MemoryStore()
    asyncio.run(write())
    return store


def forge(store: MemoryStore, run: str, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change events of a run, and chain all anew: only the signed head does not fit then."""
    before = None
    for name in segment_names(store, run):
        lines = []
        for raw in lines_of(store.read(name)):
            told = json.loads(raw)
            edit(told)
            told["prev"] = before or told["prev"]
            lines.append(event_from_json(told).line())
            before = hashlib.sha256(lines[-1]).hexdigest()
        store.contents[name] = segment_content(lines)


def passing(told: dict[str, Any]) -> None:
    if told["kind"] == "closed":
        told["data"]["outcome"] = "passed"


def drill_and_others(others: int, outcome: str = "passed") -> MemoryStore:
    rest = [(f"r{n}", "replicate", "passed") for n in range(others)]
    return store_of(("d0", "drill", outcome), *rest)


def test_a_drill_is_not_forgotten_because_other_runs_came_since():
    store = drill_and_others(20)
    assert (last := last_drill(store, PLAN))
    assert (last.run, last.outcome) == ("d0", "passed")
    past = history_of(store, PLAN, "", "azure")
    assert (past.last_passed, past.last_digest) == (last.at, "sha256:d0")


def test_of_many_drills_a_passed_one_is_looked_for_among_the_newest():
    failed = [(f"d{n}", "drill", "failed") for n in range(1, 13)]
    store = store_of(("d0", "drill", "passed"), *failed)
    assert history_of(store, PLAN, "", "azure").last_passed is not None
    store = store_of(("d0", "drill", "passed"), *failed, ("d13", "drill", "failed"))
    assert history_of(store, PLAN, "", "azure").last_passed is None


def test_what_the_run_after_an_old_drill_saw_is_held_against_it():
    store = drill_and_others(20)
    for name in [name for name in store.contents if name.startswith("runs/d0/")]:
        del store.contents[name]
    assert "VER-043" in history_of(store, PLAN, "", "azure").broken_runs["d0"]
    last = last_drill(store, PLAN)
    assert (last.outcome, last.at) == ("broken", None)


def test_a_forged_outcome_reads_broken_everywhere():
    store = drill_and_others(2, outcome="failed")
    forge(store, "d0", passing)
    last = last_drill(store, PLAN)
    assert (last.run, last.outcome, last.at, last.digest) == ("d0", "broken", None, None)
    assert last.why
    lines = verified(store, run_overview(store))
    assert (lines[0].run, lines[0].state, lines[0].outcome) == ("d0", "broken", None)
    assert {line.state for line in lines[1:]} == {"closed"}
    assert all(line.is_verified for line in lines)
    with pytest.raises(Tampered):
        run_status(store, "d0")


def test_a_forged_newest_run_reads_broken_though_no_later_run_saw_it():
    store = drill_and_others(0, outcome="failed")
    forge(store, "d0", passing)
    assert last_drill(store, PLAN).outcome == "broken"
    (line,) = verified(store, run_overview(store))
    assert (line.state, line.outcome) == ("broken", None)
    past = history_of(store, PLAN, "", "azure")
    assert (past.last_passed, list(past.broken_runs)) == (None, ["d0"])


def test_only_what_is_asked_for_is_verified():
    store = drill_and_others(2, outcome="failed")
    forge(store, "d0", passing)
    newest = run_overview(store)[-1:]
    assert [(line.run, line.is_verified) for line in verified(store, newest)] == [("r1", True)]
    assert [line.is_verified for line in run_overview(store)] == [False] * 3


def cut(store: MemoryStore, plan: str) -> None:
    name = entry_name(plan, 1)
    store.contents[name] = store.contents[name][:-9]


def test_a_cut_register_is_named_and_the_other_plans_are_shown():
    store = drill_and_others(1)
    asyncio.run(closed_run(store, "e0", plan="erp-web"))
    asyncio.run(closed_run(store, "e1", plan="erp-web"))
    cut(store, "erp-web")
    lines = verified(store, run_overview(store))
    states = {line.run: line.state for line in lines}
    assert states.pop(entry_name("erp-web", 1)) == "broken"
    assert states == {"d0": "closed", "r0": "closed", "e1": "closed"}
    assert "VER-040" in next(line.note for line in lines if line.run.startswith("plans/"))


def test_a_plan_whose_register_is_cut_says_so():
    loaded = load_plan(ROOT / "recovery_plans" / "contoso-erp.yaml")
    store = drill_and_others(1)
    now = VirtualClock().now()
    assert plan_here(loaded, store, now).is_broken is False
    cut(store, PLAN)
    told = plan_here(loaded, store, now)
    assert (told.is_broken, told.last_drill) == (True, None)
    assert told.as_data()["register_broken"].startswith("[VER-040]")


def test_a_run_without_an_event_is_named():
    store = drill_and_others(1)
    name = segment_names(store, "r0")[-1]
    store.contents[name] = b"no event\n"
    line = next(line for line in run_overview(store) if line.run == "r0")
    assert line.state == "broken"
    assert "no event" in line.note


@pytest.mark.parametrize(
    ("err", "is_silent"),
    [
        (TimeoutError(), True),
        (GatewayError("Azure said no"), True),
        (SettingsError("no subscription is set"), False),
    ],
)
def test_azure_is_silent_where_it_was_asked_and_did_not_tell(err, is_silent):
    def no_gateway(_: Settings) -> Gateway:
        raise err

    loaded = load_plan(ROOT / "recovery_plans" / "contoso-erp.yaml")
    known = plan_here(loaded, MemoryStore(), VirtualClock().now())
    assert known.is_silent is False
    means = Means(gateway=no_gateway)
    told = asyncio.run(with_azure(known, loaded, settings(), means=means))
    assert (told.is_silent, told.protected) == (is_silent, None)
    assert told.unknown


def test_a_broken_run_keeps_the_time_of_the_wall_and_its_target() -> None:
    store = drill_and_others(1, outcome="failed")
    before = run_overview(store)[0]
    forge(store, "d0", passing)
    line = verified(store, run_overview(store))[0]
    assert (line.state, line.opened_at, line.target) == ("broken", before.opened_at, "azure")
    assert not line.is_by_own_clock
    for name in segment_names(store, "d0"):
        store.contents[name] = b"nothing\n"
    line = next(one for one in run_overview(store) if one.run == "d0")
    assert (line.state, line.is_by_own_clock) == ("broken", True)
    assert line.note.count("[") == 1


def test_an_error_of_the_journal_bears_one_code_at_its_front_and_the_findings_in_words() -> None:
    store = drill_and_others(0)
    name = segment_names(store, "d0")[0]
    store.contents[name] = store.contents[name].rstrip(b"\n")
    with pytest.raises(Tampered) as caught:
        read_run(store, "d0")
    assert caught.value.message.endswith("the segment does not end with a whole line (VER-002)")
    assert str(caught.value).count("[") == 1
