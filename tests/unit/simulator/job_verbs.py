"""Acts on one item that begin a job, and what is sent with them."""

from __future__ import annotations

from typing import Any

from .bench import Bench
from .benched_plans import COPIES
from .conftest import DRILL_NETWORK, VAULT
from .planning import entry

JOBS = f"{VAULT}/replicationJobs"
ITEM_DRILL = {
    "properties": {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": DRILL_NETWORK,
        "providerSpecificDetails": {"instanceType": "A2A"},
    }
}
ITEM_FAILOVER = {"properties": {"providerSpecificDetails": {"instanceType": "A2A"}}}
COMMENTS = {"properties": {"comments": "go on"}}


def copies(bench: Bench) -> list[str]:
    return [vm["name"] for vm in bench.get(COPIES)["value"]]


def started(bench: Bench, vm: str, verb: str, body: Any) -> str:
    return bench.send("POST", f"{entry(vm)['id']}/{verb}", body)
