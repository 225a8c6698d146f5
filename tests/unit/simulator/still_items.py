"""Items of the small world in process: asked, waited for and looked at, without sockets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, SUBSCRIPTION, TARGET, VAULT
from .life import A2A, RECOVERY_FABRIC, RECOVERY_ID, SOURCE, VM, enable_body, failover_body
from .still_world import StillWorld

NICS = f"{TARGET}/Microsoft.Network/networkInterfaces"
VMS = f"{TARGET}/{VM}"
JOBS = f"{VAULT}/replicationJobs"
CACHE = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/cache1"

__all__ = ["CACHE", "NICS", "RECOVERY_FABRIC", "RECOVERY_ID", "SOURCE", "VMS", "StillItems"]


class StillItems(StillWorld):
    """A still world, and what is done with its items."""

    def __init__(self, file: Path | None = None, seed: str = "", **settings: Any) -> None:
        if file is None:
            super().__init__(seed=seed, **settings)
        else:
            super().__init__(file, seed, **settings)

    def item(self, vm: str) -> Any:
        """An item's properties."""
        return self.get(path_of(vm))["properties"]

    def act(self, vm: str, verb: str, properties: Any = None, method: str = "POST") -> str:
        """Ask for something that is accepted; the path of its job."""
        answer = self.ask(method, path_of(vm, verb), properties)
        assert answer.status == 202, answer.body
        return f"{JOBS}/{answer.headers['x-ms-request-id'].rpartition('/')[2]}"

    def job(self, path: str) -> Any:
        """A job's properties, now."""
        return self.get(path)["properties"]

    def until_ended(self, path: str) -> Any:
        """Let time pass until a job has ended; its properties then."""
        while self.job(path)["state"] in ("NotStarted", "InProgress", "Cancelling"):
            if not self.next_thing():  # one that is refused ends by the clock alone
                ends = self.world.table("jobs")[path.rpartition("/")[2]]["ends"]
                assert ends, "nothing is to come, and the job runs on"
                self.pass_by(ends - self.world.now + 0.001)
        return self.job(path)

    def did(self, vm: str, verb: str, properties: Any = None, method: str = "POST") -> Any:
        """Ask, and wait for the end: the job has to succeed."""
        ended = self.until_ended(self.act(vm, verb, properties, method))
        assert ended["state"] == "Succeeded", ended["errors"]
        return ended

    def failed(self, vm: str, verb: str, properties: Any = None, method: str = "POST") -> Any:
        """Ask for what fails as a job: the one entry of its errors."""
        ended = self.until_ended(self.act(vm, verb, properties, method))
        assert ended["state"] == "Failed"
        return ended["errors"][0]

    def drill(self, vm: str, network: str = DRILL_NETWORK, **details: str) -> Any:
        return self.did(vm, "testFailover", drill_body(network, **details))

    def clean_up(self, vm: str) -> Any:
        return self.did(vm, "testFailoverCleanup", {"comments": ""})

    def fail_over(self, vm: str, source: str = "NotRequired") -> Any:
        return self.did(vm, "unplannedFailover", failover_body(source))

    def update(self, vm: str, **changed: Any) -> Any:
        return self.did(vm, "", changed, "PATCH")

    def nic_change(self, vm: str, **config: Any) -> Any:
        """`vmNics` of an update that changes the one IP configuration."""
        nic = self.item(vm)["providerSpecificDetails"]["vmNics"][0]
        name = {"ipConfigName": nic["ipConfigs"][0]["name"]}
        return [{"nicId": nic["nicId"], "ipConfigs": [name | config]}]

    def placed(self, nic: str) -> tuple[str, str]:
        """Name of the subnet and address of a NIC in the target's group."""
        told = self.get(f"{NICS}/{nic}")["properties"]["ipConfigurations"][0]["properties"]
        return told["subnet"]["id"].rpartition("/")[2], told["privateIPAddress"]

    def enabled(self, vm: str, **changed: Any) -> Any:
        """Protect a VM anew and wait until it is protected: the item then."""
        self.did(vm, "", enable_body(vm, self.cache(), **changed), "PUT")
        while self.item(vm)["protectionState"] != "Protected":
            assert self.next_thing(), "nothing is to come, and the item is not protected"
        return self.item(vm)

    def cache(self) -> str:
        """The id of a cache account in the source's region."""
        body = {"location": "eastus", "sku": {"name": "Standard_LRS"}, "properties": {}}
        self.answer("PUT", CACHE, body)
        return CACHE


def path_of(vm: str, verb: str = "") -> str:
    path = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS.get(vm, vm)}"
    return f"{path}/{verb}" if verb else path


def drill_body(network: str = DRILL_NETWORK, **details: str) -> Any:
    return {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": network,
        "providerSpecificDetails": A2A | details,
    }
