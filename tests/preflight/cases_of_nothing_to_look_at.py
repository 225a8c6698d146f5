"""Worlds in which a check has nothing to look at, or not what it means: it must not pass."""

from __future__ import annotations

from typing import Any

from tests.preflight.bending import GROUPS, HUB_NET, TARGET_NET, body_of, of_plan, resource
from tests.preflight.cases_of_replication import FAILOVER, ids
from tests.preflight.looking import Case

UNKNOWN = "not evidenced"
_GONE = ids(16, 17, 46, 52, 69, 79, 84, 101)
"""What else speaks where a failover is looked at, and the target network is not there."""
_LANDING = ids(80, 81, 82, 83)
_NIC = ("groups", 2, "vms", 2, "nics", 0)


def _no_network(check: str) -> Case:
    return Case(
        check, "the target network is not there, and neither is what is to be looked at",
        _GONE | _LANDING - {check}, operation=FAILOVER, result=UNKNOWN,
        plan=of_plan("target", "network", value="vnet-none"),
    )  # fmt: skip


def _address_alone(plan: Any) -> None:
    of_plan(*_NIC, "subnet")(plan)
    of_plan(*_NIC, "private_ip", value="192.168.77.7")(plan)


def _dns_behind_a_broken_peering(azure: Any) -> None:
    """A network in the target region, whose own half of the peering is gone."""
    dns = f"{GROUPS}/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-dns"
    hub = body_of(azure, HUB_NET)
    space = {"addressPrefixes": ["10.8.0.0/16"]}
    azure.world.put({**hub, "id": dns, "name": "vnet-dns", "location": "westus2",
                     "properties": {**hub["properties"], "addressSpace": space,
                                    "virtualNetworkPeerings": []}})  # fmt: skip
    facts = {"remoteVirtualNetwork": {"id": dns}}
    resource(TARGET_NET, dhcpOptions={"dnsServers": ["10.8.0.10"]},
             virtualNetworkPeerings=[{"name": "to-dns", "properties": facts}])(azure)  # fmt: skip


CASES = [
    *(_no_network(check) for check in sorted(_LANDING)),
    Case("PRE-081", "an address, and the subnet is the item's", plan=_address_alone),
    Case("PRE-084", "the peering with the DNS server's network is broken", operation=FAILOVER,
         state=_dns_behind_a_broken_peering),
]  # fmt: skip
