"""Worlds in which a check has nothing to look at, or not what it means: it must not pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muster.steps.preflight_checks.facts import Facts
from tests.in_process.simulated import Azure
from tests.preflight.bending import (
    GROUPS,
    HUB_NET,
    SOURCE_NET,
    TARGET_NET,
    Raw,
    body_of,
    of_item,
    of_plan,
    resource,
    source,
    subnet,
    with_resource,
)
from tests.preflight.cases_of_given_networks import SUBNETS
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


def _offered_in_two_zones(facts: Facts) -> None:
    """The simulator has every size in each zone; Azure has not."""
    size = "standard_e8s_v5"
    info = {"location": "westus2", "zones": ["1", "2"]}
    facts.sizes = {**facts.sizes, size: {**facts.sizes[size], "locationInfo": [info]}}


def _lab_elsewhere(level: str) -> Callable[[Raw], object]:
    """The drill network stands in a group of its own, under a lock."""

    def bend(world: Raw) -> None:
        world["groups"].append({"name": "rg-lab", "location": "westus2"})
        world["networks"].append({"name": "vnet-lab", "group": "rg-lab",
                                  "ranges": ["10.1.0.0/16"], "subnets": SUBNETS})  # fmt: skip
        world["locks"] = [{"name": "keep", "scope": "/resourceGroups/rg-lab", "level": level}]

    return bend


def _policy_on(kind: str) -> Callable[[Raw], object]:
    rule = {"field": "type", "equals": kind}
    policy = {"name": "none", "display_name": "None of it", "rule": rule,
              "scope": "/resourceGroups/rg-erp-asr"}  # fmt: skip
    return lambda world: world.update(policies=[policy])


def _keeps_from_deleting(facts: Facts) -> None:
    """The simulator knows no `denyAction`."""
    then = {"effect": "denyAction", "details": {"actionNames": ["delete"]}}
    for definition in facts.definitions.values():
        definition["properties"]["policyRule"]["then"] = then


def _walled(*rules: tuple[str, str]) -> Callable[[Raw], object]:
    """A security group at a subnet of the source: access and destination of its rules."""
    told = [
        {"name": f"r{number}", "properties": {
            "priority": 100 + number, "direction": "Outbound", "access": access, "protocol": "*",
            "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": to, "destinationPortRange": "*"}}
        for number, (access, to) in enumerate(rules)
    ]  # fmt: skip

    def bend(world: Raw) -> None:
        with_resource("Microsoft.Network/networkSecurityGroups", "nsg", "rg-erp",
                      location="eastus", properties={"securityRules": told})(world)  # fmt: skip
        network = next(one for one in world["networks"] if one["name"] == "vnet-erp")
        network["security_groups"] = {"web": "nsg"}

    return bend


def _allowed(*tags: str) -> Callable[[Raw], object]:
    """These, and nothing else of the internet."""
    return _walled(*(("Allow", tag) for tag in tags), ("Deny", "Internet"))


def _routed(*routes: tuple[str, str]) -> dict[str, Any]:
    """A route table at a subnet of the source: prefix and next hop of its routes."""
    told = [{"name": f"r{number}", "properties": {"addressPrefix": to, "nextHopType": hop}}
            for number, (to, hop) in enumerate(routes)]  # fmt: skip

    def at_the_subnet(azure: Azure) -> None:
        table = body_of(azure, source("Microsoft.Network/routeTables", "rt"))
        subnet(SOURCE_NET, "web", routeTable={"id": table["id"]})(azure)

    return {
        "world": with_resource("Microsoft.Network/routeTables", "rt", "rg-erp", location="eastus",
                               properties={"routes": told}),
        "state": at_the_subnet,
    }  # fmt: skip


_OTHERS = ("AzureActiveDirectory", "AzureSiteRecovery")
_TO_WEST_EUROPE = tuple(
    (f"{service}.WestEurope", "Internet")
    for service in ("Storage", "EventHub", "AzureActiveDirectory", "AzureSiteRecovery")
)
_OF_AZURE = ("20.0.0.0/9", "40.64.0.0/10", "13.64.0.0/11", "52.224.0.0/11")

_LAB = f"{GROUPS}/rg-lab/providers/Microsoft.Network/virtualNetworks/vnet-lab"


def _another_containers(azure: Azure) -> None:
    """Our mapping is gone; one from another container, between the same regions, is paired."""
    kept = azure.world.table("asr")
    key = next(one for one in kept if one.endswith("eastus-westus2-24-hour-retention-policy"))
    ours, name = kept.pop(key), "asr-a2a-default-eastus-container"
    theirs = {**ours, "id": ours["id"].replace(name, "another")}
    kept[key.replace(name, "another")] = theirs


def _left_out(azure: Azure) -> None:
    """A data disk of sql1 is in no recovery point, as the plan says."""
    kept = next(one for one in azure.world.items.values() if one["vm_name"] == "sql1")
    kept["disks"] = [one for one in kept["disks"] if "sql1-data" not in str(one)]


CASES = [
    Case("PRE-027", "a disk is left out, and the plan excludes it of another VM", ids(33),
         state=_left_out,
         plan=of_plan("groups", 0, "vms", 1, "disks", value={"exclude": ["sql1-data"]})),
    Case("PRE-045", "the containers of these regions that are mapped are others",
         state=_another_containers),
    Case("PRE-075", "a size is not offered in the zone that an item is set to",
         state=of_item("sql1", target={"zone": "3"}), seen=_offered_in_two_zones),
    Case("PRE-093", "the network that is given for drills stands under a lock elsewhere",
         plan=of_plan("drill", "network", value={"use": _LAB}), world=_lab_elsewhere("ReadOnly")),
    Case("PRE-067", "Event Hubs of the source region are let out, the target's are needed",
         world=_allowed("Storage.EastUS", "EventHub.EastUS", *_OTHERS)),
    Case("PRE-067", "Storage of the target region is let out, the cache is in the source's",
         world=_allowed("Storage.WestUS2", "EventHub.WestUS2", *_OTHERS)),
    Case("PRE-067", "Azure in the source region alone is let out",
         world=_allowed("AzureCloud.eastus")),
    Case("PRE-067", "ranges are denied that Azure's addresses lie in", result=UNKNOWN,
         world=_walled(*(("Deny", one) for one in _OF_AZURE))),
    Case("PRE-068", "ranges are dropped that Azure's addresses lie in", result=UNKNOWN,
         **_routed(*((one, "None") for one in _OF_AZURE))),
    Case("PRE-068", "all is dropped but services of another region",
         **_routed(("0.0.0.0/0", "None"), *_TO_WEST_EUROPE)),
    Case("PRE-068", "all is dropped but Azure in another region",
         **_routed(("0.0.0.0/0", "None"), ("AzureCloud.WestEurope", "Internet"))),
    Case("PRE-094", "a policy denies that a drill removes its disks",
         world=_policy_on("Microsoft.Compute/disks"), seen=_keeps_from_deleting),
    Case("PRE-094", "a policy denies what looks into the copies",
         world=_policy_on("Microsoft.Compute/virtualMachines/runCommands")),
    Case("PRE-054", "a failover would give two VMs one name", ids(120),
         operation=FAILOVER, state=of_item("web2", target={"name": "web1"})),
    *(_no_network(check) for check in sorted(_LANDING)),
    Case("PRE-081", "an address, and the subnet is the item's", ids(53), plan=_address_alone),
    Case("PRE-084", "the peering with the DNS server's network is broken", operation=FAILOVER,
         state=_dns_behind_a_broken_peering),
]  # fmt: skip

HEALTHY = Case(
    "",
    "a disk is left out as the plan says, of which Azure alone complains",
    state=_left_out,
    plan=of_plan("replication", value={"disks": {"exclude": ["SQL1-data"]}}),
)
