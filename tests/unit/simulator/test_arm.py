"""Azure Resource Manager's manners: versions, roles, lists, refusals."""

from __future__ import annotations

import pytest

from .conftest import CONTAINER_ID, ITEMS, SUBSCRIPTION, TARGET, VAULT, Azure

ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
OTHER = "/subscriptions/77777777-2222-4333-8444-555555555555"


async def test_every_answer_carries_arms_headers(azure: Azure) -> None:
    await azure.get(VAULT)
    for path in (VAULT, f"{SUBSCRIPTION}/resourceGroups/nowhere"):
        _, _, headers = await azure.ask("GET", path)
        assert headers["x-ms-correlation-request-id"]
        assert headers["x-ms-request-id"]
        assert headers["Date"].endswith("GMT")
        assert int(headers["x-ms-ratelimit-remaining-subscription-reads"]) < 250


async def test_a_request_without_a_version_is_refused(azure: Azure) -> None:
    status, body, _ = await azure.ask("GET", VAULT, version="")
    assert (status, body["error"]["code"]) == (400, "MissingApiVersionParameter")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{SUBSCRIPTION}/resourceGroups/nowhere", "ResourceGroupNotFound"),
        (f"{TARGET}/Microsoft.Network/virtualNetworks/nowhere", "ResourceNotFound"),
        (f"{TARGET}/Microsoft.Network/virtualNetworks/drill/subnets/nowhere", "NotFound"),
        (f"{TARGET}/Microsoft.Network/flyingCarpets/one", "InvalidResourceType"),
        (f"{VAULT}x/replicationJobs", "ResourceNotFound"),
        (f"{VAULT}/replicationJobs/11111111-0000-4000-8000-000000000000", "NotFound"),
        (f"{CONTAINER_ID}/replicationProtectedItems/nowhere", "NotFound"),
        (f"{VAULT}/replicationFabrics/nowhere", "NotFound"),
    ],
)
async def test_what_is_not_there_is_told_in_the_right_words(
    azure: Azure, path: str, code: str
) -> None:
    status, body, _ = await azure.ask("GET", path)
    assert (status, body["error"]["code"]) == (404, code)


async def test_another_subscription_is_forbidden_rather_than_missing(azure: Azure) -> None:
    path = f"{OTHER}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v"
    status, body, _ = await azure.ask("GET", path)
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    for part in ("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002",
                 "Microsoft.Network/virtualNetworks/read", path):  # fmt: skip
        assert part in body["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{ITEM}/unplannedFailover"),
        ("POST", f"{ITEM}/plannedFailover"),
        ("POST", f"{ITEM}/failoverCommit"),
        ("POST", f"{ITEM}/failoverCancel"),
        ("POST", f"{ITEM}/applyRecoveryPoint"),
        ("POST", f"{ITEM}/reProtect"),
        ("POST", f"{ITEM}/remove"),
        ("DELETE", ITEM),
        ("POST", f"{CONTAINER_ID}/switchprotection"),
    ],
)
async def test_the_drill_identity_may_not_fail_over_and_the_operator_may(
    azure: Azure, method: str, path: str
) -> None:
    status, body, _ = await azure.ask(method, path, {"properties": {}})
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    operator = await azure.as_("operator")
    status, body, _ = await azure.ask(method, path, {"properties": {}}, token=operator)
    # Followed, or told what its body lacks.
    assert status == 202 or (status, body["error"]["code"]) == (400, "InvalidParameter")


async def test_a_caller_can_read_what_it_may_do(azure: Azure) -> None:
    rows = (await azure.get(f"{VAULT}/providers/Microsoft.Authorization/permissions"))["value"]
    actions = [action for row in rows for action in row["actions"]]
    assert "*/read" in actions
    assert any(action.endswith("testFailover/action") for action in actions)
    assert not any("Microsoft.Network/*" in action for action in actions)


async def test_ids_come_back_in_azures_casing(azure: Azure) -> None:
    asked = f"{TARGET}/microsoft.network/VIRTUALNETWORKS/drill".replace("rg-asr", "RG-ASR")
    assert (await azure.get(asked))["id"] == f"{TARGET}/Microsoft.Network/virtualNetworks/drill"
    item = await azure.get(ITEM.lower())
    assert item["id"].startswith("/Subscriptions/")
    assert item["name"] == ITEMS["web1"]


async def test_resources_are_listed_by_type(azure: Azure) -> None:
    path = f"{SUBSCRIPTION}/resourceGroups/rg-asr/resources"
    networks = await azure.get(
        path, **{"$filter": "resourceType eq 'Microsoft.Network/virtualNetworks'"}
    )
    assert [row["name"] for row in networks["value"]] == ["drill", "vnet-asr"]
    assert networks["nextLink"] is None
    assert "properties" not in networks["value"][0]
    assert len((await azure.get(path, **{"$top": "1"}))["value"]) == 1
    everywhere = await azure.get(f"{SUBSCRIPTION}/providers/Microsoft.Network/virtualNetworks")
    assert {row["name"] for row in everywhere["value"]} == {"drill", "hub", "vnet", "vnet-asr"}
    status, body, _ = await azure.ask("GET", path, **{"$filter": "colour eq 'red'"})
    assert (status, body["error"]["code"]) == (400, "InvalidFilterInQueryString")


async def test_replica_disks_are_there_from_the_start(azure: Azure) -> None:
    disks = await azure.get(f"{TARGET}/Microsoft.Compute/disks")
    assert "Sql1-data-ASRReplica" in [row["name"] for row in disks["value"]]


async def test_a_resource_group_comes_and_goes_with_what_is_in_it(azure: Azure) -> None:
    operator = await azure.as_("operator")
    group = f"{SUBSCRIPTION}/resourceGroups/rg-new"
    body = {"location": "westus2", "tags": {"for": "test"}}
    assert (await azure.ask("PUT", group, body, token=operator))[0] == 201
    assert (await azure.ask("PUT", group, body, token=operator))[0] == 200
    assert (await azure.ask("HEAD", group))[0] == 204
    table = f"{group}/providers/Microsoft.Network/routeTables/rt"
    assert (await azure.ask("PUT", table, body, token=operator))[0] == 201
    status, _, headers = await azure.ask("DELETE", group, token=operator)
    assert (status, "operationresults" in headers["Location"]) == (202, True)
    while (await azure.ask("HEAD", group))[0] != 404:
        pass
    assert (await azure.ask("GET", table))[1]["error"]["code"] == "ResourceGroupNotFound"


async def test_a_lock_keeps_what_it_locks(azure: Azure) -> None:
    operator = await azure.as_("operator")
    lock = f"{TARGET.removesuffix('/providers')}/providers/Microsoft.Authorization/locks/keep"
    body = {"properties": {"level": "CanNotDelete"}}
    assert (await azure.ask("PUT", lock, body, token=operator))[0] == 201
    network = f"{TARGET}/Microsoft.Network/virtualNetworks/drill"
    status, refusal, _ = await azure.ask("DELETE", network, token=operator)
    assert (status, refusal["error"]["code"]) == (409, "ScopeLocked")
    assert (await azure.ask("DELETE", lock, token=operator))[0] == 200
    assert (await azure.ask("DELETE", network, token=operator))[0] == 202


async def test_what_is_not_json_is_refused(azure: Azure) -> None:
    await azure.get(VAULT)
    url = f"{azure.endpoint}{TARGET}/Microsoft.Network/routeTables/rt?api-version=2024-01-01"
    headers = {"Authorization": f"Bearer {azure.token}"}
    async with azure.http.put(url, data="{not json", headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "InvalidRequestContent"
