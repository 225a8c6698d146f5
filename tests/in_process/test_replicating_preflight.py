"""A replication begins with preflight: judged once, before anything is sent, and on the record."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from muster.journal.events import EventKind
from muster.steps.preflight_checks.catalog import CHECKS
from muster.steps.preflight_checks.check import Severity
from muster.steps.replicating.deciding import decide
from tests.in_process.replicating import Bench, Replicated, bare, replicated
from tests.in_process.scenario import Scenario
from tests.in_process.test_contoso import contoso
from tests.in_process.test_replicating import VMS, states

APPLYING = [one.id for one in CHECKS if one.replicate is not Severity.NONE]


def into_nothing(change: Callable[[dict[str, Any]], object] = lambda world: None) -> Scenario:
    """The VMs, nothing that they recover into, and a change of that world."""
    scenario = contoso()
    world = bare(copy.deepcopy(dict(scenario.world)))
    change(world)
    return replace(scenario, world=world)


def once(scenario: Scenario) -> Replicated:
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate()

    return replicated(scenario, script)


def judged(came: Replicated) -> list[str]:
    events = came.events(came.results[-1].run)
    return [str(one.data["check"]) for one in events if one.kind is EventKind.CHECKED]


def kept(came: Replicated, name: str) -> str:
    return came.store.contents[f"runs/{came.results[-1].run}/{name}"].decode()


def may_only_read(world: dict[str, Any]) -> None:
    me = next(one for one in world["identities"] if one["name"] == world["client"])
    me["roles"] = [{"role": "Reader"}]


def locked(world: dict[str, Any]) -> None:
    world["locks"] = [{"name": "keep", "scope": "", "level": "ReadOnly"}]


def test_an_empty_subscription_holds_nothing_up_and_all_is_on_the_record():
    came = once(into_nothing())
    (result,) = came.results
    assert (result.outcome, states(came)) == ("passed", dict.fromkeys(VMS, "Protected"))
    assert judged(came) == APPLYING
    record = json.loads(kept(came, "record.json"))
    assert [one["id"] for one in record["preflight"]] == APPLYING
    not_passed = {one["id"] for one in record["preflight"] if one["verdict"] == "failed"}
    assert not_passed == set()
    assert "the caller may do everything that this replication needs" in kept(came, "report.html")


def test_who_may_only_read_is_stopped_before_anything_is_sent():
    came = once(into_nothing(may_only_read))
    (result,) = came.results
    assert (result.outcome, result.exit_code, came.sent()) == ("failed", 1, [])
    (cause,) = result.causes
    assert (cause["step"], cause["code"]) == ("preflight", "PRE-140")
    assert "Microsoft.RecoveryServices/vaults/write" in cause["message"]
    assert "Contributor" in cause["hint"]
    assert "PRE-140" in kept(came, "report.html")


def test_a_lock_stops_it_before_anything_is_sent():
    came = once(into_nothing(locked))
    assert [one["code"] for one in came.results[0].causes] == ["PRE-093"]
    assert (came.results[0].exit_code, came.sent()) == (1, [])


def test_a_run_that_is_gone_on_with_does_not_judge_again_what_it_passed():
    async def script(bench: Bench) -> None:
        bench.decide = decide
        await bench.replicate(killed_at_write=3)
        await bench.replicate()

    came = replicated(into_nothing(), script)
    assert came.results[-1].outcome == "passed"
    assert judged(came) == APPLYING


def test_no_source_vm_is_read_twice_before_the_first_act():
    came = once(into_nothing())
    first = next(n for n, one in enumerate(came.wire) if (one.method, one.path) == came.sent()[0])
    read = Counter(
        one.path.partition("?")[0].rpartition("/")[2]
        for one in came.wire[:first]
        if one.method == "GET" and "/virtualMachines/" in one.path
    )
    assert {vm: read[vm] for vm in VMS} == dict.fromkeys(VMS, 1)
