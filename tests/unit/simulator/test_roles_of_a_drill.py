"""The Azure role that is shipped for a drill's identity, held against the simulator's rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTAINER_ID, DRILL_NETWORK, ITEMS, TARGET, running
from .people import role, sign_in, with_secret, world_with

SHIPPED = Path(__file__).parents[3] / "deployments" / "azure" / "muster-drill-role.json"
ITEM = f"{CONTAINER_ID}/replicationProtectedItems/{ITEMS['web1']}"
NETWORK = f"{TARGET}/Microsoft.Network"
TEST = {
    "failoverDirection": "PrimaryToRecovery",
    "networkType": "VmNetworkAsInput",
    "networkId": DRILL_NETWORK,
    "providerSpecificDetails": {"instanceType": "A2A"},
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """c holds the role where the guide says: at the vault's group and the target's."""
    shipped = json.loads(SHIPPED.read_text())
    given = {"actions": shipped["Actions"], "not_actions": shipped["NotActions"]}
    groups = ("/resourceGroups/rg-dr", "/resourceGroups/rg-asr")
    identity = with_secret("c", role("Reader"), *(role("Muster Drill", scope) for scope in groups))
    return world_with(tmp_path, identity, roles=f"  Muster Drill: {json.dumps(given)}")


def resource(**properties: Any) -> dict[str, Any]:
    return {"location": "westus2", "properties": properties}


async def test_it_lets_a_drill_make_its_network_with_all_that_it_links_to(
    tmp_path: Path, world: Path
) -> None:
    group, routes = f"{NETWORK}/networkSecurityGroups/g", f"{NETWORK}/routeTables/r"
    links = {"networkSecurityGroup": {"id": group}, "routeTable": {"id": routes}}
    subnet = {"name": "data", "properties": {"addressPrefix": "10.1.0.0/24"} | links}
    space = {"addressPrefixes": ["10.1.0.0/16"]}
    async with running(tmp_path / "state", world) as azure:
        token = await sign_in(azure, "c")
        for path, body in (
            (group, resource()),
            (routes, resource()),
            (f"{NETWORK}/virtualNetworks/v", resource(addressSpace=space, subnets=[subnet])),
        ):
            status, told, _ = await azure.ask("PUT", path, body, token=token)
            assert status == 201, told
            assert (await azure.ask("DELETE", path + "-not-there", token=token))[0] == 204


async def test_it_lets_a_drill_test_and_no_more(tmp_path: Path, world: Path) -> None:
    async with running(tmp_path / "state", world) as azure:
        token = await sign_in(azure, "c")
        body = {"properties": TEST}
        status, _, headers = await azure.ask("POST", f"{ITEM}/testFailover", body, token=token)
        assert status == 202
        polled = await azure.ask("GET", headers["Azure-AsyncOperation"], token=token)
        assert polled[0] == 200
        for verb in ("unplannedFailover", "plannedFailover", "failoverCommit", "failoverCancel",
                     "applyRecoveryPoint", "reProtect", "remove"):  # fmt: skip
            status, told, _ = await azure.ask("POST", f"{ITEM}/{verb}", body, token=token)
            assert (status, told["error"]["code"]) == (403, "AuthorizationFailed"), verb
        for method in ("PUT", "PATCH", "DELETE"):
            assert (await azure.ask(method, ITEM, {}, token=token))[0] == 403
