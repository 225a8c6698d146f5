"""Machines: each source VM beside the item that replicates it and the VM that came of it."""

from __future__ import annotations

from collections.abc import Iterator

from muster.simulator.asr import item_details, item_health, item_states, progress
from muster.simulator.compute import vms
from muster.simulator.json_types import Json
from muster.simulator.page.values import dig, key, name, text
from muster.simulator.world import World

MOST = 3_000


def machine_rows(world: World) -> dict[str, Json]:
    """A row for each protected item, then one for each VM that is no part of any.

    `source` and `target` are VMs (see `_vm`) or None, `item` is the replication or None. The kind
    of a target is `copy` (of a test failover), `recovered` or `other`.
    """
    found = dict(_protected(world))
    known = set()
    for row in found.values():
        known |= {side["id"] for side in (row["source"], row["target"]) if side}
    targets = {item["recovery_location"] for item in world.items.values()}
    for vm in world.of_type(vms.VM):
        if key(vm["id"]) not in known:
            side = "target" if vm.get("location") in targets else "source"
            part = _vm(world, vm, "other")
            found[key(vm["id"])] = {
                "name": part["name"], "source": None, "item": None, "target": None, side: part,
            }  # fmt: skip
    return found


def rpo_rows(world: World) -> dict[str, list[float]]:
    """By item: seconds of loss as Azure shows them, and when that was worked out."""
    return {
        key(arm_id): [seconds, round(measured, 1)]
        for arm_id, item in world.items.items()
        for seconds, measured in [item_details.rpo(world, item)]
        if item["protection_state"] not in item_states.UNPROTECTED
    }


def _protected(world: World) -> Iterator[tuple[str, Json]]:
    for arm_id, item in world.items.items():
        source, target = world.resource(item["vm"]), None
        for kind, vm_id in (("copy", item["test"]["vm"]), ("recovered", item["failover"]["vm"])):
            if vm_id and (vm := world.resource(vm_id)):
                target = _vm(world, vm, kind)
                break
        yield (
            key(arm_id),
            {
                "name": text(item["vm_name"]),
                "source": _vm(world, source, "source") if source else None,
                "item": _item(world, item),
                "target": target,
            },
        )


def _item(world: World, item: Json) -> Json:
    state, state_text = item_states.protection(item)
    test, test_text = item_states.failover_test(item)
    running = item_states.running(item)
    return {
        "vault": name(item["vault_id"]),
        "from": item["location"],
        "to": item["recovery_location"],
        "state": state,
        "text": state_text,
        "health": text(item["replication_health"]),
        "failover_health": item_health.failover_health(item),
        "test": test,
        "test_text": test_text,
        "busy": running["scenario"] if running else None,
        "percent": progress.percent(world, item) or None,
        "faults": sorted(kind for kind, fault in item["faults"].items() if fault),
    }


def _vm(world: World, vm: Json, kind: str) -> Json:
    """A VM where it stands now; `boots_at`: when its system is up, in Azure seconds."""
    machine = world.machines.get(vm["id"].lower()) or {}
    nic_id = dig(vm, "properties", "networkProfile", "networkInterfaces", 0, "id")
    nic = world.resource(nic_id) if isinstance(nic_id, str) else None
    placed = dig(nic, "properties", "ipConfigurations", 0, "properties")
    subnet = dig(placed, "subnet", "id") or ""
    power, boots = str(machine.get("power") or "unknown"), machine.get("booted_at")
    return {
        "id": key(vm["id"]),
        "kind": kind,
        "name": text(vm["name"]),
        "region": text(vm.get("location")),
        "size": text(dig(vm, "properties", "hardwareProfile", "vmSize")),
        "network": key(str(subnet).rpartition("/subnets/")[0]) if subnet else None,
        "subnet": name(subnet),
        "address": text(dig(placed, "privateIPAddress")),
        "power": power,
        "provisioning": text(dig(vm, "properties", "provisioningState")),
        "boots_at": boots if power == "running" else None,
        "never_boots": power == "running" and boots is None and machine.get("boot") == "never",
        "as_of": machine.get("data_as_of"),
    }
