"""A healthy world in which there is one of everything that a look can meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muster.plan.actions import Operation
from muster.steps.preflight_checks.facts import Facts
from tests.in_process.simulated import Azure
from tests.preflight.bending import (
    GROUPS,
    HUB_NET,
    SOURCE_NET,
    TARGET,
    TARGET_NET,
    Raw,
    all_of,
    body_of,
    of_item,
    of_plan,
    resource,
    source,
    subnet,
    with_resource,
)
from tests.preflight.looking import Case

WALL = "Microsoft.Network/networkSecurityGroups"
TABLE = "Microsoft.Network/routeTables"
RESERVED = "Microsoft.Compute/capacityReservationGroups"
ZONE = "Microsoft.Network/privateDnsZones"
WORKERS = "Microsoft.Automation/automationAccounts/hybridRunbookWorkerGroups"
SET = f"{TARGET}/providers/Microsoft.Compute/availabilitySets/as-sql"
LATELY = "2027-01-01T23:55:00Z"
"""Minutes before the look."""


def rich(operation: Operation, seen: Callable[[Facts], object]) -> Case:
    """The look at it; `seen` is given what was read."""
    return Case(
        "", "one of everything", operation=operation, world=_world, state=_state, seen=seen,
        plan=_plan,
    )  # fmt: skip


def _plan(plan: Raw) -> None:
    """A worker that runs a runbook, and one of each that the plan may want for a VM."""
    of_plan("groups", 0, "after", 1, "runbook", "run_on", value="recovery")(plan)
    sql1 = plan["groups"][0]["vms"][0]
    sql1 |= {"availability_set": "as-sql", "capacity_reservation": "crg-of-the-plan",
             "proximity_group": "ppg", "disks": {"encryption_set": "des"}}  # fmt: skip
    sql1["nics"][0] |= {
        "network_security_group": "nsg-asr", "public_ip_address": "pip",
        "backend_pools": ["lb/web"], "test": {"backend_pools": ["lb/copies"]},
    }  # fmt: skip


def _rule(name: str, priority: int, access: str, to: str) -> Raw:
    return {
        "name": name,
        "properties": {
            "priority": priority, "direction": "Outbound", "access": access, "protocol": "Tcp",
            "sourceAddressPrefix": "VirtualNetwork", "sourcePortRange": "*",
            "destinationAddressPrefix": to, "destinationPortRange": "443",
        },
    }  # fmt: skip


def _wall(name: str, group: str, location: str) -> Callable[[Raw], object]:
    """Lets out what replication needs, and nothing else."""
    needed = ("Storage", "AzureActiveDirectory", "AzureSiteRecovery", "EventHub")
    rules = [_rule(to, 100 + number, "Allow", to) for number, to in enumerate(needed)]
    rules.append(_rule("nothing-else", 4000, "Deny", "*"))
    return with_resource(WALL, name, group, location=location, properties={"securityRules": rules})


def _table(world: Raw) -> None:
    routes = [{"name": "all", "properties": {"addressPrefix": "0.0.0.0/0",
                                             "nextHopType": "Internet"}}]  # fmt: skip
    with_resource(TABLE, "rt", "rg-erp", location="eastus", properties={"routes": routes})(world)


def _linked(name: str, network: str) -> Callable[[Raw], object]:
    return with_resource(
        f"{ZONE}/virtualNetworkLinks", f"erp.internal/{name}", "rg-hub",
        properties={"virtualNetwork": {"id": network}, "registrationEnabled": False},
    )  # fmt: skip


def _rules(world: Raw) -> None:
    rule = {"allOf": [{"field": "type", "equals": "Microsoft.Compute/virtualMachines"},
                      {"field": "tags['application']", "exists": False}]}  # fmt: skip
    world["policies"] = [{"name": "tagged", "display_name": "VMs bear their application",
                          "scope": "/resourceGroups/rg-erp-asr", "rule": rule}]  # fmt: skip
    scope = "/resourceGroups/rg-erp-asr/providers/Microsoft.Compute/disks/sql1-data-ASRReplica"
    world["locks"] = [{"name": "keep", "scope": scope, "level": "CanNotDelete"}]


_world = all_of(
    _wall("nsg", "rg-erp", "eastus"),
    _wall("nsg-asr", "rg-erp-asr", "westus2"),
    _table,
    with_resource(ZONE, "erp.internal", "rg-hub"),
    _linked("source", SOURCE_NET),
    _linked("target", TARGET_NET),
    with_resource(RESERVED, "crg", location="westus2"),
    with_resource(f"{RESERVED}/capacityReservations", "crg/e8", location="westus2",
                  sku={"name": "Standard_E8s_v5", "capacity": 2}),
    with_resource("Microsoft.Compute/availabilitySets", "as-sql", location="westus2",
                  sku={"name": "Aligned"}),
    with_resource(RESERVED, "crg-of-the-plan", location="westus2"),
    with_resource("Microsoft.Compute/proximityPlacementGroups", "ppg", location="westus2"),
    with_resource("Microsoft.Compute/diskEncryptionSets", "des", location="westus2"),
    with_resource("Microsoft.Network/publicIPAddresses", "pip", location="westus2"),
    with_resource("Microsoft.Network/loadBalancers", "lb", location="westus2", properties={
        "backendAddressPools": [{"name": "web", "properties": {}},
                                {"name": "copies", "properties": {}}]}),
    with_resource(WORKERS, "aa-dr-drill/recovery", "rg-dr"),
    with_resource(f"{WORKERS}/hybridRunbookWorkers", "aa-dr-drill/recovery/w1", "rg-dr",
                  properties={"lastSeenDateTime": LATELY}),
    _rules,
)  # fmt: skip


def _id(azure: Azure, arm_id: str) -> Raw:
    return {"id": body_of(azure, arm_id)["id"]}


def _state(azure: Azure) -> None:
    wall = _id(azure, source(WALL, "nsg"))
    subnet(SOURCE_NET, "web", networkSecurityGroup=wall)(azure)
    subnet(SOURCE_NET, "web", routeTable=_id(azure, source(TABLE, "rt")))(azure)
    resource(source("Microsoft.Network/networkInterfaces", "sql1-nic"),
             networkSecurityGroup=wall)(azure)  # fmt: skip
    target: Any = _id(azure, f"{TARGET}/providers/{WALL}/nsg-asr")
    subnet(TARGET_NET, "web", networkSecurityGroup=target)(azure)
    peering = {"name": "to-dns", "properties": {"remoteVirtualNetwork": {"id": DNS_NET}}}
    options = {"dnsServers": ["10.8.0.10"]}
    resource(TARGET_NET, dhcpOptions=options, virtualNetworkPeerings=[peering])(azure)
    hub = body_of(azure, HUB_NET)
    space = {"addressPrefixes": ["10.8.0.0/16"]}
    azure.world.put({**hub, "id": DNS_NET, "name": "vnet-dns", "location": "westus2",
                     "properties": {**hub["properties"], "addressSpace": space}})  # fmt: skip
    resource(source("Microsoft.Compute/disks", "sql1-data"),
             encryption={"type": "EncryptionAtRestWithCustomerKey"})(azure)  # fmt: skip
    of_item("sql1", target={"capacity_group": f"{TARGET}/providers/{RESERVED}/crg",
                            "availability_set": SET})(azure)  # fmt: skip


DNS_NET = f"{GROUPS}/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-dns"
