"""Fault files in the small world that stands still, as Python writes them."""

from __future__ import annotations

from typing import Any

from muster.simulator.faults.engine import Engine
from muster.simulator.faults.file import Fault
from muster.simulator.faults.model import FaultFacts
from tests.unit.simulator.conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, TARGET
from tests.unit.simulator.still_world import StillWorld

COMPUTE = f"{TARGET}/Microsoft.Compute/virtualMachines"


def item_path(vm: str, verb: str = "") -> str:
    path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}"
    return f"{path}/{verb}" if verb else path


def fault(*rules: dict[str, Any], seed: str = "s", name: str = "mine") -> Fault:
    facts = {"faults": name, "title": "Mine", "seed": seed, "rules": list(rules)}
    return Fault(FaultFacts.model_validate(facts), "digest")


def still_with(*rules: dict[str, Any]) -> StillWorld:
    """The world, and these rules in it."""
    still = StillWorld()
    faults = [fault(*rules)] if rules else []
    still.world.faults = Engine(still.world, faults, own="drill")
    return still


def began(still: StillWorld, vm: str) -> Any:
    """The job of a test failover that has just begun."""
    asked = {"networkId": DRILL_NETWORK, "networkType": "VmNetworkAsInput"}
    body = asked | {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {}}
    body["providerSpecificDetails"] = {"instanceType": "A2A"}
    return still.job_of(still.ask("POST", item_path(vm, "testFailover"), body))


def copied(still: StillWorld, vm: str) -> tuple[Any, Any, Any]:
    """A test copy at the end of its job: the VM, its NIC's configuration, what stands behind."""
    began(still, vm)
    still.settle()
    path = f"{COMPUTE}/{vm}-test"
    body = still.get(path)
    nic = still.get(body["properties"]["networkProfile"]["networkInterfaces"][0]["id"])
    (config,) = nic["properties"]["ipConfigurations"]
    return body["properties"], config["properties"], still.world.machines[path.lower()]
