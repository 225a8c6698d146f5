"""The plan and drill graph that the journals of these tests are about: three VMs in two groups."""

from __future__ import annotations

from typing import Any

from tests.builders import plan_data

VMS = {"db1": "database", "web1": "web", "web2": "web"}


def plan_raw(**overrides: Any) -> dict[str, Any]:
    """Three VMs in two groups, one of them optional on demand, with every sort of check."""
    web = {
        "name": "web",
        "vms": ["web1", {"name": "web2", "critical": overrides.pop("web2_critical", True)}],
        "checks": [
            {"http": {"url": "http://{web1}:8080/health", "contains": "healthy"}},
            {"http": {"url": "http://{web2}:8080/health", "contains": "healthy"}},
        ],
    }
    database = {
        "name": "database",
        "vms": ["db1"],
        "after": [
            {"run_command": {"vm": "db1", "file": "scripts/promote.sh"}},
            {"manual": {"ask": "Do the orders look right?", "within": "5m", "otherwise": "abort"}},
        ],
        "checks": [{"tcp": {"vm": "db1", "port": 5432}}],
    }
    checks = [
        {"data_loss": {"url": "http://{web1}:8080/heartbeat", "at_most": "15m"}},
        {"unreachable": {"from": "web1", "host": "10.9.0.10", "port": 443, "live_from": "worker"}},
    ]
    return plan_data(groups=[database, web], checks=checks, **overrides)


def graph() -> list[dict[str, Any]]:
    """The drill graph of `plan_raw`, as `opened` carries it."""
    nodes = [
        _node("preflight", "preflight", "small"),
        _node("recovery-points", "recovery-points", "small", needs=["preflight"]),
        _node("isolate", "isolate", "small", needs=["recovery-points"]),
        _node("test-failover:db1", "test-failover", "db1", "database", needs=["isolate"]),
        _node("boot:db1", "boot", "db1", "database", needs=["test-failover:db1"]),
        _action(1, "promote.sh in db1", ["boot:db1"]),
        _action(2, "question", ["action:database.after.1"]),
        _checks("database", "db1", [0], ["action:database.after.2", "boot:db1"]),
    ]
    gate = ["checks:database.db1", "action:database.after.2", "boot:db1"]
    for vm in ("web1", "web2"):
        nodes.append(_node(f"test-failover:{vm}", "test-failover", vm, "web", needs=gate))
        nodes.append(_node(f"boot:{vm}", "boot", vm, "web", needs=[f"test-failover:{vm}"]))
    nodes.append(_checks("web", "web1", [0], ["boot:web1"]))
    nodes.append(_checks("web", "web2", [1], ["boot:web2"]))
    ends = ["checks:web.web1", "checks:web.web2"]
    nodes.append(_checks(None, "web1", [0, 1], [*ends, "boot:web1"]))
    last = [node["id"] for node in nodes]
    nodes += [_final(f"cleanup:{vm}", "cleanup", vm, last) for vm in VMS]
    nodes.append(
        _final("remove-network", "remove-network", "small", [f"cleanup:{vm}" for vm in VMS])
    )
    nodes.append(_final("prove-clean", "prove-clean", "small", ["remove-network"]))
    nodes.append(_final("close", "close", "small", ["prove-clean"]))
    return nodes


def _node(
    step: str, kind: str, subject: str, group: str | None = None, **rest: Any
) -> dict[str, Any]:
    base = {"needs": [], "after": [], "timeout": 1800, "critical": True, "params": {}}
    return {
        "id": step,
        "kind": kind,
        "subject": subject,
        "group": group,
        "finaliser": False,
        **base,
        **rest,
    }


def _action(number: int, subject: str, needs: list[str]) -> dict[str, Any]:
    params = {"group": "database", "side": "after", "index": number - 1}
    step = f"action:database.after.{number}"
    return _node(step, "action", subject, "database", needs=needs, params=params)


def _checks(scope: str | None, vm: str, places: list[int], needs: list[str]) -> dict[str, Any]:
    params = {"scope": scope, "checks": places}
    return _node(f"checks:{scope or 'plan'}.{vm}", "checks", vm, scope, needs=needs, params=params)


def _final(step: str, kind: str, subject: str, after: list[str]) -> dict[str, Any]:
    return _node(step, kind, subject, after=after, finaliser=True)
