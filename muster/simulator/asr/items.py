"""Protected items: finding them, and the body that GET answers."""

from __future__ import annotations

from muster.simulator import dates
from muster.simulator.arm.errors import site_recovery_not_found
from muster.simulator.arm.ids import Target, same
from muster.simulator.asr import item_health, item_states, jobs, replica_disks
from muster.simulator.asr.item_details import Telling, details
from muster.simulator.asr.item_states import allowed_operations
from muster.simulator.json_types import Json
from muster.simulator.regions import display
from muster.simulator.world import World

__all__ = ["TYPE", "allowed_operations", "body", "display", "find", "in_vault"]

TYPE = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
    "/replicationProtectedItems"
)


def find(world: World, target: Target) -> Json:
    """The item a path names. Raises: AzureError, Site Recovery's own 404."""
    item = known(world, target)
    if item is None:
        raise site_recovery_not_found(target.names[3] if len(target.names) > 3 else target.name)
    return item


def known(world: World, target: Target) -> Json | None:
    """The item a path names, if it is there; its container may be named, or the internal GUID."""
    if len(target.names) < 4:
        return None
    _, fabric, container, name = target.names[:4]
    for item in in_vault(world, target):
        if (
            same(item["name"], name)
            and same(item["fabric"], fabric)
            and container.lower() in (item["container"].lower(), item["container_guid"])
        ):
            return item
    return None


def in_vault(world: World, target: Target) -> list[Json]:
    """All items of the vault a path lies in that requests can see."""
    vault = "/".join(target.path.split("/")[:9]).lower()
    missing = world.settings.item_while_enabling == "missing"
    return [
        item
        for key, item in world.items.items()
        if key.startswith(vault + "/")
        and not (missing and item["protection_state"] == item_states.ENABLING)
    ]


def now_at(world: World, item_id: str) -> Json | None:
    """The item of an id, also if it has moved to another fabric since (reprotect)."""
    moved: dict[str, str] = world.state.get("moved_items", {})
    key = item_id.lower()
    return world.items.get(key) or world.items.get(moved.get(key, ""))


def forget(world: World, item: Json) -> None:
    """Take an item out of the world, with its replicas; its VMs stay."""
    replica_disks.vanish(world, item["disks"])
    world.items.pop(item["id"].lower(), None)
    world.changed = True


def vault_of(world: World, target: Target) -> str:
    """The id of the vault that a path lies in, in Site Recovery's casing."""
    path = "/".join(target.path.split("/")[:9])
    vault = world.resource(path)
    return "/Subscriptions/" + "/".join((vault["id"] if vault else path).split("/")[2:])


def of_job(world: World, job: Json) -> Json | None:
    """The item a job is about, unless it is gone."""
    return now_at(world, job["item"])


def body(world: World, item: Json, telling: Telling | None = None) -> Json:
    """The whole item."""
    telling = telling or Telling()
    properties: Json = {
        "friendlyName": item["vm_name"],
        "protectedItemType": "",
        "protectableItemId": None,
        **_places(world, item),
        **item_states.texts(item),
        "switchProviderState": "None",
        "switchProviderStateDescription": None,
        "allowedOperations": allowed_operations(item, world.settings),
        "replicationHealth": item_health.replication_health(world, item),
        "failoverHealth": item_health.failover_health(item),
        "healthErrors": item_health.errors(world, item),
        "policyId": f"{item['vault_id']}/replicationPolicies/{item['policy']}",
        "policyFriendlyName": item["policy"],
        **_last_times(item),
        "currentScenario": _scenario(world, item),
        "failoverRecoveryPointId": item["test"]["point"] or item["failover"]["point"],
        "providerSpecificDetails": details(world, item, telling),
        "recoveryContainerId": f"{item['vault_id']}/replicationFabrics/{item['recovery_fabric']}"
        f"/replicationProtectionContainers/{item['recovery_container']}",
        "eventCorrelationId": item["ids"]["event"],
    }
    return {"id": item["id"], "name": item["name"], "type": TYPE, "properties": properties}


def _places(world: World, item: Json) -> Json:
    """From where to where."""
    fabrics = f"{item['vault_id']}/replicationFabrics"
    return {
        "recoveryServicesProviderId": f"{fabrics}/{item['fabric']}"
        f"/replicationRecoveryServicesProviders/{world.guid('provider', item['fabric'])}",
        "primaryFabricFriendlyName": display(item["location"]),
        "primaryFabricProvider": "AzureFabric",
        "recoveryFabricFriendlyName": display(item["recovery_location"]),
        "recoveryFabricId": f"{fabrics}/{item['recovery_fabric']}",
        "primaryProtectionContainerFriendlyName": item["container"],
        "recoveryProtectionContainerFriendlyName": item["recovery_container"],
    }


def _last_times(item: Json) -> Json:
    """Keys that are missing before the first failover, or test failover [CLI][PS-RPR]."""
    told = {}
    if item["failover"]["at"]:
        told["lastSuccessfulFailoverTime"] = dates.ticks(item["failover"]["at"])
    if item["tested"]:
        told["lastSuccessfulTestFailoverTime"] = dates.ticks(item["tested"])
    return told


def _is_over(world: World, job_id: str) -> bool:
    job = world.table("jobs").get(job_id)
    return job is not None and jobs.state(world, job)[0] in jobs.ENDED


def _scenario(world: World, item: Json) -> Json:
    """`currentScenario`: not null when idle [CLI]; a waiting test failover counts [SPEC]."""
    base, test = f"{item['vault_id']}/replicationJobs", item["test"]
    running = item_states.running(item)
    if running and item["busy"] and _is_over(world, running["job"]):
        running = item["busy"]  # of a plan that does something else before it goes on
    if running is None and test["phase"] == "waiting":
        running = {"scenario": "TestFailover", "job": test["job"], "since": test["since"]}
    if running is None:
        return {"scenarioName": "None", "jobId": f"{base}/None", "startTime": dates.NO_SCENARIO}
    return {
        "scenarioName": running["scenario"],
        "jobId": f"{base}/{running['job']}",
        "startTime": dates.ticks(running["since"]),
    }
