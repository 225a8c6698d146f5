"""The end of a replication that was left open: its own list again, and nothing besides it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from muster.journal.state import RunState
from muster.plan.loader import load_plan
from muster.runs.release_shown import lines_of, with_points
from muster.runs.releasing_again import read_again
from muster.runs.releasing_shown import marks_of, read_current
from muster.simulator.asr.item_states import REPLICATING
from tests.in_process.replicating import Bench, replicated
from tests.in_process.test_releasing import causes, disabled, removed
from tests.in_process.test_replicating import VMS, empty, states

ANEW = "00000000-0000-4000-8000-00000000000a"


def enable_anew(bench: Bench, *vms: str) -> None:
    """Somebody disabled these, and enabled them again under the very same terms."""
    for item in bench.azure.world.items.values():
        if item["vm_name"] in vms:
            item["ids"] |= dict.fromkeys(("management", "event", "lifecycle"), ANEW)


def test_what_was_enabled_anew_after_a_kill_is_not_removed_by_going_on():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        await disabled(bench, killed_at_write=1)
        await bench.settings.clock.sleep(timedelta(hours=1))
        left = sorted(states(bench.came))
        enable_anew(bench, left[0])
        bench.came.kept = (left, [])
        bench.came.said.clear()

        async def look(gateway, _) -> None:
            state = RunState.of(bench.came.events(open_run(bench)))
            release = await read_again(gateway, state, bench.settings, bench.store, None)
            bench.came.kept[1].extend(lines_of(await with_points(gateway, release)))

        await bench.by_hand(look)
        await disabled(bench)

    came = replicated(empty(), script)
    left, shown = came.kept
    assert causes(came) == [(f"disable:{left[0]}", "STEP-056")]
    assert "enabled anew since: its management id" in came.results[-1].causes[0]["message"]
    assert removed(came, 2) == [f"{name}-item" for name in left[1:]]
    assert states(came) == {left[0]: "Protected"}
    again = next(sentence for sentence in came.said if "is removed; these stay" in sentence)
    assert f"these stay: {left[0]} (its item is not the one that was shown" in again
    assert set(VMS) - set(left) == {again.partition("not there any more: ")[2].rstrip(".")}
    assert "goes on with the list that it began with" in shown[0]
    assert sum(line.startswith("! ") for line in shown) == 1
    assert sum(line.startswith(". ") for line in shown) == 1


def open_run(bench: Bench) -> str:
    """The disable run that a kill left."""
    names = {name.split("/")[1] for name in bench.store.names("runs/")}
    return next(name for name in names if "-disable-" in name)


def test_what_is_enabled_anew_while_the_run_works_is_not_removed():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        ending = asyncio.create_task(disabled(bench))
        while not (sent := asked_for(bench)):
            await bench.settings.clock.sleep(timedelta(milliseconds=20))
        bench.came.kept = sent
        enable_anew(bench, *VMS)
        await ending

    def asked_for(bench: Bench) -> list[str]:
        log = bench.processes[-1].road.log if len(bench.processes) > 1 else []
        return [one.path for one in log if one.path.split("?")[0].endswith("/remove")]

    came = replicated(empty(), script)
    assert removed(came, 1) == sorted(path.split("/")[-2] for path in came.kept)
    assert {code for _, code in causes(came)} == {"STEP-056"}
    assert len(causes(came)) == len(VMS) - len(came.kept)


async def marks(bench: Bench) -> str:
    """What `--disable` shows at a terminal before it asks, as the run is told of it."""
    shown: list[str] = []

    async def look(gateway, _) -> None:
        loaded = load_plan(bench.plan)
        shown.append(marks_of(await read_current(gateway, loaded, bench.settings, bench.store)))

    await bench.by_hand(look)
    return shown[0]


def test_what_came_between_the_list_and_the_run_is_not_removed():
    async def script(bench: Bench) -> None:
        await bench.replicate()
        shown = await marks(bench)
        enable_anew(bench, "web1")
        await disabled(bench, shown=shown, killed_at_write=1)
        await bench.settings.clock.sleep(timedelta(hours=1))
        left = states(bench.came)
        shown = await marks(bench)  # of the run that is open
        enable_anew(bench, "web2")
        bench.came.said.clear()
        await disabled(bench, shown=shown)
        bench.came.kept = left

    came = replicated(empty(), script)
    assert "web2" in came.kept
    assert causes(came) == [(f"disable:web{n}", "STEP-056") for n in (1, 2)]
    assert set(removed(came, 1)) == {f"{name}-item" for name in VMS} - {"web1-item", "web2-item"}
    assert "not in the list that was shown to go" in came.results[-1].causes[0]["message"]
    assert "enabled anew since" in came.results[-1].causes[1]["message"]


async def half_copied(bench: Bench) -> None:
    """All VMs enabled by a run whose journal is elsewhere, and no first copy through: Azure tells
    no lifecycle id yet.
    """
    await bench.replicate(killed_after=timedelta(minutes=22).total_seconds())
    bench.store.contents.clear()
    assert set(states(bench.came).values()) == {REPLICATING}


def test_what_was_enabled_anew_since_a_list_of_first_copies_is_not_removed():
    async def script(bench: Bench) -> None:
        await half_copied(bench)
        await disabled(bench, killed_at_write=1)
        await bench.settings.clock.sleep(timedelta(hours=1))
        left = sorted(states(bench.came))
        enable_anew(bench, left[0])
        bench.came.kept = left
        await disabled(bench)

    came = replicated(empty(), script)
    assert causes(came) == [(f"disable:{came.kept[0]}", "STEP-056")]
    assert "enabled anew since" in came.results[-1].causes[0]["message"]
    assert removed(came, 2) == [f"{name}-item" for name in came.kept[1:]]


def test_what_was_shown_during_its_first_copy_goes_when_it_is_protected_by_then():
    async def script(bench: Bench) -> None:
        await half_copied(bench)
        shown = await marks(bench)
        await bench.settings.clock.sleep(timedelta(hours=1))
        bench.came.kept = states(bench.came)
        enable_anew(bench, "web1")
        await disabled(bench, shown=shown)

    came = replicated(empty(), script)
    assert set(came.kept.values()) == {"Protected"}
    assert causes(came) == [("disable:web1", "STEP-056")]
    assert set(removed(came, 1)) == {f"{name}-item" for name in VMS} - {"web1-item"}
