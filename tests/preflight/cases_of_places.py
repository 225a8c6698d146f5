"""Broken worlds, one for each check: networks, capacity, runbooks, rules, ourselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.preflight.bending import (
    ACCOUNT,
    GROUPS,
    TARGET,
    TARGET_NET,
    Raw,
    all_of,
    body_of,
    moved,
    of_item,
    of_plan,
    quota,
    resource,
    seen,
    settings,
    source,
    subnet,
    with_resource,
)
from tests.preflight.cases_of_replication import FAILOVER, ids
from tests.preflight.looking import DAY, Case, Ours

WALLS = "Microsoft.Network/networkSecurityGroups"
RESERVED = "Microsoft.Compute/capacityReservationGroups"
ELSEWHERE = "11111111-2222-4333-8444-555555555555"


def _wall(group: str, at: str, region: str) -> Callable[[Raw], object]:
    """A security group at a subnet, which refuses Storage."""
    rule = {
        "name": "no-storage",
        "properties": {
            "priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "*",
            "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": "Storage", "destinationPortRange": "*",
        },
    }  # fmt: skip

    def bend(world: Raw) -> None:
        with_resource(WALLS, "nsg", group, location=region,
                      properties={"securityRules": [rule]})(world)  # fmt: skip
        network = next(one for one in world["networks"] if one["name"] == at)
        network["security_groups"] = {"web": "nsg"}

    return bend


def _through_an_appliance(azure: Any) -> None:
    table = source("Microsoft.Network/routeTables", "rt")
    body = body_of(azure, table)
    subnet(f"{GROUPS}/rg-erp/providers/Microsoft.Network/virtualNetworks/vnet-erp", "web",
           routeTable={"id": body["id"]})(azure)  # fmt: skip


def _network(name: str, group: str, **facts: Any) -> Callable[[Raw], object]:
    return lambda world: world["networks"].append(
        {"name": name, "group": group, "ranges": ["10.77.0.0/16"],
         "subnets": {"data": "10.77.0.0/24", "app": "10.77.1.0/24", "web": "10.77.2.0/24"},
         **facts}
    )  # fmt: skip


def _vm(name: str, subnet_name: str, address: str) -> Callable[[Raw], object]:
    return lambda world: world["vms"].append(
        {"name": name, "group": "rg-erp-asr", "network": "vnet-erp-asr", "subnet": subnet_name,
         "address": address}
    )  # fmt: skip


def _small_web(world: Raw) -> None:
    world["networks"][1]["subnets"]["web"] = "10.1.2.0/29"
    _vm("other", "web", "10.1.2.6")(world)


def _account_elsewhere(world: Raw) -> None:
    world["groups"].append({"name": "rg-far", "location": "westus2", "subscription": ELSEWHERE})
    world["automation"].append({"name": "aa-far", "group": "rg-far", "runbooks": [
        {"name": "Register-TestCopies"}]})  # fmt: skip


def _workers(world: Raw) -> None:
    kind = "Microsoft.Automation/automationAccounts/hybridRunbookWorkerGroups"
    with_resource(kind, "aa-dr-drill/recovery", "rg-dr")(world)
    with_resource(f"{kind}/hybridRunbookWorkers", "aa-dr-drill/recovery/w1", "rg-dr",
                  properties={"lastSeenDateTime": "2026-12-01T00:00:00Z"})(world)  # fmt: skip


def _reserved(capacity: int) -> Callable[[Raw], object]:
    return all_of(
        with_resource(RESERVED, "crg", location="westus2"),
        with_resource(f"{RESERVED}/capacityReservations", "crg/e8", location="westus2",
                      sku={"name": "Standard_E8s_v5", "capacity": capacity}),
    )  # fmt: skip


def _in_reservation(name: str) -> Callable[[Any], object]:
    group = {"capacity_group": f"{TARGET}/providers/{RESERVED}/{name}"}
    return all_of(of_item("sql1", target=group), of_item("sql2", target=group))


def _denied(world: Raw) -> None:
    rule = {"allOf": [{"field": "type", "equals": "Microsoft.Compute/virtualMachines"},
                      {"field": "tags['costCentre']", "exists": False}]}  # fmt: skip
    world["policies"] = [{"name": "tagged", "display_name": "VMs bear a cost centre",
                          "scope": "/resourceGroups/rg-erp-asr", "rule": rule}]  # fmt: skip


def _lock(scope: str, level: str) -> Callable[[Raw], object]:
    return lambda world: world.update(locks=[{"name": "keep", "scope": scope, "level": level}])


def _left_open(ours: Ours) -> None:
    """The last segment, with the event that closed the run, was never written."""
    names = sorted(one for one in ours.store.contents if one.startswith("runs/") and
                   one.endswith(".jsonl"))  # fmt: skip
    signed = [one for one in ours.store.contents if one.endswith(("/head.json", "/manifest.json"))]
    for name in (names[-1], *signed):
        del ours.store.contents[name]


def _tampered(ours: Ours) -> None:
    name = sorted(one for one in ours.store.contents if one.endswith(".jsonl"))[1]
    ours.store.contents[name] = ours.store.contents[name].replace(b'"seq"', b'"sEq"', 1)


def _others_read_the_key(ours: Ours) -> None:
    key = ours.settings.journal.parent / "key.pem"
    key.write_bytes(ours.settings.signing_key.read_bytes())
    key.chmod(0o644)
    settings(signing_key=key)(ours)


CASES = [
    Case("PRE-016", "the plan names another target network",
         ids(17, 46, 52, 79, 80, 81, 83, 84, 87),
         plan=of_plan("target", "network", value="vnet-none")),
    Case("PRE-017", "the target network lacks a subnet", ids(80, 81, 83),
         world=lambda w: w["networks"][1].update(
             subnets={"data": "10.1.0.0/24", "app": "10.1.1.0/24"})),
    Case("PRE-018", "the drill network is there already",
         world=_network("vnet-erp-drill", "rg-erp-asr")),
    Case("PRE-019", "a copy of an earlier drill is there", world=_vm("sql1-test", "data",
                                                                    "10.1.0.44")),
    Case("PRE-020", "a runbook is not there",
         world=lambda w: w["automation"][0].update(runbooks=[])),
    Case("PRE-021", "the account is in another subscription", ids(20, 22, 88, 89, 90),
         world=_account_elsewhere,
         plan=of_plan("groups", 0, "after", 1, "runbook", "account",
                      value=f"/subscriptions/{ELSEWHERE}/resourceGroups/rg-far/providers/"
                      "Microsoft.Automation/automationAccounts/aa-far")),
    Case("PRE-026", "scripts were not read with the plan",
         seen=lambda facts: setattr(facts, "scripts", frozenset())),
    Case("PRE-030", "the plan names another source network", ids(46, 67, 68),
         plan=of_plan("source", "network", value="vnet-none")),
    Case("PRE-031", "a card stands in no network", ids(32), state=resource(
        source("Microsoft.Network/networkInterfaces", "sql1-nic"), ipConfigurations=[])),
    Case("PRE-032", "an item recovers into the drill network", ids(52), state=of_item(
        "sql1", recovery_network=f"{TARGET}/providers/Microsoft.Network/virtualNetworks/"
        "vnet-erp-drill")),
    Case("PRE-067", "a security group of the source refuses Storage",
         world=_wall("rg-erp", "vnet-erp", "eastus")),
    Case("PRE-068", "everything of a subnet goes through an appliance", result="not evidenced",
         world=with_resource("Microsoft.Network/routeTables", "rt", "rg-erp", location="eastus",
                             properties={"routes": [{"name": "all", "properties": {
                                 "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
                                 "nextHopIpAddress": "10.9.0.4"}}]}),
         state=_through_an_appliance),
    Case("PRE-068", "a route of a subnet drops Event Hubs",
         world=with_resource("Microsoft.Network/routeTables", "rt", "rg-erp", location="eastus",
                             properties={"routes": [{"name": "hub", "properties": {
                                 "addressPrefix": "EventHub", "nextHopType": "None"}}]}),
         state=_through_an_appliance),
    Case("PRE-069", "a security group of the target refuses Storage", operation=FAILOVER,
         world=_wall("rg-erp-asr", "vnet-erp-asr", "westus2")),
    Case("PRE-070", "the region has ten cores", world=quota(cores=10)),
    Case("PRE-071", "the family has eight cores", world=quota(standardESv5Family=8)),
    Case("PRE-072", "the region takes three VMs", world=quota(virtualMachines=3)),
    Case("PRE-073", "the region takes three cards", world=quota(NetworkInterfaces=3)),
    Case("PRE-074", "the region takes no more networks", world=quota(VirtualNetworks=1)),
    Case("PRE-075", "a size is restricted", state=lambda a: a.world.table(
        "restricted_sizes").update(
            {"westus2": {"standard_e8s_v5": "NotAvailableForSubscription"}})),
    Case("PRE-076", "a reservation is not there", ids(77), state=_in_reservation("gone")),
    Case("PRE-077", "one VM is reserved for two", world=_reserved(1),
         state=_in_reservation("crg")),
    Case("PRE-078", "the plan names another target group",
         ids(14, 16, 17, 19, 22, 41, 46, 52, 61, 79, 80, 81, 83, 84, 87, 92, 93, 95, 96),
         plan=of_plan("target", "resource_group", value="rg-none")),
    Case("PRE-079", "the target network is in a third region",
         state=moved(TARGET_NET, "centralus")),
    Case("PRE-080", "a subnet is full", operation=FAILOVER, world=_small_web, also=ids(101),
         plan=of_plan("groups", 2, "vms", 2, "nics", 0, "private_ip")),
    Case("PRE-081", "the plan wants an address outside the subnet", ids(53),
         plan=of_plan("groups", 2, "vms", 2, "nics", 0, "private_ip", value="10.1.3.9")),
    Case("PRE-082", "somebody holds an address that is wanted", operation=FAILOVER,
         world=_vm("other", "web", "10.1.2.4")),
    Case("PRE-083", "a subnet is delegated", state=subnet(TARGET_NET, "web", delegations=[
        {"name": "sql", "properties": {"serviceName": "Microsoft.Sql/managedInstances"}}])),
    Case("PRE-084", "the DNS server stands in the source region", operation=FAILOVER,
         state=resource(TARGET_NET, dhcpOptions={"dnsServers": ["10.9.0.10"]})),
    Case("PRE-085", "a zone is linked to the source only", operation=FAILOVER, world=all_of(
        with_resource("Microsoft.Network/privateDnsZones", "erp.internal", "rg-hub"),
        with_resource("Microsoft.Network/privateDnsZones/virtualNetworkLinks",
                      "erp.internal/source", "rg-hub", properties={
                          "virtualNetwork": {"id": f"{GROUPS}/rg-erp/providers/"
                                             "Microsoft.Network/virtualNetworks/vnet-erp"},
                          "registrationEnabled": False}))),
    Case("PRE-086", "the drill network is peered with the hub",
         plan=of_plan("drill", "network", value={"use": "vnet-lab"}),
         world=_network("vnet-lab", "rg-erp-asr", ranges=["10.1.0.0/16"], peered_with=["vnet-hub"],
                        subnets={"data": "10.1.0.0/24", "app": "10.1.1.0/24",
                                 "web": "10.1.2.0/24"})),
    Case("PRE-087", "a canary bears an address of a copy",
         plan=lambda p: p["checks"][2]["unreachable"].update(host="10.1.7.7")),
    Case("PRE-088", "the account is suspended",
         world=lambda w: w["automation"][0].update(state="Suspended")),
    Case("PRE-089", "the account is in the source region", state=moved(ACCOUNT, "eastus")),
    Case("PRE-090", "the account has no identity",
         world=lambda w: w["automation"][0].update(identity=False)),
    Case("PRE-091", "the worker was not heard of for a month", world=_workers,
         plan=of_plan("groups", 0, "after", 1, "runbook", "run_on", value="recovery")),
    Case("PRE-092", "a lock keeps the target group from being emptied",
         world=_lock("/resourceGroups/rg-erp-asr", "CanNotDelete")),
    Case("PRE-093", "a lock makes the vault read-only", world=_lock(
        "/resourceGroups/rg-dr/providers/Microsoft.RecoveryServices/vaults/rsv-contoso",
        "ReadOnly")),
    Case("PRE-094", "a policy wants a tag that no copy has", world=_denied),
    Case("PRE-095", "a disk of an earlier drill is left", world=with_resource(
        "Microsoft.Compute/disks", "sql1-data-ASRtest", location="westus2",
        properties={"diskSizeGB": 512, "creationData": {"createOption": "Empty"}})),
    Case("PRE-096", "a group of an earlier drill is left", world=with_resource(
        WALLS, "left", location="westus2", tags={"muster-run": "contoso-erp-drill-1"})),
    Case("PRE-097", "an earlier run was never closed", ours=_left_open),
    Case("PRE-098", "Muster runs in the source region", operation=FAILOVER,
         ours=settings(region="eastus")),
    Case("PRE-099", "nobody drilled yet", ids(100, 101), operation=FAILOVER,
         ours=lambda ours: ours.store.contents.clear()),
    Case("PRE-100", "the last drill is half a year old", operation=FAILOVER,
         ours=lambda ours: setattr(ours, "started", ours.started + 180 * DAY)),
    Case("PRE-101", "the plan was changed since", operation=FAILOVER,
         plan=of_plan("about", value="Order entry, and more.")),
    Case("PRE-102", "nobody vouches for the key", seen=seen(is_rehearsal=False)),
    Case("PRE-103", "others may read the key", ours=_others_read_the_key),
    Case("PRE-104", "the disk of the journal is full", seen=seen(journal_free=1024)),
    Case("PRE-104", "the journal lies below a file",
         ours=settings(journal=Path(__file__) / "evidence")),
    Case("PRE-105", "our clock is five minutes fast",
         ours=lambda ours: setattr(ours, "clock_ahead", 300.0)),
    Case("PRE-106", "somebody changed an earlier journal", ours=_tampered),
]  # fmt: skip
