"""Azure Resource Manager's manners: versions, roles, lists, refusals."""

from __future__ import annotations

import pytest

from .conftest import CONTAINER_ID, ITEMS, SUBSCRIPTION, TARGET, VAULT, Azure

ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"


async def test_every_answer_carries_arms_headers(azure: Azure) -> None:
    await azure.get(VAULT)
    for path in (VAULT, f"{SUBSCRIPTION}/resourceGroups/nowhere"):
        _, _, headers = await azure.ask("GET", path)
        assert headers["x-ms-correlation-request-id"]
        assert headers["x-ms-request-id"]
        assert headers["Date"].endswith("GMT")
        assert int(headers["x-ms-ratelimit-remaining-subscription-reads"]) < 250


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


async def test_a_refusal_names_who_may_not_do_what_and_where(azure: Azure) -> None:
    path = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network/virtualNetworks/v"
    status, body, _ = await azure.ask("DELETE", path)
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    for part in ("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002",
                 "Microsoft.Network/virtualNetworks/delete", path):  # fmt: skip
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
    assert status == 202 or (status, body["error"]["code"]) == (400, "BadRequest")


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
