"""Small ways to break a plan, a world's file or its state: what the cases are made of."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from muster.clock import ScaledClock
from muster.gateway.port import Gateway
from muster.gateway.values import VaultRef
from muster.simulator.faults.file import Fault
from muster.simulator.faults.model import FaultFacts
from tests.in_process.simulated import Azure
from tests.preflight.looking import Facts, Ours, Raw

SUBSCRIPTION = "e6772624-7684-4db0-ac35-47a4077a0456"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
TARGET = f"{GROUPS}/rg-erp-asr"
SOURCE_NET = f"{GROUPS}/rg-erp/providers/Microsoft.Network/virtualNetworks/vnet-erp"
TARGET_NET = f"{TARGET}/providers/Microsoft.Network/virtualNetworks/vnet-erp-asr"
HUB_NET = f"{GROUPS}/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
VAULT = f"{GROUPS}/rg-dr/providers/Microsoft.RecoveryServices/vaults/rsv-contoso"
ACCOUNT = f"{GROUPS}/rg-dr/providers/Microsoft.Automation/automationAccounts/aa-dr-drill"

Bend = Callable[[Raw], object]


def item(**facts: Any) -> Bend:
    """Facts of the first item of the world's file (of sql1)."""
    return lambda world: world["vaults"][0]["items"][0].update(facts)


def of_item(vm: str, **keys: Any) -> Callable[[Azure], object]:
    """Keys of an item as the simulator keeps it; a dict is put into the one that is there."""

    def bend(azure: Azure) -> None:
        kept = next(one for one in azure.world.items.values() if one["vm_name"] == vm)
        for key, value in keys.items():
            kept[key] = kept[key] | value if isinstance(value, dict) else value

    return bend


def resource(arm_id: str, **properties: Any) -> Callable[[Azure], object]:
    """Properties of a resource there is."""
    return lambda azure: body_of(azure, arm_id)["properties"].update(properties)


def of_cache(**changes: Any) -> Callable[[Azure], object]:
    """Keys of the cache account that every item goes through; a dict is put into its own."""

    def bend(azure: Azure) -> None:
        account = body_of(azure, cache_id(azure))
        for key, value in changes.items():
            account[key] = account.get(key, {}) | value if isinstance(value, dict) else value

    return bend


def cache_id(azure: Azure) -> str:
    item = next(iter(azure.world.items.values()))
    return str(item["disks"][0]["storage"])


def moved(arm_id: str, location: str) -> Callable[[Azure], object]:
    return lambda azure: body_of(azure, arm_id).update(location=location)


def body_of(azure: Azure, arm_id: str) -> Raw:
    found = azure.world.resource(arm_id)
    assert found is not None, arm_id
    return found


def subnet(network: str, name: str, **properties: Any) -> Callable[[Azure], object]:
    """Properties of a subnet of a network."""

    def bend(azure: Azure) -> None:
        rows = body_of(azure, network)["properties"]["subnets"]
        next(one for one in rows if one["name"] == name)["properties"].update(properties)

    return bend


def source(kind: str, name: str) -> str:
    return f"{GROUPS}/rg-erp/providers/{kind}/{name}"


def vm_of(vm: str) -> str:
    return source("Microsoft.Compute/virtualMachines", vm)


def with_resource(kind: str, name: str, group: str = "rg-erp-asr", **facts: Any) -> Bend:
    """One more resource in the world's file."""
    return lambda world: world.setdefault("resources", []).append(
        {"type": kind, "name": name, "group": group, **facts}
    )


def quota(**limits: int) -> Bend:
    return lambda world: world.update(quotas=[{"location": "westus2", "limits": limits}])


def fault(**replication: str) -> tuple[Fault, ...]:
    """Something that is wrong with the replication of every VM."""
    raw = {
        "faults": "points",
        "title": "points",
        "rules": [
            {
                "name": "no points",
                "on": {"replication": "*"},
                "do": {"replication": replication},
            }
        ],
    }
    return (Fault(FaultFacts.model_validate(raw), ""),)


def of_plan(*path: str | int, value: Any = None) -> Bend:
    """A value somewhere in the plan; None takes it away."""

    def bend(plan: Raw) -> None:
        place: Any = plan
        for key in path[:-1]:
            place = place[key]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return bend


def without_check(kind: str) -> Bend:
    return lambda plan: plan.update(checks=[one for one in plan["checks"] if kind not in one])


def all_of(*bends: Callable[[Any], object]) -> Callable[[Any], object]:
    def bend(what: Any) -> None:
        for one in bends:
            one(what)

    return bend


def roles(*assigned: Raw, role: Raw | None = None) -> Bend:
    """The roles of the drill's identity, and perhaps a new role named `more`."""

    def bend(world: Raw) -> None:
        me = world["identities"][0]
        me["roles"] = [*me["roles"], *assigned] if role is None else list(assigned)
        if role is not None:
            world["roles"]["more"] = role

    return bend


def without_action(role: str, action: str) -> Bend:
    return lambda world: world["roles"][role]["actions"].remove(action)


def failing_over(*, seconds: float) -> Callable[[Gateway, ScaledClock], Awaitable[None]]:
    """Somebody starts a test failover of sql1, so long before the look."""

    async def act(gateway: Gateway, clock: ScaledClock) -> None:
        vault = VaultRef(SUBSCRIPTION, "rg-dr", "rsv-contoso")
        items = await gateway.protected_items(vault)
        sql1 = next(one for one in items if one.friendly_name == "sql1")
        await gateway.start_test_failover(sql1.id, TARGET_NET, None)
        await clock.sleep(timedelta(seconds=seconds))

    return act


def settings(**changes: Any) -> Callable[[Ours], object]:
    from dataclasses import replace

    def bend(ours: Ours) -> None:
        ours.settings = replace(ours.settings, **changes)

    return bend


def seen(**changes: Any) -> Callable[[Facts], object]:
    """What was read of our own side, where no test can bring it about."""
    from dataclasses import replace

    def bend(facts: Facts) -> None:
        facts.ours = replace(facts.ours, **changes)

    return bend


def copied_vm(azure: Azure, vm: str, new_id: str) -> None:
    """Another VM, in the target's group, by another id."""
    body = copy.deepcopy(body_of(azure, vm_of(vm)))
    azure.world.put(body | {"id": new_id, "name": new_id.rpartition("/")[2]})
    machines = azure.world.machines
    machines[new_id.lower()] = copy.deepcopy(machines[vm_of(vm).lower()])
