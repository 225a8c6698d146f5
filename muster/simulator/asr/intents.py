"""Protection intents: one request that sets a vault up for two regions and protects a VM."""

from __future__ import annotations

import copy
from dataclasses import replace

from muster.simulator import dates
from muster.simulator.arm.errors import AzureError, site_recovery_not_found
from muster.simulator.arm.ids import name_of, parse, same
from muster.simulator.asr import jobs, portal, refusals, setup
from muster.simulator.asr.vault_ids import vault_id_of
from muster.simulator.call import Answer, Call, Route, Routes, listed
from muster.simulator.json_types import Json
from muster.simulator.regions import KNOWN, as_location

_REQUIRED = (
    "fabricObjectId",
    "primaryLocation",
    "recoveryLocation",
    "recoverySubscriptionId",
    "recoveryAvailabilityType",
    "recoveryResourceGroupId",
)
_HANDED_ON = (
    "multiVmGroupName",
    "multiVmGroupId",
    "autoProtectionOfDataDisk",
    "recoveryAvailabilityZone",
)


def put_intent(call: Call) -> Answer:
    """PUT …/replicationProtectionIntents/{name}: 200 at once; its job enables the protection.

    What the two regions lack is set up under the portal's names; the VM is then protected by the
    same request that anybody can send, and refused as that one is refused.
    """
    given = refusals.part(call, call.properties(), "providerSpecificDetails", "A2A")
    for key in _REQUIRED:
        refusals.text(call, given, key)
    for key in ("primaryLocation", "recoveryLocation"):
        if as_location(given[key]) not in KNOWN:
            raise refusals.bad_input(call, f"'{given[key]}' is not an Azure region.")
    made = _set_up(call, given)
    try:
        request = _enabling(call, given)
        answer = call.route("put", request.target)(request)
    except AzureError:
        for entry in made:
            setup.drop(call.world, entry["id"])
        raise
    intent: Json = {
        "name": call.target.name,
        "id": f"{vault_id_of(call)}/{_KIND}/{call.target.name}",
        "job": name_of(answer.headers["x-ms-request-id"]),
        "created": call.world.now,
        "given": copy.deepcopy(given),
    }
    call.world.table("asr_intents")[intent["id"].lower()] = intent
    call.world.changed = True
    return Answer(200, _told(call, intent))


def get_intent(call: Call) -> Answer:
    """GET an intent: its job's state is told as of now."""
    key = f"{vault_id_of(call)}/{_KIND}/{call.target.name}".lower()
    intent = call.world.table("asr_intents").get(key)
    if intent is None:
        raise site_recovery_not_found(call.target.name)
    return Answer(200, _told(call, intent))


def list_intents(call: Call) -> Answer:
    """GET all intents of a vault."""
    prefix = vault_id_of(call).lower() + "/"
    intents = call.world.table("asr_intents").items()
    return listed([_told(call, each) for key, each in intents if key.startswith(prefix)])


def _set_up(call: Call, given: Json) -> list[Json]:
    terms = setup.PolicyTerms(history=24 * 60)
    policy = setup.policy(vault_id_of(call), portal.PORTAL_POLICY, terms)
    regions = as_location(given["primaryLocation"]), as_location(given["recoveryLocation"])
    return portal.prepare(call.world, vault_id_of(call), policy, *regions)


def _enabling(call: Call, given: Json) -> Call:
    """The request that protects the VM, in the container of its region."""
    vault_id = vault_id_of(call)
    here, there = (
        f"{vault_id}/replicationFabrics/{portal.fabric_name(location)}"
        f"/replicationProtectionContainers/{portal.container_name(location)}"
        for location in (
            as_location(given[key]) for key in ("primaryLocation", "recoveryLocation")
        )
    )
    details: Json = {
        "instanceType": "A2A",
        "fabricObjectId": given["fabricObjectId"],
        "recoveryContainerId": there,
        "recoveryResourceGroupId": given["recoveryResourceGroupId"],
        "vmManagedDisks": _disks(call, given),
    }
    network = given.get("recoveryVirtualNetworkCustomInput") or {}
    if network.get("recoveryVirtualNetworkId"):
        details["recoveryAzureNetworkId"] = network["recoveryVirtualNetworkId"]
        details["recoverySubnetName"] = network.get("recoverySubnetName")
    details |= {key: given[key] for key in _HANDED_ON if key in given}
    name = call.world.guid("item", given["fabricObjectId"]).replace("-", "")
    policy_id = f"{vault_id}/replicationPolicies/{portal.PORTAL_POLICY}"
    return replace(
        call,
        method="PUT",
        target=parse(f"{here}/replicationProtectedItems/{name}"),
        body={"properties": {"policyId": policy_id, "providerSpecificDetails": details}},
    )


def _disks(call: Call, given: Json) -> list[Json]:
    """The disks that were named, else all of the VM's; each needs a cache account."""
    named = [str(each.get("diskId")) for each in given.get("vmManagedDisks") or []]
    vm = call.world.resource(given["fabricObjectId"])
    if not named and vm is not None:
        storage = vm["properties"]["storageProfile"]
        disks = (storage["osDisk"], *storage["dataDisks"])
        named = [disk["managedDisk"]["id"] for disk in disks]
    cache = _cache(call, given)
    group = given["recoveryResourceGroupId"]
    return [
        {
            "diskId": disk,
            "primaryStagingAzureStorageAccountId": cache,
            "recoveryResourceGroupId": group,
        }
        for disk in named
    ]


def _cache(call: Call, given: Json) -> str:
    """The cache account: the one that was named, else one of the primary region."""
    named = given.get("primaryStagingStorageAccountCustomInput") or {}
    if named.get("azureStorageAccountId"):
        return str(named["azureStorageAccountId"])
    region = as_location(given["primaryLocation"])
    for account in call.world.of_type("Microsoft.Storage/storageAccounts"):
        if same(account["location"], region):
            return str(account["id"])
    raise refusals.bad_input(call, f"There is no storage account in '{region}' to cache in.")


def _told(call: Call, intent: Json) -> Json:
    given, job = intent["given"], call.world.table("jobs").get(intent["job"])
    state = jobs.state(call.world, job)[0] if job else None
    return {
        "id": intent["id"],
        "name": intent["name"],
        "type": f"{setup.BASE}/{_KIND}",
        "properties": {
            "friendlyName": intent["name"],
            "jobId": f"{vault_id_of(call)}/replicationJobs/{intent['job']}",
            "jobState": state,
            "isActive": state is not None and state not in jobs.ENDED,
            "creationTimeUTC": dates.ticks(intent["created"]),
            "providerSpecificDetails": {
                "instanceType": "A2A",
                **{key: given[key] for key in (*_REQUIRED, *_HANDED_ON) if key in given},
                "vmDisks": [],
                "vmManagedDisks": given.get("vmManagedDisks") or [],
            },
        },
    }


_KIND = "replicationProtectionIntents"
_NOTE = (
    "Form: specified. What it sets up, and that the VM is then protected as by its own request: "
    "inferred."
)
_INTENT = f"{setup.BASE}/{_KIND}"
ROUTES: Routes = {
    (_INTENT, "put"): Route(put_intent, "specified", _NOTE),
    (_INTENT, "get"): Route(get_intent, "specified", _NOTE),
    (_INTENT, "list"): Route(list_intents, "specified", _NOTE),
}
