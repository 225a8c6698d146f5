"""Random plans that a loader would accept: any DAG of groups, optional VMs, actions, checks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from muster.plan.model import RecoveryPlan
from tests.builders import Data, plan_data

TOUCHES: Data = {"touches": "test"}


@st.composite
def vms(draw: st.DrawFn, prefix: str, *, least: int) -> list[Data]:
    count = draw(st.integers(least, 3))
    return [
        {"name": f"{prefix}{number}", "critical": draw(st.booleans()), "boot_within": "7m"}
        for number in range(count)
    ]


@st.composite
def actions(draw: st.DrawFn, up: list[str]) -> list[Data]:
    """Actions that may use the VMs that are up by then."""
    found = []
    for _ in range(draw(st.integers(0, 3))):
        kinds = ["runbook", "manual", "wait"] + ["run_command"] * bool(up)
        kind = draw(st.sampled_from(kinds))
        body: Data = {
            "runbook": {"account": "aa", "name": "Rb"},
            "manual": {"ask": "Ready?", "within": "5m", "otherwise": "abort"},
            "wait": {"for": "1m", "why": "because"},
            "run_command": {"vm": draw(st.sampled_from(up)) if up else "", "file": "a.sh"},
        }[kind]
        action: Data = {kind: body, "critical": draw(st.booleans())}
        touches = draw(st.sampled_from([None, "test", "production", "nothing"]))
        only = draw(st.sampled_from([None, ["drill"], ["failover"], ["failover", "drill"]]))
        found.append(action | ({"touches": touches} if touches else {}))
        found[-1] |= {"only": only} if only else {}
    return found


@st.composite
def checks(draw: st.DrawFn, up: list[str]) -> list[Data]:
    found: list[Data] = []
    for _ in range(draw(st.integers(0, 3)) if up else 0):
        here, there = draw(st.sampled_from(up)), draw(st.sampled_from(up))
        body: Data = draw(
            st.sampled_from(
                [
                    {"tcp": {"vm": there, "port": 80, "from": here}},
                    {"tcp": {"vm": there, "port": 80}},
                    {"http": {"url": f"http://{{{here}}}/{{{there}}}"}},
                    {"run_command": {"vm": here, "file": "a.sh"}},
                    {"data_loss": {"url": f"http://{{{there}}}/", "at_most": "5m", "from": here}},
                    {"unreachable": {"from": here, "host": "10.9.0.1", "port": 443}},
                ]
            )
        )
        found.append({**body, "required": draw(st.booleans())})
    return found


@st.composite
def plans(draw: st.DrawFn) -> RecoveryPlan:
    support = draw(vms("dc", least=0))
    up_at_first = [vm["name"] for vm in support]
    groups: list[Data] = []
    up: dict[str, list[str]] = {}  # VMs that are up when a group is
    for number in range(draw(st.integers(1, 5))):
        name = f"g{number}"
        earlier = list(up)
        is_said = draw(st.booleans())
        said = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        needs = said if is_said else earlier[-1:]
        before = list(dict.fromkeys(up_at_first + [vm for one in needs for vm in up[one]]))
        members = draw(vms(f"{name}v", least=1))
        up[name] = before + [vm["name"] for vm in members]
        group: dict[str, Any] = {"name": name, "vms": members}
        group |= {"needs": needs} if is_said else {}
        group["before"] = draw(actions(before))
        group["after"] = draw(actions(up[name]))
        group["checks"] = draw(checks(up[name]))
        groups.append(group)
    order = draw(st.permutations(range(len(groups))))
    if all("needs" in group for group in groups):  # else the order written means something
        groups = [groups[place] for place in order]
    everywhere = sorted({vm for names in up.values() for vm in names})
    return RecoveryPlan.model_validate(
        plan_data(support={"vms": support}, groups=groups, checks=draw(checks(everywhere)))
    )
