"""A drill of many VMs, for pictures."""

from __future__ import annotations

from typing import Any

from muster.journal.events import Event
from tests.builders import plan_data
from tests.unit.report.stretches import Writer


def big_drill(groups: int, vms: int) -> list[Event]:
    """A run of `groups` groups of `vms` VMs each, one group after the other; not closed."""
    names = {f"tier-{g + 1}": [f"vm-{g + 1}-{v + 1}" for v in range(vms)] for g in range(groups)}
    written = [
        {"name": name, "vms": own, "checks": [{"tcp": {"vm": own[0], "port": 22}}]}
        for name, own in names.items()
    ]
    run = Writer().open(plan=plan_data(groups=written), graph=list(_graph(names)), left_out=[])
    run.preflight().points().isolate()
    for name, own in names.items():
        for vm in own:
            run.failover_sent(vm).wait(1)
        run.wait(180)
        for vm in own:
            run.failover_done(vm, seconds=180).wait(2)
        for vm in own:
            run.begin(f"boot:{vm}").wait(1)
        run.wait(60)
        for vm in own:
            run.end(f"boot:{vm}", spent={"cloud": 60.0})
        step = f"checks:{name}.{own[0]}"
        run.begin(step).wait(20)
        run.check(step, f"{name}.1", f"tcp {own[0]}:22", "tcp", group=name)
        run.end(step, spent={"check": 15.0})
    return run.events


def _graph(names: dict[str, list[str]]) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = [
        {"id": "preflight", "kind": "preflight", "subject": "big"},
        {
            "id": "recovery-points",
            "kind": "recovery-points",
            "subject": "big",
            "needs": ["preflight"],
        },
        {"id": "isolate", "kind": "isolate", "subject": "big", "needs": ["recovery-points"]},
    ]
    gate = ["isolate"]
    for name, own in names.items():
        for vm in own:
            failover = f"test-failover:{vm}"
            nodes += [
                {
                    "id": failover,
                    "kind": "test-failover",
                    "subject": vm,
                    "group": name,
                    "needs": gate,
                },
                {
                    "id": f"boot:{vm}",
                    "kind": "boot",
                    "subject": vm,
                    "group": name,
                    "needs": [failover],
                },
            ]
        last = f"checks:{name}.{own[0]}"
        params = {"scope": name, "checks": [0]}
        boots = [f"boot:{vm}" for vm in own]
        nodes.append(
            {"id": last, "kind": "checks", "subject": own[0], "group": name, "needs": boots,
             "params": params}
        )  # fmt: skip
        gate = [last]
    return nodes
