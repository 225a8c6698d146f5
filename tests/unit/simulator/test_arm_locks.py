"""Locks: what each level forbids, at every scope, and what it never forbids."""

from __future__ import annotations

from pathlib import Path

import pytest

from .asked import GROUP, NETWORK, Operator, operator, world_with
from .conftest import DRILL_NETWORK, SUBSCRIPTION, VAULT, Azure, running

LOCKS = "providers/Microsoft.Authorization/locks"
TABLE = f"{NETWORK}/routeTables/rt"
LOCKED = (409, "ScopeLocked")
APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers"
WEB = f"{APP}/Microsoft.Compute/virtualMachines/web1"


async def lock(admin: Operator, scope: str, level: str, name: str = "keep") -> str:
    path = f"{scope}/{LOCKS}/{name}"
    status, told, _ = await admin.ask("PUT", path, {"properties": {"level": level}})
    assert status in (200, 201), told
    return path


@pytest.mark.parametrize("scope", [DRILL_NETWORK, GROUP, SUBSCRIPTION])
async def test_what_may_not_be_deleted_may_be_changed_at_every_scope(
    azure: Azure, scope: str
) -> None:
    admin = await operator(azure)
    path = await lock(admin, scope, "CanNotDelete")
    status, told, _ = await admin.ask("DELETE", DRILL_NETWORK)
    assert (status, told["error"]["code"]) == LOCKED
    assert told["error"]["message"] == (
        f"The scope '{DRILL_NETWORK}' cannot perform delete operation because following scope(s) "
        f"are locked: '{scope}'. Please remove the lock and try again."
    )
    assert await admin.refused("DELETE", f"{DRILL_NETWORK}/subnets/alpha") == LOCKED
    status, _, _ = await admin.ask("PATCH", DRILL_NETWORK, {"tags": {"seen": "yes"}})
    assert status == 200
    assert (await admin.ask("DELETE", path))[0] == 200
    await admin.delete(DRILL_NETWORK)


async def test_what_is_read_only_takes_no_write_and_no_action(azure: Azure) -> None:
    admin = await operator(azure)
    path = await lock(admin, f"{SUBSCRIPTION}/resourceGroups/rg-app", "ReadOnly")
    for method, where, body in (
        ("PATCH", WEB, {"tags": {}}),
        ("PUT", f"{APP}/Microsoft.Network/routeTables/rt", {"location": "eastus"}),
        ("DELETE", WEB, None),
        ("POST", f"{WEB}/deallocate", None),
        ("PUT", f"{WEB}/runCommands/x", {"location": "eastus", "properties": {}}),
    ):
        status, told, _ = await admin.ask(method, where, body)
        assert (status, told["error"]["code"]) == LOCKED
        word = "delete" if method == "DELETE" else "write"
        assert f"cannot perform {word} operation" in told["error"]["message"]
    assert (await azure.get(WEB))["name"] == "web1"
    assert (await azure.ask("HEAD", f"{SUBSCRIPTION}/resourceGroups/rg-app"))[0] == 204
    assert await admin.put(TABLE, {"location": "westus2"})  # another group is free
    await admin.ask("DELETE", path)
    assert (await admin.ask("POST", f"{WEB}/deallocate"))[0] == 202


async def test_a_locked_vault_takes_no_test_failover(azure: Azure) -> None:
    admin = await operator(azure)
    await lock(admin, VAULT, "ReadOnly")
    items = (await azure.get(f"{VAULT}/replicationProtectedItems"))["value"]
    where = items[0]["id"]
    status, code = await admin.refused("POST", f"{where}/testFailover", {"properties": {}})
    assert (status, code) == LOCKED


async def test_a_lock_inside_keeps_what_holds_it(azure: Azure) -> None:
    admin = await operator(azure)
    await lock(admin, DRILL_NETWORK, "CanNotDelete")
    status, told, _ = await admin.ask("DELETE", GROUP)
    assert (status, told["error"]["code"]) == LOCKED
    assert f"locked: '{DRILL_NETWORK}'" in told["error"]["message"]
    assert (await azure.ask("HEAD", GROUP))[0] == 204
    near = f"{NETWORK}/virtualNetworks/drill2"
    space = {"addressSpace": {"addressPrefixes": ["10.3.0.0/16"]}}
    await admin.put(near, {"location": "westus2", "properties": space})
    await admin.delete(near)  # a name that only begins alike is not locked


async def test_locks_are_listed_where_they_are_and_above(azure: Azure) -> None:
    admin = await operator(azure)
    await lock(admin, SUBSCRIPTION, "CanNotDelete", "whole")
    await lock(admin, GROUP, "ReadOnly", "group")
    await lock(admin, DRILL_NETWORK, "CanNotDelete", "net")

    async def listed(scope: str, **query: str) -> list[str]:
        rows = (await azure.get(f"{scope}/{LOCKS}", **query))["value"]
        return sorted(row["name"] for row in rows)

    assert await listed(SUBSCRIPTION) == ["group", "net", "whole"]
    assert await listed(GROUP) == ["group", "net"]
    assert await listed(GROUP, **{"$filter": "atScope()"}) == ["group", "whole"]
    assert await listed(DRILL_NETWORK) == ["net"]
    shown = await azure.get(f"{GROUP}/{LOCKS}/group")
    assert shown == {
        "properties": {"level": "ReadOnly"},
        "id": f"{GROUP}/{LOCKS}/group",
        "type": "Microsoft.Authorization/locks",
        "name": "group",
    }


async def test_a_lock_that_cannot_be_is_refused(azure: Azure) -> None:
    admin = await operator(azure)
    none = {"properties": {"level": "Never"}}
    assert await admin.refused("PUT", f"{GROUP}/{LOCKS}/x", none) == (400, "InvalidRequestContent")
    body = {"properties": {"level": "ReadOnly", "notes": "why"}}
    missing = f"{NETWORK}/virtualNetworks/none/{LOCKS}/x"
    assert await admin.refused("PUT", missing, body) == (404, "ResourceNotFound")
    gone = f"{SUBSCRIPTION}/resourceGroups/none/{LOCKS}/x"
    assert await admin.refused("PUT", gone, body) == (404, "ResourceGroupNotFound")
    assert await admin.refused("GET", f"{GROUP}/{LOCKS}/x") == (404, "LockNotFound")
    assert (await admin.ask("DELETE", f"{GROUP}/{LOCKS}/x"))[0] == 204
    status, told, _ = await admin.ask("PUT", f"{GROUP}/{LOCKS}/x", body)
    assert (status, told["properties"]) == (201, {"level": "ReadOnly", "notes": "why"})
    assert (await admin.ask("PUT", f"{GROUP}/{LOCKS}/x", body))[0] == 200  # a lock locks no lock


async def test_a_world_file_may_begin_with_locks(tmp_path: Path) -> None:
    more = "locks: [{name: keep, scope: /resourceGroups/rg-asr, level: ReadOnly, notes: DR}]"
    async with running(tmp_path / "state", world_with(tmp_path, more)) as azure:
        admin = await operator(azure)
        assert await admin.refused("DELETE", DRILL_NETWORK) == LOCKED
        shown = await azure.get(f"{GROUP}/{LOCKS}/keep")
        assert shown["properties"] == {"level": "ReadOnly", "notes": "DR"}
