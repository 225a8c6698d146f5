"""Small worlds for bad days, derived from the contoso world that users get."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.simulator_process import WORLDS

World = dict[str, Any]

SOURCE, TARGET, VAULT_GROUP, HUB = "rg-erp", "rg-erp-asr", "rg-dr", "rg-hub"
VAULT = "rsv-contoso"
SPEED = 120.0
"""Azure seconds in a second. At twice that, an *intended* lasts a quarter of a second on the wall,
which two busy cores do not always keep."""


def contoso() -> World:
    return _read("contoso")


def fabrikam() -> World:
    return _read("fabrikam")


def _read(name: str) -> World:
    text = (WORLDS / f"{name}.world.yaml").read_text(encoding="utf-8")
    world: World = YAML(typ="safe").load(text)
    return world


def good_world() -> World:
    """Contoso cut down to sql1, app1, web1 and the ledger that no copy may reach."""
    world = contoso()
    kept = {"sql1", "app1", "web1", "ledger"}
    world["vms"] = [vm for vm in world["vms"] if vm["name"] in kept]
    web1 = next(vm for vm in world["vms"] if vm["name"] == "web1")
    del web1["services"][0]["needs"]  # a plan may bring it up alone
    vault = world["vaults"][0]
    vault["items"] = [item for item in vault["items"] if item["vm"] in kept]
    return world


def bad_world() -> World:
    """The good one, and beside it a machine, script, runbook and network for every bad day."""
    world = good_world()
    _add_vm(world, "torn1", 11, faults={"test_failover": TORN})
    _add_vm(world, "dark1", 12, boot="never")
    _add_vm(world, "dumb1", 13, services=[_web("degraded")])
    _add_vm(world, "bare1", 14, protected=False)
    _add_vm(world, "bound1", 15, own_test_settings={"network": network_id(world, "vnet-lab")})
    _add_vm(world, "held1", 16)
    _add_vm(world, "sticky1", 17, faults={"cleanup": {**STUCK, "times": 1}})
    world["networks"] += [
        # One that nobody minds, and one that a careless person would drill in.
        _network("vnet-lab", "10.40.0.0/16", []),
        _network("vnet-shared", "10.41.0.0/16", ["vnet-hub"]),
    ]
    world["scripts"].append(
        {"match": "fails on purpose", "stderr": "no such table\n", "exit_code": 3, "takes": "10s"}
    )
    world["automation"][0]["runbooks"].append(
        {"name": "Broken-Book", "run": "20s", "result": "failed", "exception": "Access denied."}
    )
    return world


TORN = {
    "code": "28031",
    "message": "Virtual machine couldn't be created for torn1.",
    "causes": "The quota of cores in westus2 is used up.",
    "action": "Ask for more cores, or free some, and try again.",
}
STUCK = {
    "code": "150097",
    "message": "The cleanup of sticky1 was interrupted.",
    "causes": "A lock was held on the resource group.",
    "action": "Remove the lock and clean up again.",
}


def write_world(world: World, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{world['world']}.world.yaml"
    with file.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(world, stream)
    return file


def network_id(world: World, name: str, group: str = TARGET) -> str:
    return f"{group_id(world, group)}/providers/Microsoft.Network/virtualNetworks/{name}"


def group_id(world: World, group: str) -> str:
    return f"/subscriptions/{world['subscription']['id']}/resourceGroups/{group}"


def _network(name: str, space: str, peers: list[str]) -> dict[str, Any]:
    subnets = {"web": space.replace("0.0/16", "2.0/24"), "data": space.replace("0.0/16", "0.0/24")}
    whole = {"name": name, "group": TARGET, "ranges": [space], "subnets": subnets}
    return {**whole, "peered_with": peers} if peers else whole


def _web(health: str) -> dict[str, Any]:
    return {"port": 8080, "kind": "http", "paths": {"/health": health}}


def _add_vm(
    world: World,
    name: str,
    host: int,
    *,
    protected: bool = True,
    own_test_settings: dict[str, str] | None = None,
    **facts: Any,
) -> None:
    pattern = next(vm for vm in world["vms"] if vm["name"] == "web1")
    vm = copy.deepcopy(pattern) | {"name": name, "address": f"10.1.2.{host}"}
    vm["services"] = [_web("healthy")]
    world["vms"].append(vm | facts)
    if protected:
        item: dict[str, Any] = {"vm": name, "name": f"item-of-{name}"}
        if own_test_settings:
            item["own_test_settings"] = own_test_settings
        world["vaults"][0]["items"].append(item)
