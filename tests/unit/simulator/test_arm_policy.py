"""Policies that deny: by type, location, tag and size; told as ARM tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from muster.simulator.arm import policy_rules

from .asked import COMPUTE, GROUP, NETWORK, nic, operator, vm, world_with
from .conftest import DRILL_NETWORK, SUBSCRIPTION, Azure, running

AUTHORIZATION = "providers/Microsoft.Authorization"
TABLE = f"{NETWORK}/routeTables/rt"
DENIED = (403, "RequestDisallowedByPolicy")
POLICIES = """
policies:
  - name: only-west
    display_name: Only in the west
    rule: {field: location, notIn: [westus2, global]}
  - name: small-machines
    scope: /resourceGroups/rg-asr
    rule:
      allOf:
        - {field: type, equals: Microsoft.Compute/virtualMachines}
        - {not: {field: Microsoft.Compute/virtualMachines/sku.name, like: Standard_D*}}
  - name: owner
    scope: /resourceGroups/rg-asr
    not_scopes: [/resourceGroups/rg-asr/providers/Microsoft.Network/networkInterfaces]
    rule:
      allOf:
        - {field: type, like: Microsoft.Network/*}
        - {field: "tags['owner']", exists: false}
  - {name: seen, effect: audit, rule: {field: type, like: "*"}}
"""


async def test_a_world_denies_by_location_tag_and_size(tmp_path: Path) -> None:
    world = world_with(tmp_path, POLICIES)
    async with running(tmp_path / "state", world) as azure:
        admin = await operator(azure)
        body = {"location": "eastus", "tags": {"owner": "me"}}
        status, told, _ = await admin.ask("PUT", TABLE, body)
        assert (status, told["error"]["code"]) == DENIED
        assert await admin.refused("PUT", TABLE, {"location": "westus2"}) == DENIED
        assert await admin.put(TABLE, body | {"location": "westus2"})
        assert await admin.refused("PATCH", TABLE, {"tags": {"other": "x"}}) == DENIED
        assert (await admin.ask("PATCH", TABLE, {"tags": {"Owner": "you"}}))[0] == 200

        nic_id = f"{NETWORK}/networkInterfaces/free"  # notScopes
        await admin.put(nic_id, nic())
        large = vm(nic_id, hardwareProfile={"vmSize": "Standard_E8s_v5"})
        machine = f"{COMPUTE}/virtualMachines/new"
        assert await admin.refused("PUT", machine, large) == DENIED
        await admin.put(machine, vm(nic_id))
        bigger = {"properties": {"hardwareProfile": {"vmSize": "Standard_E8s_v5"}}}
        assert await admin.refused("PATCH", machine, bigger) == DENIED
        # Indexed: neither groups nor children are judged
        group = f"{SUBSCRIPTION}/resourceGroups/rg-east"
        assert (await admin.ask("PUT", group, {"location": "eastus"}))[0] == 201
        subnet = f"{DRILL_NETWORK}/subnets/more"
        space = {"properties": {"addressPrefix": "10.1.20.0/24"}}
        assert (await admin.ask("PUT", subnet, space))[0] == 201


async def test_a_refusal_has_arms_whole_body(tmp_path: Path) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, POLICIES)) as azure:
        admin = await operator(azure)
        body = {"location": "eastus", "tags": {"owner": "me"}}
        _, told, _ = await admin.ask("PUT", TABLE, body)
    error: dict[str, Any] = told["error"]
    definition = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions/only-west"
    assignment = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyAssignments/only-west"
    named = [
        {
            "policyAssignment": {"name": "only-west", "id": assignment},
            "policyDefinition": {"name": "only-west", "id": definition},
        }
    ]
    assert error["message"] == (
        "Resource 'rt' was disallowed by policy. Policy identifiers: "
        f"'{json.dumps(named, separators=(',', ':'))}'."
    )
    assert error["target"] == "rt"
    (violation,) = error["additionalInfo"]
    assert violation["type"] == "PolicyViolation"
    assert violation["info"] == {
        "evaluationDetails": {
            "evaluatedExpressions": [
                {
                    "result": "True",
                    "expressionKind": "Field",
                    "expression": "location",
                    "path": "location",
                    "expressionValue": "eastus",
                    "targetValue": ["westus2", "global"],
                    "operator": "NotIn",
                }
            ]
        },
        "policyDefinitionId": definition,
        "policyDefinitionName": "only-west",
        "policyDefinitionDisplayName": "Only in the west",
        "policyDefinitionEffect": "deny",
        "policyAssignmentId": assignment,
        "policyAssignmentName": "only-west",
        "policyAssignmentDisplayName": "Only in the west",
        "policyAssignmentScope": SUBSCRIPTION,
        "policyAssignmentParameters": {},
    }


async def test_assignments_come_and_go_with_their_parameters(azure: Azure) -> None:
    admin = await operator(azure)
    definition = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions/allowed"
    rule = {
        "if": {"field": "location", "notIn": "[parameters('places')]"},
        "then": {"effect": "[parameters('effect')]"},
    }
    parameters = {
        "places": {"type": "Array"},
        "effect": {"type": "String", "defaultValue": "Deny"},
    }
    body = {"properties": {"policyRule": rule, "parameters": parameters, "mode": "Indexed"}}
    status, told, _ = await admin.ask("PUT", definition, body)
    assert (status, told["properties"]["policyType"]) == (201, "Custom")

    assignment = f"{GROUP}/{AUTHORIZATION}/policyAssignments/here"
    given = {"policyDefinitionId": definition, "parameters": {"places": {"value": ["eastus"]}}}
    assert (await admin.ask("PUT", assignment, {"properties": given}))[0] == 201
    assert await admin.refused("PUT", TABLE, {"location": "westus2"}) == DENIED
    assert await admin.refused("DELETE", definition) == (
        400,
        "InvalidDeletePolicyDefinitionRequest",
    )

    listed = await azure.get(f"{GROUP}/{AUTHORIZATION}/policyAssignments")
    assert [row["name"] for row in listed["value"]] == ["here"]
    rows = await azure.get(f"{SUBSCRIPTION}/{AUTHORIZATION}/policyAssignments")
    assert len(rows["value"]) == 1
    rows = await azure.get(
        f"{SUBSCRIPTION}/{AUTHORIZATION}/policyAssignments", **{"$filter": "atScope()"}
    )
    assert rows["value"] == []

    off = given | {"enforcementMode": "DoNotEnforce"}
    assert (await admin.ask("PUT", assignment, {"properties": off}))[0] == 201
    assert await admin.put(TABLE, {"location": "westus2"})
    assert (await admin.ask("DELETE", assignment))[0] == 200
    assert (await admin.ask("DELETE", assignment))[0] == 204
    assert (await admin.ask("DELETE", definition))[0] == 200
    assert await admin.refused("GET", assignment) == (404, "PolicyAssignmentNotFound")
    assert await admin.refused("GET", definition) == (404, "PolicyDefinitionNotFound")
    given["policyDefinitionId"] = definition
    body = {"properties": given}
    assert await admin.refused("PUT", assignment, body) == (404, "PolicyDefinitionNotFound")


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"policyRule": {"if": {"field": "type", "equals": "x"}}},
        {"policyRule": {"if": {}, "then": {"effect": "deny"}}},
        {"policyRule": {"if": {"count": {}}, "then": {"effect": "deny"}}},
        {
            "policyRule": {"if": {"field": "type", "equals": "x"}, "then": {"effect": "deny"}},
            "mode": "Microsoft.KeyVault.Data",
        },
    ],
)
async def test_a_definition_that_cannot_be_judged_by_is_refused(
    azure: Azure, properties: dict[str, Any]
) -> None:
    admin = await operator(azure)
    path = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions/bad"
    body = {"properties": properties}
    assert await admin.refused("PUT", path, body) == (400, "InvalidPolicyRule")


@pytest.mark.parametrize(
    "properties",
    [
        {"policyRule": "deny"},
        {"policyRule": {"then": "deny"}},
        {"parameters": {"a": 1}},
        {"mode": 7},
    ],
)
async def test_a_definition_of_the_wrong_types_is_refused(
    azure: Azure, properties: dict[str, Any]
) -> None:
    admin = await operator(azure)
    path = f"{SUBSCRIPTION}/{AUTHORIZATION}/policyDefinitions/bad"
    body = {"properties": properties}
    assert await admin.refused("PUT", path, body) == (400, "InvalidRequestContent")


RESOURCE = {
    "id": "/x",
    "type": "Microsoft.Storage/storageAccounts",
    "name": "Data1",
    "location": "westus2",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "tags": {"Owner": "me"},
    "properties": {"supportsHttpsTrafficOnly": True, "networkAcls": {"defaultAction": "Allow"}},
}
STORE = "Microsoft.Storage/storageAccounts"


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"field": "type", "equals": STORE.lower()}, True),
        ({"field": "name", "like": "data*"}, True),
        ({"field": "name", "notLike": "data*"}, False),
        ({"field": "name", "like": "data?"}, False),
        ({"field": "name", "like": "dat[a]1"}, False),
        ({"field": "tags.owner", "equals": "ME"}, True),
        ({"field": "tags[owner]", "notEquals": "you"}, True),
        ({"field": "tags['cost']", "exists": "false"}, True),
        ({"field": "tags", "containsKey": "owner"}, True),
        ({"field": "tags", "notContainsKey": "owner"}, False),
        ({"field": f"{STORE}/sku.name", "in": ["Standard_LRS"]}, True),
        ({"field": f"{STORE}/supportsHttpsTrafficOnly", "equals": "true"}, True),
        ({"field": f"{STORE}/networkAcls.defaultAction", "equals": "Allow"}, True),
        ({"field": f"{STORE}/networkAcls.bypass", "exists": True}, False),
        ({"field": "Microsoft.Compute/disks/diskSizeGB", "exists": True}, False),
        ({"field": "kind", "contains": "v2"}, True),
        ({"field": "kind", "notContains": "v2"}, False),
        (
            {"anyOf": [{"field": "kind", "equals": "x"}, {"field": "name", "equals": "data1"}]},
            True,
        ),
        ({"not": {"allOf": [{"field": "kind", "equals": "x"}]}}, True),
    ],
)
def test_a_rule_holds_or_does_not(rule: dict[str, Any], holds: bool) -> None:
    assert list(policy_rules.mistakes_in(rule)) == []
    assert (policy_rules.evaluate(rule, RESOURCE, {}) is not None) is holds
