"""Scenarios at random: plans, worlds, faults, answers, Ctrl-C. They shrink to the usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from muster.simulator.faults.file import known, ready
from tests.in_process.scenario import Answer, Scenario
from tests.soak.layout import LEDGER, Layout, Machine
from tests.soak.worlds import ODDITIES, OF_ITEMS, SCRIPTS, Oddity, Raw, world_for

PLAN = "soak-app"
MOST_GROUPS = 8
MOST_IN_A_GROUP = 240  # its subnet is a /24


@st.composite
def layouts(draw: st.DrawFn, least: int, most: int) -> Layout:
    """So many VMs, shared out among groups; each group needs some of those before it."""
    total = draw(st.integers(least, most))
    count = draw(st.integers(-(-total // MOST_IN_A_GROUP), min(MOST_GROUPS, total)))
    weights = [draw(st.integers(1, 4)) for _ in range(count)]
    sizes = [max(1, total * weight // sum(weights)) for weight in weights]
    sizes[-1] = max(1, sizes[-1] + total - sum(sizes))
    sizes = _fitting(sizes)
    needs: list[tuple[int, ...]] = []
    for number in range(count):
        earlier = st.lists(st.sampled_from(range(number)), unique=True, max_size=3)
        needs.append(tuple(draw(earlier)) if number and draw(st.booleans()) else
                     (number - 1,) if number else ())  # fmt: skip
    return Layout(tuple(sizes), tuple(needs))


def _fitting(sizes: list[int]) -> list[int]:
    """What is too many for the subnet of its group goes to the groups that have room."""
    over = sum(max(0, size - MOST_IN_A_GROUP) for size in sizes)
    fitting = [min(size, MOST_IN_A_GROUP) for size in sizes]
    for number, size in enumerate(fitting):
        taken = min(over, MOST_IN_A_GROUP - size)
        fitting[number], over = size + taken, over - taken
    return fitting


@st.composite
def actions(draw: st.DrawFn, up: list[Machine]) -> Raw:
    kinds = ["wait", "runbook", "manual"] + (["script"] if up else [])
    kind = draw(st.sampled_from(kinds))
    action: Raw = {}
    if kind == "wait":
        span = draw(st.sampled_from(["30s", "5m", "1h"]))
        action["wait"] = {"for": span, "why": "so that caches fill"}
    elif kind == "manual":
        within, otherwise = draw(
            st.tuples(st.sampled_from(["5m", "2h"]), st.sampled_from(["continue", "abort"]))
        )
        action["manual"] = {"ask": "Shall we go on?", "within": within, "otherwise": otherwise}
    elif kind == "runbook":
        name = draw(st.sampled_from(["Fine"] * 6 + ["Slow", "Bad", "Stuck", "Production"]))
        action["runbook"] = {"account": "aa-drill", "name": name, "timeout": "20m"}
        action["touches"] = "production" if name == "Production" else "test"
    else:
        file = draw(st.sampled_from(["scripts/fine.sh"] * 6 + sorted(SCRIPTS)))
        vm = draw(st.sampled_from(up)).name
        action["run_command"] = {"vm": vm, "file": file, "timeout": "20m"}
        if file.endswith("production.sh"):
            action["touches"] = "production"
    if draw(st.booleans()):
        action["critical"] = False
    return action


@st.composite
def checks(draw: st.DrawFn, up: list[Machine]) -> Raw:
    here, there = draw(st.sampled_from(up)), draw(st.sampled_from(up))
    within = draw(st.sampled_from(["2m", "5m"]))
    kinds = ["tcp", "unreachable", "script"]
    if there.serves_http:
        kinds += ["http", "data_loss"]
    kind = draw(st.sampled_from(kinds))
    check: Raw = {
        "tcp": {
            "tcp": {"vm": there.name, "port": there.port, "from": here.name, "within": within}
        },
        "unreachable": {
            "unreachable": {
                "from": here.name, "host": LEDGER, "port": 443, "live_from": "worker",
            }
        },
        "script": {
            "run_command": {
                "vm": here.name, "file": "scripts/fine.sh", "contains": "consistent",
            }
        },
        "http": {
            "http": {
                "url": f"http://{{{there.name}}}:8080/health", "from": here.name,
                "contains": "healthy", "within": within,
            }
        },
        "data_loss": {
            "data_loss": {
                "url": f"http://{{{there.name}}}:8080/heartbeat", "at_most": "2h",
                "within": within,
            }
        },
    }[kind]  # fmt: skip
    return check | ({"required": False} if draw(st.booleans()) else {})


def own_check(machine: Machine) -> Raw:
    """The usual check of a VM: what it serves is there."""
    if machine.serves_http:
        url = f"http://{{{machine.name}}}:8080/health"
        return {"http": {"url": url, "contains": "healthy", "within": "5m"}}
    return {"tcp": {"vm": machine.name, "port": machine.port, "within": "5m"}}


@st.composite
def plans(draw: st.DrawFn, layout: Layout) -> Raw:
    optional = draw(st.sets(st.integers(0, sum(layout.sizes) - 1), max_size=4))
    names = [one.name for one in layout.machines()]
    is_optional = {names[number] for number in optional}
    groups = []
    for number in range(len(layout.sizes)):
        members, up = layout.members(number), layout.up_with(number)
        before = [one for one in up if one.group != number]
        group: Raw = {
            "name": f"g{number}",
            "vms": [_vm(one, one.name in is_optional) for one in members],
            "needs": [f"g{one}" for one in layout.needs[number]],
        }
        if draw(st.booleans()):
            group["before"] = draw(st.lists(actions(before), max_size=2))
        if draw(st.booleans()):
            group["after"] = draw(st.lists(actions(up), max_size=2))
        is_checked = draw(st.integers(0, 4)) < 4
        group["checks"] = [own_check(one) for one in members] if is_checked else []
        group["checks"] += draw(st.lists(checks(up), max_size=2))
        groups.append(group)
    everyone = list(layout.machines())
    return {
        "plan": PLAN,
        "objectives": {"rto": draw(st.sampled_from(["5d", "5d", "5d", "20m"])), "rpo": "4h"},
        "source": {"region": "eastus", "resource_group": "rg-app", "network": "vnet-app"},
        "target": {"region": "westus2", "resource_group": "rg-app-asr", "network": "vnet-app-asr"},
        "vault": {"resource_group": "rg-dr", "name": "rsv-soak"},
        "drill": {"network": {"create": "vnet-soak-drill"}, **draw(_holds())},
        "groups": groups,
        "checks": draw(st.lists(checks(everyone), max_size=2)),
    }


def _vm(machine: Machine, optional: bool) -> Raw:
    nic = {"subnet": f"g{machine.group}", "private_ip": machine.address}
    return {"name": machine.name, "nics": [nic]} | ({"critical": False} if optional else {})


@st.composite
def _holds(draw: st.DrawFn) -> Raw:
    spans = st.sampled_from(["0m", "10m"])
    return {"keep_for": draw(spans), "on_failure": {"keep_for": draw(spans)}}


@st.composite
def worlds(draw: st.DrawFn, layout: Layout, seed: int) -> tuple[list[str], Raw]:
    """What is odd, in words, and the world."""
    oddity = st.builds(Oddity, st.sampled_from(ODDITIES), st.integers(0, 49))
    oddities = draw(st.lists(oddity, max_size=4)) if draw(st.booleans()) else []
    # Whatever keeps preflight from passing hides all that comes after it: mostly left out.
    if draw(st.integers(0, 3)):
        oddities = [one for one in oddities if one.what not in OF_ITEMS]
    settings = draw(st.fixed_dictionaries({}, optional=SETTINGS))
    said = [one.what for one in oddities]
    locks = []
    if draw(st.integers(0, 30)) == 30:
        said.append("locked")
        locks.append({"name": "keep", "scope": "/resourceGroups/rg-app-asr"})
    return said, world_for(layout, oddities, settings, seed, locks)


SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "refusal": st.sampled_from(["conflict", "bad_request"]),
    "failover_test_job_ends": st.just("suspended"),
    "failed_job_restart": st.just("never"),
    "signed_urls": st.just(False),
    "items_per_page": st.sampled_from([1, 7]),
    "page_size": st.sampled_from([3, 50]),
    "run_command_failure": st.just("failed"),
}


@st.composite
def scenarios(draw: st.DrawFn, least: int = 1, most: int = 12) -> Scenario:
    """Drills of so many VMs."""
    layout = draw(layouts(least, most))
    seed = draw(st.integers(0, 2**16))
    plan = draw(plans(layout))
    says = st.sampled_from(["continue", "abort", "perhaps", " Continue "])
    answer = st.builds(Answer, says, st.sampled_from([3.0, 90.0, 400.0]))
    questions = [
        f"action:{group['name']}.{side}.{number}"
        for group in plan["groups"]
        for side in ("before", "after")
        for number, action in enumerate(group.get(side, []), start=1)
        if "manual" in action
    ]
    oddities, world = draw(worlds(layout, seed))
    answers = {name: draw(answer) for name in questions if draw(st.booleans())}
    pressed = st.integers(0, 18_000).map(lambda tenths: tenths / 10)
    interrupts = draw(st.lists(pressed, max_size=2)) if not draw(st.integers(0, 2)) else []
    if len(interrupts) == 2 and draw(st.booleans()):  # in quick succession
        interrupts[1] = interrupts[0] + interrupts[1] / 60
    faults = tuple(sorted(draw(st.sets(st.sampled_from(FAULTS), max_size=2))))
    asked = st.one_of(st.none(), st.sampled_from([timedelta(0), timedelta(minutes=3)]))
    return Scenario(
        plan=plan,
        world=world,
        scripts={name: f"{facts['match']}\n" if name != "scripts/unknown.sh" else "echo\n"
                 for name, facts in SCRIPTS.items()},
        answers=answers,
        interrupts=tuple(sorted(interrupts)),
        keep_for=draw(asked),
        recovery_point=draw(st.sampled_from([None, "latest", "crash-consistent"])),
        faults=faults,
        seed=seed,
        is_well=not faults and _is_well(plan, oddities, answers, interrupts),
    )  # fmt: skip


FAULTS = tuple(
    scenario
    for scenario in known()
    if not ready(scenario).facts.settings
    and not any(
        rule.do.somebody or rule.do.hang is not None for rule in ready(scenario).facts.rules
    )
)
"""Those in which nobody else acts, and no wall clock is waited for."""


def _is_well(
    plan: Raw, oddities: Sequence[str], answers: Raw, interrupts: Sequence[float]
) -> bool:
    """Whether nothing keeps this drill from passing: then it has to pass."""
    if oddities or interrupts or plan["objectives"]["rto"] != "5d":
        return False
    actions = [
        (f"action:{group['name']}.{side}.{number}", action)
        for group in plan["groups"]
        for side in ("before", "after")
        for number, action in enumerate(group.get(side, []), start=1)
    ]
    # Without a required check of a critical VM the recovery time is not evidenced.
    is_checked = all(len(group["checks"]) >= len(group["vms"]) for group in plan["groups"])
    decides = any(vm.get("critical", True) for group in plan["groups"] for vm in group["vms"])
    return is_checked and decides and all(_goes_well(*one, answers) for one in actions)


def _goes_well(name: str, action: Raw, answers: Raw) -> bool:
    if action.get("touches") == "production":
        return True  # never runs in a drill
    if "runbook" in action:
        return bool(action["runbook"]["name"] == "Fine")
    if "run_command" in action:
        return bool(action["run_command"]["file"] == "scripts/fine.sh")
    if "manual" not in action:
        return True
    answer = answers.get(name)
    if answer is not None and answer.says == "abort":
        return False
    return bool(action["manual"]["otherwise"] == "continue")
