"""The world that an application stands in, and what may be odd about it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.soak.layout import LEDGER, SECRET, SUBSCRIPTION, TENANT, Layout, Machine

Raw = dict[str, Any]

PRINTED = "password=Tr0ub4dor-and-3-more"  # what a script should not have printed

ITEM = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/"
    "replicationProtectedItems"
)
ROLES: Raw = {
    "drill-in-vault": {
        "actions": [f"{ITEM}/testFailover/action", f"{ITEM}/testFailoverCleanup/action"]
    },
    "drill-in-target": {
        "actions": [
            "Microsoft.Network/virtualNetworks/*",
            "Microsoft.Network/networkSecurityGroups/*",
            "Microsoft.Network/routeTables/*",
            "Microsoft.Network/networkInterfaces/delete",
            "Microsoft.Compute/disks/delete",
            "Microsoft.Compute/virtualMachines/delete",
            "Microsoft.Compute/virtualMachines/runCommands/*",
        ]
    },
    "drill-in-automation": {"actions": ["Microsoft.Automation/automationAccounts/jobs/*"]},
}
RUNBOOKS = {
    "Fine": {"run": 25.0, "output": "done\n"},
    "Slow": {"run": 1500.0},
    "Bad": {"result": "failed"},
    "Stuck": {"result": "suspended"},
    "Production": {"run": 5.0},
}
SCRIPTS = {
    "scripts/fine.sh": {"match": "# fine", "stdout": f"consistent\n{PRINTED}\n", "takes": 20.0},
    "scripts/slow.sh": {"match": "# slow", "stdout": "consistent\n", "takes": 1500.0},
    "scripts/bad.sh": {"match": "# bad", "stderr": "no such table\n", "exit_code": 3},
    "scripts/production.sh": {"match": "# production", "stdout": "done\n"},
    "scripts/unknown.sh": {"match": "a text that no script holds"},
}
"""What scripts do in guests, by path; the text of each holds what it is found by."""

JOB = {"code": "150097", "message": "It did not work.", "causes": "Unknown.", "action": "Again."}


@dataclass(frozen=True)
class Oddity:
    """One thing that is not as it should be: `what` of ODDITIES, with one VM (by number)."""

    what: str
    vm: int


def _job(kind: str, at: str, times: int) -> Raw:
    return {"faults": {kind: {**JOB, "at": at, "times": times}}}


OF_VMS: Raw = {
    "never boots": {"boot": "never"},
    "boots slowly": {"boot": 700.0},
    "serves nothing": {"services": []},
    "serves late": {"open_after": 200.0},
    "failover refused": _job("test_failover", "prerequisites", 1_000_000),
    "failover fails in the work": _job("test_failover", "work", 1_000_000),
    "failover fails at the end": _job("test_failover", "end", 1_000_000),
    "failover fails once": _job("test_failover", "work", 1),
    "cleanup fails once": _job("cleanup", "work", 1),
    "cleanup fails late": _job("cleanup", "end", 1),
    "cleanup never works": _job("cleanup", "prerequisites", 1_000_000),
}
OF_ITEMS: Raw = {
    "old point": {"rpo": 7200.0},
    "ill": {"replication_health": "Critical"},
    "not replicated yet": {"protection_state": "InitialReplicationInProgress"},
    "not protected": None,
    "tests into the recovery network": {"own_test_settings": {"network": "recovery"}},
    "tests into the source network": {"own_test_settings": {"network": "source"}},
    "another address in tests": {"own_test_settings": {"address": "10.1.0.200"}},
    "another subnet in tests": {"own_test_settings": {"subnet": "g0"}},
}
ODDITIES = (*OF_VMS, *OF_ITEMS)


def group_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"


def network_id(group: str, name: str) -> str:
    return f"{group_id(group)}/providers/Microsoft.Network/virtualNetworks/{name}"


NETWORKS = {
    "recovery": network_id("rg-app-asr", "vnet-app-asr"),
    "source": network_id("rg-app", "vnet-app"),
}


def world_for(
    layout: Layout, oddities: Sequence[Oddity], settings: Raw, seed: int, locks: Sequence[Raw] = ()
) -> Raw:
    """A world as its file would say it."""
    machines = list(layout.machines())
    subnets = {f"g{group}": f"10.1.{group}.0/24" for group in range(len(layout.sizes))}
    said: dict[int, list[str]] = {}
    for oddity in oddities:
        said.setdefault(oddity.vm % len(machines), []).append(oddity.what)
    return {
        "world": "soak",
        "seed": f"soak-{seed}",
        "subscription": {"id": SUBSCRIPTION, "name": "Soak"},
        "tenant": TENANT,
        "settings": settings,
        **_people(),
        "groups": [
            {"name": "rg-app", "location": "eastus"},
            {"name": "rg-hub", "location": "eastus"},
            {"name": "rg-app-asr", "location": "westus2"},
            {"name": "rg-dr", "location": "westus2"},
        ],
        "networks": [
            _network("vnet-app", "rg-app", "10.1.0.0/16", subnets, ["vnet-hub"]),
            _network("vnet-app-asr", "rg-app-asr", "10.1.0.0/16", subnets, ["vnet-hub"]),
            _network("vnet-hub", "rg-hub", "10.9.0.0/16", {"shared": "10.9.0.0/24"}, []),
        ],
        "worker": {"network": "vnet-hub", "address": "10.9.0.50"},
        "scripts": list(SCRIPTS.values()),
        "vms": [_vm(layout, one, said.get(n, [])) for n, one in enumerate(machines)] + [_ledger()],
        "vaults": [_vault(machines, said, seed)],
        "automation": [_account()],
        "locks": list(locks),
    }


def _people() -> Raw:
    vault = "/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults/rsv-soak"
    account = "/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa-drill"
    me = {
        "name": "muster-drill",
        "client_id": "52dce5a8-3ee2-4be4-9ba6-5315c5ef51a6",
        "object_id": "3f89d4fb-8e8f-46eb-8647-30c6c49fff08",
        "secret": SECRET,
        "roles": [
            {"role": "Reader"},
            {"role": "drill-in-vault", "scope": vault},
            {"role": "drill-in-target", "scope": "/resourceGroups/rg-app-asr"},
            {"role": "drill-in-automation", "scope": account},
        ],
    }
    return {"roles": ROLES, "client": "muster-drill", "identities": [me]}


def _network(name: str, group: str, space: str, subnets: Raw, peers: list[str]) -> Raw:
    return {
        "name": name, "group": group, "ranges": [space], "subnets": subnets, "peered_with": peers,
    }  # fmt: skip


def _vm(layout: Layout, machine: Machine, oddities: Sequence[str]) -> Raw:
    service: Raw = {"port": machine.port}
    if machine.serves_http:
        earlier = [f"{one.address}:{one.port}" for one in layout.up_with(machine.group)
                   if one.group != machine.group][:1]  # fmt: skip
        service |= {
            "kind": "http",
            "needs": earlier,
            "paths": {
                "/health": "healthy",
                "/heartbeat": '{"written_at": "{data_as_of}", "writer": "{writer}"}',
            },
        }
    facts: Raw = {
        "name": machine.name, "group": "rg-app", "network": "vnet-app",
        "subnet": f"g{machine.group}", "address": machine.address,
        "boot": 30.0 + 7 * (machine.place % 5), "services": [service],
        "size": "Standard_D2s_v5",
    }  # fmt: skip
    for oddity in oddities:
        change = dict(OF_VMS.get(oddity, {}))
        if "open_after" in change:
            change = {"services": [service | change]}
        if "faults" in change:
            change = {"faults": {**facts.get("faults", {}), **change["faults"]}}
        facts |= change
    return facts


def _ledger() -> Raw:
    return {
        "name": "ledger", "group": "rg-hub", "network": "vnet-hub", "subnet": "shared",
        "address": LEDGER, "services": [{"port": 443}],
    }  # fmt: skip


def _vault(machines: Sequence[Machine], said: dict[int, list[str]], seed: int) -> Raw:
    items = []
    for number, machine in enumerate(machines):
        oddities = said.get(number, [])
        if "not protected" in oddities:
            continue
        name = hashlib.sha256(f"{seed} {machine.name}".encode()).hexdigest()[:40]
        item: Raw = {"vm": machine.name, "name": name}
        for oddity in oddities:
            item |= OF_ITEMS.get(oddity) or {}
        if network := item.get("own_test_settings", {}).get("network"):
            item["own_test_settings"] = {"network": NETWORKS[network]}
        items.append(item)
    return {
        "name": "rsv-soak", "group": "rg-dr", "items": items,
        "source": {"location": "eastus", "group": "rg-app", "network": "vnet-app"},
        "target": {"location": "westus2", "group": "rg-app-asr", "network": "vnet-app-asr"},
    }  # fmt: skip


def _account() -> Raw:
    runbooks = [{"name": name, **facts} for name, facts in RUNBOOKS.items()]
    return {"name": "aa-drill", "group": "rg-dr", "runbooks": runbooks}
