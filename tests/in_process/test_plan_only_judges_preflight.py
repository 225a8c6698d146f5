"""`--plan-only` judges what the run's preflight will: it promises nothing that is stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from muster.runs.plan_shown import PlanShown, data_shown
from muster.steps.replicating.deciding import decide
from tests.in_process.looking import looked, paths_read, text_of
from tests.in_process.replicating import Bench, Replicated, replicated
from tests.in_process.test_replicating_preflight import into_nothing, locked


def looked_and_run(change: Callable[[dict[str, Any]], object] = lambda world: None) -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        bench.came.kept = await looked(bench)
        await bench.replicate()

    return replicated(into_nothing(change), script)


def test_a_lock_is_told_as_the_run_ends_by_it():
    came = looked_and_run(locked)
    shown: PlanShown = came.kept
    assert [one.check.id for one in shown.stopping] == ["PRE-093"]
    assert shown.exit_code == came.results[0].exit_code == 1
    assert [one["code"] for one in came.results[0].causes] == ["PRE-093"]
    text = text_of(shown)
    assert "A run would end with its preflight, and send nothing:\n! PRE-093 " in text
    assert "\n    do: " in text.partition("! PRE-093 ")[2]
    (told,) = data_shown(shown)["stopping"]
    assert (told["id"], told["verdict"]) == ("PRE-093", "failed")


def test_where_nothing_stops_a_run_nothing_is_said_of_it():
    came = looked_and_run()
    shown: PlanShown = came.kept
    assert (shown.stopping, shown.exit_code) == ((), 0)
    assert "preflight" not in text_of(shown)
    assert came.results[0].outcome == "passed"


def test_the_look_costs_few_reads_and_no_vm_is_read_twice():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        bench.came.kept = await paths_read(bench)

    read = Counter(replicated(into_nothing(), script).kept)
    vms = {path: times for path, times in read.items() if "/virtualMachines/" in path}
    assert len(vms) >= 7
    assert set(vms.values()) == {1}
    assert sum(read.values()) < 60  # of 7 VMs, all that is decided and judged
