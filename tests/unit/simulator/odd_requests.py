"""Writes to everything that the simulator answers, and ways to make them odd."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from muster.simulator.arm import wire
from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import parse
from muster.simulator.arm.types import KINDS
from muster.simulator.call import Answer
from muster.simulator.identity import linked
from muster.simulator.identity.roles import Grant, Identity, action_of
from muster.simulator.routes import TABLE, verb_of

from . import planning, vault_setup
from .asked import NETWORK, nic, vm
from .conftest import DRILL_NETWORK, ITEMS, SUBSCRIPTION, VAULT
from .item_rules import WEB, cache, switch_details, switch_input
from .life import A2A, POLICY, RECOVERY_FABRIC, RECOVERY_ID, failover_body
from .still_world import StillWorld
from .test_arm_garbage import sensible
from .test_taking_back import TEST

WRONG = ("null", "7", '"x"', "[]", '["x"]', "[null]", "{}", '{"id": 7}', "true", "-1.5")
"""Values of every type, as they stand in a body."""
UNREADABLE = ('"\\ud800"', "123456789012345678901234567890", "1e400", "[" * 70 + "]" * 70)
"""Values that are refused wherever they stand."""

OWNER = Identity("owner", "client", "object", "secret", grants=(Grant("/", ("*",), ()),))
_NAMES = {
    "subscriptions": SUBSCRIPTION.rpartition("/")[2],
    "resourcegroups": "rg-asr",
    "vaults": "rsv",
    "replicationfabrics": "asr-a2a-default-eastus",
    "replicationprotectioncontainers": "asr-a2a-default-eastus-container",
    "replicationprotecteditems": ITEMS["web1"],
    "replicationpolicies": POLICY.rpartition("/")[2],
    "replicationrecoveryplans": "erp",
    "replicationnetworks": "azureNetwork",
    "replicationalertsettings": "defaultAlertSetting",
    "replicationvaultsettings": "default",
    "replicationvaulthealth": "default",
    "virtualmachines": "web1",
    "virtualnetworks": "drill",
    "subnets": "alpha",
    "automationaccounts": "aa",
    "runbooks": "Register",
    "locations": "westus2",
    "roleassignments": "11111111-1111-4111-8111-111111111111",
    "roledefinitions": "11111111-1111-4111-8111-111111111112",
    "microsoft.automation": "rg-dr",
    "microsoft.recoveryservices": "rg-dr",
    "microsoft.compute/virtualmachines": "rg-app",
}


def path_of(kind: str, verb: str) -> str:
    """Where something of a kind is in the small world, or would be."""
    namespace, _, words = kind.partition("/")
    pairs = [(word, _NAMES.get(word, "odd")) for word in words.split("/")]
    end = [pairs[-1][0]] if verb == "post" else list(pairs[-1])
    tail = "/".join([*(part for pair in pairs[:-1] for part in pair), *end])
    if namespace == "microsoft.resources":
        return f"/{tail}"
    top = f"{namespace}/{pairs[0][0]}"
    group = _NAMES.get(top) or _NAMES.get(namespace, "rg-asr")
    alone = pairs[0][0] in ("locations", "checknameavailability", "register", "unregister")
    scope = SUBSCRIPTION if alone else f"{SUBSCRIPTION}/resourceGroups/{group}"
    return f"{scope}/providers/{namespace}/{tail}"


def body_of(still: StillWorld, kind: str, verb: str) -> Any:
    """A body with what a write of a kind may hold; a little of nothing where it holds nothing."""
    last = kind.rpartition("/")[2]
    for key in (f"{verb} {last}", f"{kind.split('/')[-2]}/{last}", last):
        if key in (found := _bodies(still)):
            return found[key]
    return sensible(kind) if kind in KINDS else {"properties": {"x": 1}}


def _bodies(still: StillWorld) -> dict[str, Any]:
    away, home = (cache(still, away=away) for away in (True, False))
    item = next(one for one in still.world.items.values() if one["name"] == ITEMS["web1"])
    disk = {"diskId": "x", "primaryStagingAzureStorageAccountId": home,
            "recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/rg-asr"}  # fmt: skip
    choice = {"resourceType": "Existing"}
    intent = A2A | {
        "fabricObjectId": f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/x",
        "primaryLocation": "eastus",
        "recoveryLocation": "westus2",
        "recoverySubscriptionId": "x",
        "recoveryAvailabilityType": "Single",
        "recoveryResourceGroupId": "x",
        "vmManagedDisks": [{"diskId": "x"}],
        "recoveryVirtualNetworkCustomInput": choice | {"recoveryVirtualNetworkId": DRILL_NETWORK},
        "primaryStagingStorageAccountCustomInput": choice | {"azureStorageAccountId": away},
    }
    rule = {"if": {"allOf": [{"field": "type", "in": ["a"]}]}, "then": {"effect": "deny"}}
    switch = {"replicationProtectedItemName": item["name"]}
    machine = vm(f"{NETWORK}/networkInterfaces/n")
    machine["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "createOption": "Empty"}]
    groups = planning.group("web1", start=[planning.runbook(), planning.manual()])
    vault = {"location": "westus2", "sku": {"name": "Standard"}, "tags": {"a": "b"},
             "identity": {"type": "SystemAssigned"},
             "properties": {"monitoringSettings": {"a": 1}}}  # fmt: skip
    setup: dict[str, Any] = {
        "replicationfabrics": vault_setup.fabric("westus2"),
        "replicationpolicies": vault_setup.policy(recoveryPointHistory=60),
        "put replicationprotectioncontainers": vault_setup.A2A_CONTAINER,
        "replicationprotectioncontainermappings": vault_setup.mapping(RECOVERY_ID, POLICY),
        "replicationnetworkmappings": vault_setup.networks(other=RECOVERY_FABRIC),
        "replicationalertsettings": {"properties": {"customEmailAddresses": ["a@b"]}},
        "replicationprotectionintents": {"properties": {"providerSpecificDetails": intent}},
        "vaults": vault,
    }
    items: dict[str, Any] = {
        "put replicationprotecteditems": {"properties": switch_input(still, "web1", back=False)},
        "patch replicationprotecteditems": {"properties": _update(still)},
        "testfailover": {"properties": TEST | {"providerSpecificDetails": _pointed()}},
        "unplannedfailover": {"properties": failover_body(recoveryPointId="x")},
        "applyrecoverypoint": {
            "properties": {"recoveryPointId": "x", "providerSpecificDetails": A2A}
        },
        "adddisks": {"properties": {"providerSpecificDetails": A2A | {"vmManagedDisks": [disk]}}},
        "removedisks": {
            "properties": {"providerSpecificDetails": A2A | {"vmManagedDisksIds": ["x"]}}
        },
        "testfailovercleanup": {"properties": {"comments": "c"}},
        "remove": {"properties": {"disableProtectionReason": "NotSpecified"}},
        "switchprotection": {
            "properties": switch | {"providerSpecificDetails": switch_details(still, item)}
        },
        "replicationrecoveryplans/testfailover": planning.drill_body(),
        "replicationrecoveryplans/unplannedfailover": planning.failover_body(),
        "replicationrecoveryplans": planning.plan_body(groups),
        "replicationjobs": {"startTime": "x", "jobStatus": "x", "timezoneOffset": 1.0},
    }
    others: dict[str, Any] = {
        "virtualmachines": machine,
        "networkinterfaces": nic(),
        "runcommand": {
            "commandId": "RunShellScript", "script": ["a"], "parameters": [{"name": "a"}]
        },
        "runcommands": {
            "location": "eastus",
            "properties": {
                "source": {"script": "a"},
                "parameters": [{"name": "a", "value": "b"}],
                "protectedParameters": [{"name": "c", "value": "d"}],
                "timeoutInSeconds": 5,
            },
        },
        "automationaccounts/jobs": {
            "properties": {"runbook": {"name": "Register"}, "parameters": {"a": "b"}}
        },
        "runbooks": {"location": "westus2", "properties": {"runbookType": "Script", "draft": {}}},
        "locks": {"properties": {"level": "ReadOnly", "notes": "x"}},
        "resourcegroups": {"location": "westus2", "tags": {"a": "b"}},
        "policydefinitions": {"properties": {"policyRule": rule}},
        "policyassignments": {
            "properties": {"policyDefinitionId": "x", "notScopes": ["/x"], "parameters": {}}
        },
        "policyexemptions": {
            "properties": {"policyAssignmentId": "x", "exemptionCategory": "Waiver",
                           "policyDefinitionReferenceIds": ["x"]}
        },
        "roleassignments": {"properties": {"roleDefinitionId": "x", "principalId": "x"}},
        "roledefinitions": {
            "properties": {"roleName": "r", "assignableScopes": ["/"],
                           "permissions": [{"actions": ["*"], "notActions": []}]},
        },
    }  # fmt: skip
    return setup | items | others


def _pointed() -> Any:
    return A2A | {"recoveryPointId": "x"}


def _update(still: StillWorld) -> Any:
    guid = still.get(WEB)["properties"]["providerSpecificDetails"]["vmNics"][0]["nicId"]
    config = still.world.items[WEB.lower()]["nic"]["config"]
    addresses = {"recoveryStaticIPAddress": "10.1.0.9", "recoveryLBBackendAddressPoolIds": ["x"]}
    entry = {"nicId": guid, "recoveryNicName": "n", "reuseExistingNic": True,
             "ipConfigs": [{"ipConfigName": config} | addresses]}  # fmt: skip
    disks = [{"diskId": "x", "tfoDiskName": "y"}]
    return {
        "recoveryAzureVMName": "a",
        "selectedTfoAzureNetworkId": DRILL_NETWORK,
        "vmNics": [entry],
        "providerSpecificDetails": A2A
        | {"managedDiskUpdateDetails": disks, "tfoAzureVMName": "t"},
    }


def writes() -> list[tuple[str, str]]:
    """(kind, verb) of every write that is answered."""
    generic = {(kind, verb) for kind in KINDS for verb in ("put", "patch")}
    return sorted({row for row in TABLE if row[1] in ("put", "patch", "post")} | generic)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a body, and of the body itself."""
    yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


