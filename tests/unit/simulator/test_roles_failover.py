"""Whose role holds no failover action cannot fail over, whatever code it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity.aio import ClientSecretCredential
from azure.mgmt.recoveryservicessiterecovery.aio import SiteRecoveryManagementClient
from yarl import URL

from .conftest import (
    CONTAINER,
    CONTAINER_ID,
    DRILL_NETWORK,
    FABRIC,
    ITEMS,
    VAULT,
    Azure,
    running,
)
from .people import TENANT, client_id, role, secret_of, sign_in, with_secret, world_with

ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
CLUSTER = f"{CONTAINER_ID}/replicationProtectionClusters/cluster"
PLAN = f"{VAULT}/replicationRecoveryPlans/plan"
TYPE = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers"
# Every POST of Site Recovery's API 2025-08-01 that moves, ends or alters a replication, and two
# that no API has.
FAILOVER = ("unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel",
            "applyRecoveryPoint", "reProtect")  # fmt: skip
OF_ITEMS = (*FAILOVER, "switchProvider", "repairReplication", "resolveHealthErrors", "remove",
            "addDisks", "removeDisks", "updateAppliance", "updateMobilityService",
            "fooFailover", "failover")  # fmt: skip
OF_PLANS = (*FAILOVER, "testFailover", "testFailoverCleanup", "fooFailover")
POSTS = [
    *(f"{ITEM}/{verb}" for verb in OF_ITEMS),
    *(f"{PLAN}/{verb}" for verb in OF_PLANS),
    *(f"{CLUSTER}/{verb}" for verb in FAILOVER),
    *(f"{CONTAINER_ID}/{verb}" for verb in ("switchprotection", "switchClusterProtection")),
    *(f"{VAULT}/replicationJobs/job/{verb}" for verb in ("cancel", "restart", "resume")),
]
BODY = {"properties": {"failoverDirection": "PrimaryToRecovery",
                       "providerSpecificDetails": {"instanceType": "A2A"}}}  # fmt: skip


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """Besides the drill's own identity: c reads all, d reads Site Recovery, e operates it."""
    world = world_with(
        tmp_path,
        with_secret("c", role("Reader")),
        with_secret("d", role("Site Recovery Reader")),
        with_secret("e", role("Reader"), role("Site Recovery Operator")),
    )
    async with running(tmp_path / "state", world) as found:
        yield found


@pytest.mark.parametrize("path", POSTS, ids=lambda path: "/".join(path.split("/")[-3::2]))
async def test_no_verb_is_open_to_an_identity_without_the_action(azure: Azure, path: str) -> None:
    above, _, verb = path.rpartition("/")
    for token in (await azure.as_("drill"), await sign_in(azure, "c"), await sign_in(azure, "d")):
        status, body, _ = await azure.ask("POST", path, BODY, token=token)
        assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
        message = body["error"]["message"]
        assert f"/{verb}/action' over scope '{above}' or the scope is invalid" in message


@pytest.mark.parametrize(
    "path",
    [
        f"{ITEM}/UNPLANNEDFAILOVER",
        f"{ITEM}/unplannedFailover/",
        f"{ITEM}//unplannedFailover",
        f"/{ITEM}/unplannedFailover",
        f"{ITEM}/unplannedFailover/now",
        f"{ITEM}/%75nplannedFailover",
        f"{ITEM}/unplannedFailover%2F",
        f"{ITEM}/./unplannedFailover",
        f"{ITEM}/testFailover/../unplannedFailover",
        f"{ITEM.replace('/vaults/', '/VAULTS/')}/unplannedFailover",
        f"{ITEM}/testFailover/providers/Microsoft.RecoveryServices/vaults/rsv/unplannedFailover",
    ],
)
async def test_no_spelling_of_a_path_gets_past_the_role(azure: Azure, path: str) -> None:
    token = await azure.as_("drill")
    url = URL(azure.endpoint + path + "?api-version=2025-08-01", encoded=True)
    for more in ({}, {"X-HTTP-Method-Override": "GET"}):
        headers = {"Authorization": f"Bearer {token}"} | more
        async with azure.http.post(url, json=BODY, headers=headers) as response:
            assert response.status == 403, await response.text()
    assert (await azure.item("web1"))["protectionState"] == "Protected"


async def test_other_methods_do_not_stand_in_for_a_verb(azure: Azure) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        status, body, _ = await azure.ask(method, f"{ITEM}/unplannedFailover", BODY)
        assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")


