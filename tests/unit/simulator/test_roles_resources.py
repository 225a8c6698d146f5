"""Role assignments and definitions as resources of ARM: what they answer, and that they count."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import DRILL_NETWORK, SUBSCRIPTION, TARGET, VAULT, Azure, running
from .people import object_id, role, sign_in, with_secret, world_with

PROVIDER = "providers/Microsoft.Authorization"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-asr"
NAME = "12345678-0000-4000-8000-000000000001"
MINE = f"{PROVIDER}/roleAssignments/{NAME}"
OWN_ROLE = "87654321-0000-4000-8000-000000000001"


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """c administers access and owns nothing; d may do nothing; e contributes."""
    world = world_with(
        tmp_path,
        with_secret("c", role("User Access Administrator")),
        with_secret("d"),
        with_secret("e", role("Contributor")),
    )
    async with running(tmp_path / "state", world) as found:
        yield found


def definition_id(guid: str) -> str:
    return f"{SUBSCRIPTION}/{PROVIDER}/roleDefinitions/{guid}"


def giving(guid: str, letter: str = "d", **more: Any) -> Any:
    properties = {"roleDefinitionId": definition_id(guid), "principalId": object_id(letter)}
    return {"properties": properties | more}


async def test_a_role_counts_from_the_next_request_on_and_until_it_is_taken_away(
    azure: Azure,
) -> None:
    admin, d = await sign_in(azure, "c"), await sign_in(azure, "d")
    assert (await azure.ask("GET", DRILL_NETWORK, token=d))[0] == 403
    status, body, _ = await azure.ask("PUT", f"{GROUP}/{MINE}", giving(READER), token=admin)
    assert status == 201
    assert (await azure.ask("GET", DRILL_NETWORK, token=d))[0] == 200
    assert (await azure.ask("GET", VAULT, token=d))[0] == 403  # another group
    status, gone, _ = await azure.ask("DELETE", f"{GROUP}/{MINE}", token=admin)
    assert (status, gone) == (200, body)
    assert (await azure.ask("GET", DRILL_NETWORK, token=d))[0] == 403
    assert (await azure.ask("DELETE", f"{GROUP}/{MINE}", token=admin))[0] == 204


async def test_an_assignment_has_the_body_that_azure_gives_it(azure: Azure) -> None:
    admin = await sign_in(azure, "c")
    given = giving(READER, description="for a while", principalType="ServicePrincipal")
    _, made, _ = await azure.ask("PUT", f"{GROUP}/{MINE}", given, token=admin)
    assert await azure.get(f"{GROUP}/{MINE}") == made
    assert (made["id"], made["name"]) == (f"{GROUP}/{MINE}", NAME)
    assert made["type"] == "Microsoft.Authorization/roleAssignments"
    told = made["properties"]
    assert told.pop("createdOn").endswith("Z")
    assert told.pop("updatedOn").endswith("Z")
    assert told == {
        "roleDefinitionId": definition_id(READER),
        "principalId": object_id("d"),
        "principalType": "ServicePrincipal",
        "scope": GROUP,
        "condition": None,
        "conditionVersion": None,
        "createdBy": object_id("c"),
        "updatedBy": object_id("c"),
        "delegatedManagedIdentityResourceId": None,
        "description": "for a while",
    }
    again = await azure.ask("PUT", f"{GROUP}/{MINE}", given, token=admin)
    assert again[0] == 200


@pytest.mark.parametrize("scope", [VAULT, f"{DRILL_NETWORK}/subnets/data", SUBSCRIPTION])
async def test_a_role_can_be_given_at_any_scope(azure: Azure, scope: str) -> None:
    admin, d = await sign_in(azure, "c"), await sign_in(azure, "d")
    assert (await azure.ask("PUT", f"{scope}/{MINE}", giving(READER), token=admin))[0] == 201
    assert (await azure.ask("GET", scope, token=d))[0] == 200
    told = await azure.get(f"{scope}/{PROVIDER}/permissions")
    assert told["value"]


@pytest.mark.parametrize(
    ("letter", "name", "body", "status", "code"),
    [
        ("c", NAME, giving(READER, "0"), 400, "PrincipalNotFound"),
        ("c", NAME, giving(READER, "0", principalType="User"), 201, ""),
        ("c", NAME, giving(NAME), 400, "RoleDefinitionDoesNotExist"),
        ("c", "my-assignment", giving(READER), 400, "InvalidRoleAssignmentId"),
        ("c", NAME, {"properties": {"principalId": object_id("d")}}, 400,
         "InvalidRoleDefinitionId"),
        ("c", NAME, {"properties": {"roleDefinitionId": definition_id(READER)}}, 400,
         "InvalidPrincipalId"),
        ("e", NAME, giving(READER), 403, "AuthorizationFailed"),
        ("d", NAME, giving(READER), 403, "AuthorizationFailed"),
    ],
)  # fmt: skip
async def test_what_cannot_be_assigned_is_refused_in_azures_words(
    azure: Azure, letter: str, name: str, body: Any, status: int, code: str
) -> None:
    token, path = await sign_in(azure, letter), f"{GROUP}/{PROVIDER}/roleAssignments/{name}"
    told = await azure.ask("PUT", path, body, token=token)
    assert (told[0], told[1].get("error", {}).get("code", "")) == (status, code)


async def test_a_second_assignment_of_the_same_is_a_conflict(azure: Azure) -> None:
    admin = await sign_in(azure, "c")
    other = f"{GROUP}/{PROVIDER}/roleAssignments/{NAME[:-1]}2"
    await azure.ask("PUT", f"{GROUP}/{MINE}", giving(READER), token=admin)
    status, body, _ = await azure.ask("PUT", other, giving(READER), token=admin)
    assert (status, body["error"]["code"]) == (409, "RoleAssignmentExists")
    assert body["error"]["message"] == "The role assignment already exists."
    status, body, _ = await azure.ask(
        "PUT", f"{GROUP}/{MINE}", giving(NETWORK_CONTRIBUTOR), token=admin
    )
    assert (status, body["error"]["code"]) == (400, "RoleAssignmentUpdateNotPermitted")
    elsewhere = other.replace("rg-asr", "rg-dr")
    assert (await azure.ask("PUT", elsewhere, giving(READER), token=admin))[0] == 201
    elsewhere = other.replace("rg-asr", "rg-nowhere")
    status, body, _ = await azure.ask("PUT", elsewhere, giving(READER), token=admin)
    assert (status, body["error"]["code"]) == (404, "ResourceGroupNotFound")


async def listed(azure: Azure, scope: str, text: str = "") -> list[tuple[str, str]]:
    """(letter of the principal, where it holds) of each assignment that a list shows."""
    query = {"$filter": text} if text else {}
    told = await azure.get(f"{scope}/{PROVIDER}/roleAssignments", **query)
    rows = (row["properties"] for row in told["value"])
    return sorted((row["principalId"][0], row["scope"].removeprefix(SUBSCRIPTION)) for row in rows)


async def test_a_list_shows_what_holds_at_above_and_below_a_scope(azure: Azure) -> None:
    admin = await sign_in(azure, "c")
    await azure.ask("PUT", f"{DRILL_NETWORK}/{MINE}", giving(READER), token=admin)
    network = DRILL_NETWORK.removeprefix(SUBSCRIPTION)
    of_all = [("a", ""), ("b", ""), ("c", ""), ("e", "")]
    group = "/resourceGroups/rg-asr"
    below = await listed(azure, GROUP)
    assert below == sorted([*of_all, ("a", group), ("d", network)])
    assert await listed(azure, GROUP, "atScope()") == sorted([*of_all, ("a", group)])
    assert await listed(azure, GROUP, f"principalId eq '{object_id('d')}'") == [("d", network)]
    assert await listed(azure, GROUP, f"principalId eq {object_id('d')}") == [("d", network)]
    both = f"atScope() and assignedTo('{object_id('a')}')"
    assert await listed(azure, GROUP, both) == [("a", ""), ("a", group)]
    assert ("a", "/resourceGroups/rg-dr") not in below
    assert ("a", "/resourceGroups/rg-dr") in await listed(azure, SUBSCRIPTION)


@pytest.mark.parametrize("text", ["principalName eq 'me'", "atScope(", "assignedTo('x')", "and"])
async def test_a_filter_that_is_not_known_is_refused(azure: Azure, text: str) -> None:
    path = f"{GROUP}/{PROVIDER}/roleAssignments"
    status, body, _ = await azure.ask("GET", path, **{"$filter": text})
    assert (status, body["error"]["code"]) == (400, "InvalidFilterInQueryString")


async def test_built_in_roles_are_listed_and_found_by_name(azure: Azure) -> None:
    path = f"{GROUP}/{PROVIDER}/roleDefinitions"
    told = await azure.get(path, **{"$filter": "type eq 'BuiltInRole'"})
    assert len(told["value"]) == 11
    (row,) = (await azure.get(path, **{"$filter": "roleName eq 'Reader'"}))["value"]
    assert row == await azure.get(definition_id(READER))
    assert (row["id"], row["name"]) == (definition_id(READER), READER)
    assert row["properties"]["type"] == "BuiltInRole"
    assert row["properties"]["assignableScopes"] == ["/"]
    assert row["properties"]["permissions"] == [
        {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
    ]
    mine = await azure.get(path, **{"$filter": "type eq 'CustomRole'"})
    names = {row["properties"]["roleName"] for row in mine["value"]}
    assert {"reader", "everything", "drill-in-vault"} <= names


async def test_at_the_tenants_root_a_built_in_role_is_read_by_whoever_signs_in(
    azure: Azure,
) -> None:
    token, path = await sign_in(azure, "d"), f"/{PROVIDER}/roleDefinitions/{READER}"
    status, body, _ = await azure.ask("GET", path, token=token)
    assert (status, body["id"]) == (200, path)
    assert (await azure.ask("GET", f"{SUBSCRIPTION}{path}", token=token))[0] == 403
    assert (await azure.ask("DELETE", path, token=token))[0] == 403


def own_role(**changed: Any) -> Any:
    properties = {
        "roleName": "Watcher of networks",
        "description": "Sees networks.",
        "type": "CustomRole",
        "permissions": [{"actions": ["Microsoft.Network/*/read"], "notActions": []}],
        "assignableScopes": [SUBSCRIPTION],
    }
    return {"properties": properties | changed}


async def test_a_role_of_ones_own_can_be_made_given_changed_and_deleted(azure: Azure) -> None:
    admin, d = await sign_in(azure, "c"), await sign_in(azure, "d")
    path = definition_id(OWN_ROLE)
    status, made, _ = await azure.ask("PUT", path, own_role(), token=admin)
    assert status == 201
    assert made["properties"]["type"] == "CustomRole"
    assert made["properties"]["createdBy"] == object_id("c")
    await azure.ask("PUT", f"{GROUP}/{MINE}", giving(OWN_ROLE), token=admin)
    assert (await azure.ask("GET", DRILL_NETWORK, token=d))[0] == 200
    status, body, _ = await azure.ask("DELETE", path, token=admin)
    assert (status, body["error"]["code"]) == (400, "RoleDefinitionHasAssignments")
    less = own_role(permissions=[{"actions": ["Microsoft.Network/*/read"],
                                  "notActions": ["*/virtualNetworks/read"]}])  # fmt: skip
    assert (await azure.ask("PUT", path, less, token=admin))[0] == 201
    assert (await azure.ask("GET", DRILL_NETWORK, token=d))[0] == 403
    await azure.ask("DELETE", f"{GROUP}/{MINE}", token=admin)
    status, gone, _ = await azure.ask("DELETE", path, token=admin)
    assert (status, gone["name"]) == (200, OWN_ROLE)
    assert (await azure.ask("DELETE", path, token=admin))[0] == 204
    status, body, _ = await azure.ask("GET", path, token=admin)
    assert (status, body["error"]["code"]) == (404, "RoleDefinitionDoesNotExist")


@pytest.mark.parametrize(
    ("guid", "changed", "status", "code"),
    [
        (READER, {}, 400, "RoleDefinitionUpdateNotPermitted"),
        ("my-role", {}, 400, "InvalidRoleDefinitionId"),
        (OWN_ROLE, {"roleName": "Reader"}, 409, "RoleDefinitionWithSameNameExists"),
        (OWN_ROLE, {"roleName": "EVERYTHING"}, 409, "RoleDefinitionWithSameNameExists"),
        (OWN_ROLE, {"roleName": ""}, 400, "RoleDefinitionNameNullOrEmpty"),
        (OWN_ROLE, {"assignableScopes": []}, 400, "MissingAssignableScopes"),
        (OWN_ROLE, {"permissions": [{"actions": "*"}]}, 400, "InvalidRequestContent"),
        (OWN_ROLE, {"permissions": [{}, {}]}, 400, "InvalidRequestContent"),
        (OWN_ROLE, {"assignableScopes": ["/"]}, 403, "LinkedAuthorizationFailed"),
    ],
)
async def test_a_role_that_cannot_be_is_refused(
    azure: Azure, guid: str, changed: Any, status: int, code: str
) -> None:
    admin = await sign_in(azure, "c")
    told = await azure.ask("PUT", definition_id(guid), own_role(**changed), token=admin)
    assert (told[0], told[1]["error"]["code"]) == (status, code)


async def test_nobody_makes_roles_or_gives_them_without_the_right(azure: Azure) -> None:
    for letter in ("d", "e"):
        token = await sign_in(azure, letter)
        for path, body in (
            (definition_id(OWN_ROLE), own_role()),
            (f"{SUBSCRIPTION}/{MINE}", giving(READER, letter)),
        ):
            for method in ("PUT", "DELETE"):
                status, told, _ = await azure.ask(method, path, body, token=token)
                assert (status, told["error"]["code"]) == (403, "AuthorizationFailed")


async def test_deny_assignments_are_none(azure: Azure) -> None:
    assert (await azure.get(f"{GROUP}/{PROVIDER}/denyAssignments"))["value"] == []


async def test_assignments_outlive_a_restart(tmp_path: Path) -> None:
    world = world_with(tmp_path, with_secret("c", role("Owner")), with_secret("d"))
    async with running(tmp_path / "state", world) as azure:
        owner = await sign_in(azure, "c")
        await azure.ask("PUT", f"{GROUP}/{MINE}", giving(READER), token=owner)
        theirs = (await azure.get(f"{SUBSCRIPTION}/{PROVIDER}/roleAssignments"))["value"]
        state = json.loads((tmp_path / "state" / "state.json").read_text())  # already now
        assert any(row["name"] == NAME for row in state["role_assignments"].values())
    async with running(tmp_path / "state", world) as azure:
        assert (await azure.get(f"{SUBSCRIPTION}/{PROVIDER}/roleAssignments"))["value"] == theirs
        d = await sign_in(azure, "d")
        assert (await azure.ask("GET", f"{TARGET}/Microsoft.Network/virtualNetworks", token=d))[
            0
        ] == 200
