"""Recovery plans for tests: bodies, requests and waits, by bare HTTP as the operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, SUBSCRIPTION, VAULT, WORLD, Azure

PLAN = f"{VAULT}/replicationRecoveryPlans/erp"
FABRICS = f"{VAULT}/replicationFabrics"
HOME, AWAY = f"{FABRICS}/asr-a2a-default-eastus", f"{FABRICS}/asr-a2a-default-westus2"
RUNBOOKS = (
    f"{SUBSCRIPTION}/resourceGroups/rg-dr/providers/Microsoft.Automation/automationAccounts/aa"
)
LATEST = [{"instanceType": "A2A", "recoveryPointType": "Latest"}]
ENDED = ("Succeeded", "Failed", "Cancelled", "Suspended")


def entry(vm: str) -> dict[str, str]:
    return {"id": f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS[vm]}", "virtualMachineId": vm}


def group(*vms: str, kind: str = "Boot", **actions: Sequence[Any]) -> dict[str, Any]:
    """A group; actions as `start=[…]` and `end=[…]`."""
    return {
        "groupType": kind,
        "replicationProtectedItems": [entry(vm) for vm in vms],
        **{f"{when}GroupActions": list(told) for when, told in actions.items()},
    }


def runbook(name: str = "Register", **more: Any) -> dict[str, Any]:
    details = {
        "instanceType": "AutomationRunbookActionDetails",
        "runbookId": f"{RUNBOOKS}/runbooks/{name}",
        "fabricLocation": "Recovery",
    }
    return action(name, details, **more)


def manual(name: str = "Look", **more: Any) -> dict[str, Any]:
    details = {"instanceType": "ManualActionDetails", "description": "Look at the screens."}
    return action(name, details, **more)


def action(name: str, details: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "actionName": name,
        "failoverTypes": ["TestFailover", "UnplannedFailover"],
        "failoverDirections": ["PrimaryToRecovery", "RecoveryToPrimary"],
        "customDetails": dict(details),
    } | more


def plan_body(*groups: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "properties": {
            "primaryFabricId": HOME,
            "recoveryFabricId": AWAY,
            "failoverDeploymentModel": "ResourceManager",
            "groups": list(groups),
        }
        | more
    }


def drill_body(**more: Any) -> dict[str, Any]:
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "networkType": "VmNetworkAsInput",
            "networkId": DRILL_NETWORK,
            "providerSpecificDetails": LATEST,
        }
        | more
    }


def failover_body(source: str = "Required", **more: Any) -> dict[str, Any]:
    return {
        "properties": {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": source,
            "providerSpecificDetails": LATEST,
        }
        | more
    }


class Plans:
    """What an operator does with one plan of a running simulator."""

    def __init__(self, azure: Azure, plan: str = PLAN) -> None:
        self.azure, self.plan, self.token = azure, plan, ""

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """Status, body and headers, as the operator."""
        self.token = self.token or await self.azure.as_("operator")
        return await self.azure.ask(method, path, body, token=self.token, **query)

    async def send(self, method: str, path: str, body: Any = None) -> str:
        """A write that is accepted; answers its job's id."""
        status, told, headers = await self.ask(method, path, body)
        assert status == 202, told
        return str(headers["x-ms-request-id"].rpartition("/")[2])

    async def make(self, *groups: Mapping[str, Any]) -> Any:
        """A plan of these groups, once it is there."""
        await self.ended(await self.send("PUT", self.plan, plan_body(*groups)))
        return await self.shown()

    async def shown(self) -> Any:
        return (await self.azure.get(self.plan))["properties"]

    async def verb(self, verb: str, body: Any = None) -> str:
        return await self.send("POST", f"{self.plan}/{verb}", body)

    async def job(self, job: str) -> Any:
        return (await self.azure.get(f"{VAULT}/replicationJobs/{job}"))["properties"]

    async def ended(self, job: str) -> Any:
        """The job once it has ended, or waits for somebody."""
        path = f"{VAULT}/replicationJobs/{job}"
        return (await self.azure.until(path, lambda told: told["properties"]["state"] in ENDED))[
            "properties"
        ]

    async def in_state(self, job: str, *states: str) -> Any:
        path = f"{VAULT}/replicationJobs/{job}"
        return (await self.azure.until(path, lambda told: told["properties"]["state"] in states))[
            "properties"
        ]


def nodes(tasks: Sequence[Any], depth: int = 0) -> Iterator[tuple[int, Any]]:
    """(depth, task) of a tree of tasks, a group before what it holds."""
    for task in tasks:
        yield depth, task
        yield from nodes((task["groupTaskCustomDetails"] or {}).get("childTasks", []), depth + 1)


def titles(tasks: Sequence[Any]) -> list[str]:
    return [task["friendlyName"] for task in tasks]


def changed(folder: Path, **settings: str) -> Path:
    """The small world with other settings."""
    world = folder / "world.yaml"
    told = ", ".join(f"{name}: {value}" for name, value in settings.items())
    world.write_text(f"{WORLD.read_text()}\nsettings: {{{told}}}\n")
    return world
