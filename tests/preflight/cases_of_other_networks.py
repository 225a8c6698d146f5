"""Source VMs in a second network, and private DNS zones of another subscription."""

from __future__ import annotations

from tests.in_process.simulated import Azure
from tests.preflight.bending import SOURCE_NET, Raw, body_of, with_resource
from tests.preflight.cases_of_replication import FAILOVER, ids
from tests.preflight.looking import Case

CONNECTIVITY = "22222222-3333-4444-8555-666666666666"
HUB_ELSEWHERE = (
    f"/subscriptions/{CONNECTIVITY}/resourceGroups/rg-connectivity/providers/Microsoft.Network/"
    "virtualNetworks/vnet-hub"
)


def _second_network(world: Raw) -> None:
    """Where web3 stands instead; nobody maps it."""
    world["networks"].append(
        {"name": "vnet-pay", "group": "rg-erp", "ranges": ["10.66.0.0/16"],
         "subnets": {"web": "10.66.2.0/24"}}
    )  # fmt: skip
    web3 = next(vm for vm in world["vms"] if vm["name"] == "web3")
    web3.update(network="vnet-pay", address="10.66.2.77")


def _zone_of_connectivity(world: Raw) -> None:
    """In a subscription that the operator reads: linked to the source only."""
    world["groups"].append(
        {"name": "rg-connectivity", "location": "eastus", "subscription": CONNECTIVITY}
    )
    operator = next(one for one in world["identities"] if one["name"] == "muster-operator")
    scope = f"/subscriptions/{CONNECTIVITY}"
    operator["roles"] = [*operator["roles"], {"role": "Reader", "scope": scope}]
    kind, zone = "Microsoft.Network/privateDnsZones", "erp.internal"
    with_resource(kind, zone, "rg-connectivity")(world)
    with_resource(f"{kind}/virtualNetworkLinks", f"{zone}/source", "rg-connectivity", properties={
        "virtualNetwork": {"id": SOURCE_NET}, "registrationEnabled": False})(world)  # fmt: skip


def _hub_out_of_sight(azure: Azure) -> None:
    """The source's network is peered with one that the caller sees nothing of."""
    peering = body_of(azure, SOURCE_NET)["properties"]["virtualNetworkPeerings"][0]
    peering["properties"]["remoteVirtualNetwork"] = {"id": HUB_ELSEWHERE}


CASES = [
    Case("PRE-046", "a second network of the source is not mapped", ids(53),
         world=_second_network),
    Case("PRE-085", "a zone of the connectivity subscription is linked to the source only",
         operation=FAILOVER, world=_zone_of_connectivity),
    Case("PRE-085", "the hub is in a subscription that the caller does not see",
         operation=FAILOVER, state=_hub_out_of_sight, result="not evidenced"),
]  # fmt: skip