async def test_the_sdk_cannot_fail_over_either(azure: Azure) -> None:
    client = await azure.site_recovery()
    items = client.replication_protected_items
    for begin in (items.begin_failover_commit, items.begin_repair_replication):
        with pytest.raises(HttpResponseError) as caught:
            await begin("rg-dr", "rsv", FABRIC, CONTAINER, ITEMS["web1"])
        assert caught.value.status_code == 403
        assert caught.value.error.code == "AuthorizationFailed"  # type: ignore[union-attr]


async def test_an_operator_of_site_recovery_may_do_what_microsoft_published(azure: Azure) -> None:
    operator = await sign_in(azure, "e")
    allowed = {*FAILOVER, "repairReplication", "updateMobilityService"} - {"failoverCancel"}
    for verb in OF_ITEMS:
        path = f"{ITEM}/{verb}"
        status, body, _ = await azure.ask("POST", path, {"properties": {}}, token=operator)
        assert (status == 403) == (verb not in allowed), (verb, body)
    status, _, _ = await azure.ask("DELETE", ITEM, token=operator)
    assert status == 403


async def test_an_operator_alone_may_start_a_test_failover_and_read_its_job_but_not_poll(
    tmp_path: Path,
) -> None:
    """The published list of the Operator lacks replicationOperationStatus/read."""
    world = world_with(tmp_path, with_secret("c", role("Site Recovery Operator")))
    async with running(tmp_path / "state", world) as azure:
        token = await sign_in(azure, "c")
        given = {"networkType": "VmNetworkAsInput", "networkId": DRILL_NETWORK}
        body = {"properties": BODY["properties"] | given}
        status, _, headers = await azure.ask("POST", f"{ITEM}/testFailover", body, token=token)
        assert status == 202
        status, told, _ = await azure.ask("GET", headers["Azure-AsyncOperation"], token=token)
        assert (status, told["error"]["code"]) == (403, "AuthorizationFailed")
        job = headers["x-ms-request-id"].rpartition("/")[2]
        status, told, _ = await azure.ask("GET", f"{VAULT}/replicationJobs/{job}", token=token)
        assert (status, told["properties"]["scenarioName"]) == (200, "TestFailover")


async def test_a_role_holds_below_its_scope_and_nowhere_else(tmp_path: Path) -> None:
    elsewhere = "/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults/rs"
    world = world_with(
        tmp_path,
        with_secret("c", role("Contributor", elsewhere)),  # the vault's name, short of a letter
        with_secret("d", role("Contributor", elsewhere + "v")),
        with_secret("e", role("Contributor", "/")),
    )
    async with running(tmp_path / "state", world) as azure:
        for letter, status in (("c", 403), ("d", 200), ("e", 200)):
            token = await sign_in(azure, letter)
            assert (await azure.ask("GET", ITEM, token=token))[0] == status
            inside = await azure.ask("GET", VAULT.rpartition("/")[0], token=token)
            assert inside[0] == (200 if letter == "e" else 403)


async def test_the_action_of_a_list_is_told_with_the_provider_as_its_scope(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "state", world_with(tmp_path, with_secret("c"))) as azure:
        token = await sign_in(azure, "c")
        _, body, _ = await azure.ask("GET", VAULT.rpartition("/")[0], token=token)
        scope = VAULT.rpartition("/vaults/")[0]
        assert (
            f"'Microsoft.RecoveryServices/vaults/read' over scope '{scope}'"
            in (body["error"]["message"])
        )


async def test_an_operator_with_the_reader_role_drills_with_the_sdk_and_no_more(
    azure: Azure,
) -> None:
    async with (
        ClientSecretCredential(
            TENANT, client_id("e"), secret_of("e"), authority=azure.endpoint,
            disable_instance_discovery=True, connection_verify=azure.ca,
        ) as credential,
        SiteRecoveryManagementClient(
            credential, azure.settings["MUSTER_SUBSCRIPTION"], base_url=azure.endpoint,
            connection_verify=azure.ca, polling_interval=0.05,
        ) as client,
    ):  # fmt: skip
        items, where = client.replication_protected_items, ("rg-dr", "rsv", FABRIC, CONTAINER)
        given = {"networkType": "VmNetworkAsInput", "networkId": DRILL_NETWORK}
        poller = await items.begin_test_failover(
            *where, ITEMS["web1"], {"properties": BODY["properties"] | given}
        )
        await poller.result()
        with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
            await items.begin_delete(*where, ITEMS["web1"], {"properties": {}})
