"""Every rule speaks when it is broken: a good drill, changed in one thing."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from muster.journal.events import Event, EventKind
from muster.simulator.asr.placement import network_for
from tests.in_process.drills import Drilled, drill
from tests.in_process.road import Exchange
from tests.in_process.scenario import Scenario
from tests.soak.judge import Violated, drill_and_judge, violations
from tests.soak.layout import SECRET, Layout
from tests.soak.strategies import own_check
from tests.soak.worlds import NETWORKS, SCRIPTS, Oddity, group_id, world_for

VAULT = f"{group_id('rg-dr')}/providers/Microsoft.RecoveryServices/vaults/rsv-soak"
SOURCE = f"{group_id('rg-app')}/providers/Microsoft.Compute/virtualMachines/g0v0"
LEFT = f"{group_id('rg-app-asr')}/providers/microsoft.compute/disks/left".lower()


def plan(layout: Layout, **drilling: Any) -> dict[str, Any]:
    groups = [
        {
            "name": f"g{number}",
            "needs": [f"g{one}" for one in layout.needs[number]],
            "vms": [one.name for one in layout.members(number)],
            "checks": [own_check(one) for one in layout.members(number)],
        }
        for number in range(len(layout.sizes))
    ]
    groups[0]["after"] = [
        {"run_command": {"vm": "g0v0", "file": "scripts/fine.sh"}},
        {"manual": {"ask": "Shall we go on?", "within": "5m", "otherwise": "continue"}},
    ]
    return {
        "plan": "soak-app",
        "objectives": {"rto": "5d", "rpo": "4h"},
        "source": {"region": "eastus", "resource_group": "rg-app", "network": "vnet-app"},
        "target": {"region": "westus2", "resource_group": "rg-app-asr", "network": "vnet-app-asr"},
        "vault": {"resource_group": "rg-dr", "name": "rsv-soak"},
        "drill": {"network": {"create": "vnet-soak-drill"}, **drilling},
        "groups": groups,
    }


def scenario(*oddities: Oddity, **changes: Any) -> Scenario:
    layout = Layout((1, 2), ((), (0,)))
    scripts = {"scripts/fine.sh": f"{SCRIPTS['scripts/fine.sh']['match']}\n"}
    world = world_for(layout, oddities, {}, 1)
    return Scenario(plan(layout), world, scripts, is_well=not oddities, **changes)


@pytest.fixture(scope="module")
def good() -> Drilled:
    return drill_and_judge(scenario())


def sent(drilled: Drilled, method: str, path: str, body: bytes = b"") -> Drilled:
    at = drilled.ended
    return replace(
        drilled, wire=[*drilled.wire, Exchange(at, at, method, path, "", body, 202, {})]
    )


def world(drilled: Drilled, *way: str, value: Any) -> Drilled:
    """The world afterwards, otherwise in one place."""
    state = copy.deepcopy(dict(drilled.world))
    inner = state
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    return replace(drilled, world=state)


def events(drilled: Drilled, change: Any) -> Drilled:
    return replace(drilled, events=[one for e in drilled.events if (one := change(e)) is not None])


def without(kind: EventKind, **data: Any) -> Any:
    def change(event: Event) -> Event | None:
        found = all(event.data.get(key) == value for key, value in data.items())
        return None if event.kind is kind and found else event

    return change


def later(step: str, span: timedelta) -> Any:
    def change(event: Event) -> Event:
        is_it = event.kind is EventKind.FINISHED and event.step == step
        return replace(event, at=event.at + span) if is_it else event

    return change


def record(drilled: Drilled, **changes: Any) -> Drilled:
    value = {**drilled.result.record, **changes}
    return replace(drilled, result=replace(drilled.result, record=value))


def stored(drilled: Drilled, content: bytes, name: str = "x.json") -> Drilled:
    store = copy.copy(drilled.store)
    store.contents = {**drilled.store.contents, f"runs/{drilled.run}/{name}": content}
    return replace(drilled, store=store)


def first_job(drilled: Drilled) -> str:
    return next(
        key for key, job in drilled.world["jobs"].items()
        if job["scenario"] == "TestFailover" and job["subject"]["name"] == "g1v0"
    )  # fmt: skip


def item(drilled: Drilled) -> str:
    return next(iter(drilled.world["items"]))


def vm(drilled: Drilled) -> str:
    return SOURCE.lower()


BROKEN = {
    "rule 1": lambda d: sent(d, "POST", f"{d.world['items'][item(d)]['id']}/unplannedFailover"),
    "rule 1 no": lambda d: sent(d, "PUT", f"{SOURCE}/runCommands/x"),
    "rule 3": lambda d: world(d, "machines", vm(d), "power", value="stopped"),
    "rule 3 no": lambda d: sent(d, "DELETE", SOURCE),
    "rule 4": lambda d: world(d, "resources", LEFT, value={}),
    "rule 4 clean": lambda d: replace(d, wire=[e for e in d.wire if e.status != 404]),
    "rule 4 clean is": lambda d: events(d, without(EventKind.OBSERVED, what="inventory")),
    "rule 5": lambda d: stored(d, b'{"says": "' + SECRET.encode() + b'"}'),
    "rule 6": lambda d: events(d, later("boot:g0v0", timedelta(hours=2))),
    "rule 6 every": lambda d: events(d, without(EventKind.ANSWERED)),
    "rule 6 every wait": lambda d: events(d, without(EventKind.FINISHED, why="")),
    "rule 7": lambda d: world(d, "automation_jobs", "x",
                              value={"runbook": "Production", "name": "x"}),
    "nothing unforeseen": lambda d: replace(d, refused=KeyError("x")),
    "nothing starts before": lambda d: world(d, "jobs", first_job(d), "accepted", value=0.0),
    "steps keep to the graph": lambda d: events(d, without(EventKind.FINISHED, status="ok")),
    "only what this run made": lambda d: sent(d, "DELETE", NETWORKS["recovery"]),
    "only what this run made is": lambda d: sent(d, "POST", f"{VAULT}/x/testFailoverCleanup"),
    "nothing was sent twice": lambda d: sent(
        d, "POST", next(e.path for e in d.wire if e.path.endswith("/testFailover"))
    ),
    "production is as before": lambda d: world(d, "resources", vm(d), "tags", value={"x": "y"}),
    "production is as before: ": lambda d: world(d, "items", item(d), "policy", value="other"),
    "left overs told": lambda d: world(d, "resources", LEFT, value={}),
    "outcome and exit code": lambda d: replace(d, result=replace(d.result, exit_code=4)),
    "outcome and exit code follow": lambda d: world(
        d, "jobs", first_job(d), "fails", value={"code": "x"}
    ),
    "time parts add up": lambda d: record(
        d, attribution={**d.result.record["attribution"], "total": 1.0}
    ),
    "the evidence verifies": lambda d: stored(d, b"{}", "record.json"),
}  # fmt: skip


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_that_is_broken_is_told_by_its_name(good: Drilled, rule: str) -> None:
    said = violations(BROKEN[rule](good))
    assert any(one.startswith(rule.rstrip()) for one in said), said


def test_a_good_drill_breaks_none(good: Drilled) -> None:
    assert violations(good) == []
    assert (good.result.outcome, good.result.exit_code) == ("passed", 0)


def test_rule_2_is_looked_at_while_it_counts() -> None:
    """The item's own settings lead into production: whoever sends all the same is told."""
    from tests.soak.safety import Isolation

    world = scenario(Oddity("tests into the recovery network", 0))
    seen = Isolation()
    drilled = drill(world, seen)
    assert seen.violations == []  # Muster does not send into it
    azure, (first, *_) = drilled.azure, [e for e in drilled.wire if e.method == "PUT"] or [None]
    odd = next(i for i in azure.world.items.values() if i["own"]["network"])
    assert network_for(odd, None) == NETWORKS["recovery"]
    seen(azure, first or Exchange(0, 0, "PUT", "/none", "", b"", 200, {}))
    body = b'{"properties": {"networkId": "x"}}'
    seen(azure, Exchange(0, 0, "POST", f"{odd['id']}/testFailover", "", body, 202, {}))
    assert any("vnet-app-asr is a network of production" in one for one in seen.violations)


def test_what_is_odd_fails_and_is_told_as_a_failure_of_the_drill_only() -> None:
    drilled = drill_and_judge(scenario(Oddity("never boots", 1)))
    assert drilled.result.outcome == "failed"
    with pytest.raises(Violated, match="nothing was odd, and it failed"):
        drill_and_judge(replace(scenario(Oddity("never boots", 1)), is_well=True))
