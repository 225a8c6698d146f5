"""Linked access: a body that names another resource needs a right there, too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from muster.simulator.arm.errors import AzureError
from muster.simulator.arm.ids import parse
from muster.simulator.identity.linked import LINKS, demand
from muster.simulator.identity.roles import Identity

from .conftest import CONTAINER_ID, DRILL_NETWORK, SUBSCRIPTION, TARGET, Azure, running
from .people import client_id, object_id, role, sign_in, with_secret, world_with

APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network"
HUB = f"{APP}/virtualNetworks/hub"
NETWORK = f"{TARGET}/Microsoft.Network/virtualNetworks/mine"
NIC = f"{TARGET}/Microsoft.Network/networkInterfaces/mine"
WRITES = "  writes-here: {actions: [Microsoft.Network/*, Microsoft.Compute/*]}"


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[Azure]:
    """c writes in rg-asr and reads all; d may besides join a subnet of rg-app."""
    here, reads = role("writes-here", "/resourceGroups/rg-asr"), role("Reader")
    join = (
        f"{WRITES}\n  join: {{actions: [Microsoft.Network/virtualNetworks/subnets/join/action]}}"
    )
    world = world_with(
        tmp_path,
        with_secret("c", here, reads),
        with_secret("d", here, reads, role("join", "/resourceGroups/rg-app")),
        with_secret("e", role("Site Recovery Contributor"), reads),
        roles=join,
    )
    async with running(tmp_path / "state", world) as found:
        yield found


def nic_in(subnet: str, location: str = "westus2", **more: Any) -> Any:
    properties = {"subnet": {"id": subnet}}
    configuration = {"name": "one", "properties": properties}
    return {"location": location, "properties": {"ipConfigurations": [configuration]} | more}


async def test_a_nic_in_a_strangers_subnet_is_refused_in_arms_words(azure: Azure) -> None:
    token, subnet = await sign_in(azure, "c"), f"{HUB}/subnets/shared"
    status, body, _ = await azure.ask("PUT", NIC, nic_in(subnet), token=token)
    assert status == 403
    assert body["error"] == {
        "code": "LinkedAuthorizationFailed",
        "message": f"The client '{client_id('c')}' with object id '{object_id('c')}' has "
        f"permission to perform action 'Microsoft.Network/networkInterfaces/write' on scope "
        f"'{NIC}'; however, it does not have permission to perform action(s) "
        f"'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) "
        f"'{subnet}' (respectively) or the linked scope(s) are invalid.",
    }
    assert (await azure.ask("GET", NIC))[0] == 404


async def test_the_right_to_join_is_all_that_was_missing(azure: Azure) -> None:
    token = await sign_in(azure, "d")
    body = nic_in(f"{HUB}/subnets/shared", "eastus")
    assert (await azure.ask("PUT", NIC, body, token=token))[0] == 201
    own = nic_in(f"{DRILL_NETWORK}/subnets/data")
    other = await azure.ask("PUT", f"{NIC}-2", own, token=await sign_in(azure, "c"))
    assert other[0] == 201


async def test_all_that_is_missing_is_named_at_once(azure: Azure) -> None:
    token, group = await sign_in(azure, "c"), f"{APP}/networkSecurityGroups/g"
    body = nic_in(f"{HUB}/subnets/shared", networkSecurityGroup={"id": group})
    _, told, _ = await azure.ask("PUT", NIC, body, token=token)
    actions = (
        "Microsoft.Network/virtualNetworks/subnets/join/action,"
        "Microsoft.Network/networkSecurityGroups/join/action"
    )
    assert f"action(s) '{actions}'" in told["error"]["message"]
    assert f"scope(s) '{HUB}/subnets/shared,{group}' (resp" in told["error"]["message"]


SUBNET = {"name": "one", "properties": {"addressPrefix": "10.1.0.0/24"}}


@pytest.mark.parametrize(
    ("path", "properties", "action"),
    [
        (
            NETWORK,
            {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
             "subnets": [SUBNET, {"name": "two", "properties": {
                 "addressPrefix": "10.1.1.0/24", "routeTable": {"id": f"{APP}/routeTables/r"}}}]},
            "Microsoft.Network/routeTables/join/action",
        ),
        (
            f"{DRILL_NETWORK}/subnets/more",
            {"addressPrefix": "10.1.7.0/24",
             "networkSecurityGroup": {"id": f"{APP}/networkSecurityGroups/g"}},
            "Microsoft.Network/networkSecurityGroups/join/action",
        ),
        (
            f"{DRILL_NETWORK}/virtualNetworkPeerings/to-hub",
            {"remoteVirtualNetwork": {"id": HUB}},
            "Microsoft.Network/virtualNetworks/peer/action",
        ),
        (
            f"{TARGET}/Microsoft.Network/privateEndpoints/p",
            {"subnet": {"id": f"{HUB}/subnets/shared"}},
            "Microsoft.Network/virtualNetworks/subnets/join/action",
        ),
        (
            f"{TARGET}/Microsoft.Network/privateDnsZones/z/virtualNetworkLinks/l",
            {"virtualNetwork": {"id": HUB}},
            "Microsoft.Network/virtualNetworks/join/action",
        ),
        (
            f"{TARGET}/Microsoft.Compute/virtualMachines/v",
            {"networkProfile": {"networkInterfaces": [{"id": f"{APP}/networkInterfaces/n"}]}},
            "Microsoft.Network/networkInterfaces/join/action",
        ),
    ],
)  # fmt: skip
async def test_each_kind_of_link_needs_its_own_action(
    azure: Azure, path: str, properties: Any, action: str
) -> None:
    token = await sign_in(azure, "c")
    body = {"location": "westus2", "properties": properties}
    status, told, _ = await azure.ask("PUT", path, body, token=token)
    assert (status, told["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert action in told["error"]["message"]


async def test_a_link_into_a_subscription_that_is_not_there_is_told_as_such(azure: Azure) -> None:
    away = "88888888-2222-4333-8444-555555555555"
    linked = f"/subscriptions/{away}/resourceGroups/rg/providers/Microsoft.Network"
    body = {"properties": {"remoteVirtualNetwork": {"id": f"{linked}/virtualNetworks/v"}}}
    path = f"{DRILL_NETWORK}/virtualNetworkPeerings/away"
    operator = await azure.as_("operator")  # who may do everything, here
    status, told, _ = await azure.ask("PUT", path, body, token=operator)
    assert (status, told["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    assert f"the linked subscription '{away}' was not found" in told["error"]["message"]


async def test_enabling_an_item_needs_rights_where_its_copy_will_be(azure: Azure) -> None:
    details = {
        "instanceType": "A2A",
        "recoveryAzureNetworkId": DRILL_NETWORK,
        "recoveryResourceGroupId": f"{SUBSCRIPTION}/resourceGroups/rg-asr",
    }
    path = f"{CONTAINER_ID}/replicationProtectedItems/new-item"
    body = {"properties": {"providerSpecificDetails": details}}
    status, told, _ = await azure.ask("PUT", path, body, token=await sign_in(azure, "e"))
    assert (status, told["error"]["code"]) == (403, "LinkedAuthorizationFailed")
    for action in (
        "Microsoft.Network/virtualNetworks/subnets/join/action",
        "Microsoft.Compute/virtualMachines/write",
    ):
        assert action in told["error"]["message"]


@pytest.mark.parametrize(
    "properties",
    [
        {"remoteVirtualNetwork": HUB},
        {"remoteVirtualNetwork": {"id": 7}},
        {"remoteVirtualNetwork": []},
        {"remoteVirtualNetwork": {"id": "hub"}},
        [],
        None,
    ],
)
def test_a_body_of_another_shape_is_left_to_its_handler(properties: Any) -> None:
    nobody, known = Identity("n", "n", "n", "s"), {SUBSCRIPTION.rpartition("/")[2]: "Small"}
    target = parse(f"{DRILL_NETWORK}/virtualNetworkPeerings/odd")
    for body in ({"properties": properties}, properties):
        demand(nobody, "put", "write", target, body, known)
    right = {"properties": {"remoteVirtualNetwork": {"id": HUB}}}
    with pytest.raises(AzureError):
        demand(nobody, "put", "write", target, right, known)
    demand(nobody, "delete", "delete", target, right, known)


def test_every_link_ends_in_an_action() -> None:
    every = [action for links in LINKS.values() for action in links.values()]
    assert len(every) > 20
    assert [
        action for action in every if action.rpartition("/")[2] not in ("action", "write")
    ] == []