def with_text(value: Any, path: tuple[Any, ...], text: str) -> str:
    """The body as JSON, with a text in the place of what stands at a path."""
    if not path:
        return text
    keyed = isinstance(value, dict)
    pairs = value.items() if keyed else enumerate(value)
    told = [
        (key, with_text(each, path[1:], text) if key == path[0] else json.dumps(each))
        for key, each in pairs
    ]
    inside = ", ".join(f"{json.dumps(key)}: {each}" if keyed else each for key, each in told)
    return f"{{{inside}}}" if keyed else f"[{inside}]"


def send(still: StillWorld, method: str, path: str, text: str) -> Answer:
    """A write as the front takes it: read, its linked rights looked at, answered."""
    target = parse(path)
    verb = verb_of(method, target)
    try:
        body = wire.value_of(text)
        action = action_of(verb, target.type)
        linked.demand(OWNER, verb, action, target, body, still.world.state["subscriptions"])
    except AzureError as error:
        return Answer(error.status, error.body())
    answer = still.answer(method, path, body)
    json.dumps(answer.body, allow_nan=False).encode()
    return answer


def everything() -> Iterator[str]:
    """Lists that show most of what is kept."""
    yield f"{SUBSCRIPTION}/resources"
    yield f"{NETWORK}/virtualNetworks"
    yield f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westus2/usages"
    for kind in (
        "ProtectedItems",
        "RecoveryPlans",
        "Jobs",
        "Fabrics",
        "ProtectionIntents",
        "Events",
    ):
        yield f"{VAULT}/replication{kind}"
