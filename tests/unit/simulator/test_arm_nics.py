"""Network interfaces and public addresses: placed, refused, attached."""

from __future__ import annotations

from typing import Any

import pytest

from .asked import NETWORK, nic, operator
from .conftest import DRILL_NETWORK, SUBSCRIPTION, Azure

NIC = f"{NETWORK}/networkInterfaces"
IP = f"{NETWORK}/publicIPAddresses"
WEST = {"location": "westus2"}
APP = f"{SUBSCRIPTION}/resourceGroups/rg-app/providers/Microsoft.Network"


def address(made: Any) -> str:
    return str(made["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])


async def test_a_nic_gets_the_lowest_free_address_and_keeps_it(azure: Azure) -> None:
    admin = await operator(azure)
    one = await admin.put(f"{NIC}/one", nic())
    two = await admin.put(f"{NIC}/two", nic())
    assert (address(one), address(two)) == ("10.1.9.4", "10.1.9.5")
    static = nic(privateIPAllocationMethod="Static", privateIPAddress="10.1.9.9")
    three = await admin.put(f"{NIC}/three", static)
    placed = three["properties"]["ipConfigurations"][0]
    assert placed["properties"]["privateIPAllocationMethod"] == "Static"
    assert placed["id"] == f"{NIC}/three/ipConfigurations/one"
    again = await admin.put(f"{NIC}/two", nic() | {"tags": {"seen": "yes"}})
    assert (address(again), again["tags"]) == ("10.1.9.5", {"seen": "yes"})
    assert again["properties"]["macAddress"] == two["properties"]["macAddress"]
    assert again["properties"]["resourceGuid"] == two["properties"]["resourceGuid"]
    await admin.delete(f"{NIC}/one")
    four = await admin.put(f"{NIC}/four", nic())
    assert address(four) == "10.1.9.4"
    part = await azure.get(f"{NIC}/four/ipConfigurations/one")
    assert part["properties"]["privateIPAddress"] == "10.1.9.4"
    assert len((await azure.get(f"{NIC}/four/ipConfigurations"))["value"]) == 1


def static(text: str) -> dict[str, Any]:
    return nic(privateIPAllocationMethod="Static", privateIPAddress=text)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (static("10.1.9.1"), "PrivateIPAddressInReservedRange"),
        (static("10.1.9.15"), "PrivateIPAddressInReservedRange"),
        (static("10.1.0.9"), "PrivateIPAddressNotInSubnet"),
        (static("10.1.9.4"), "PrivateIPAddressIsAllocated"),
        (static("10.1.9"), "InvalidIPAddress"),
        (nic("nowhere"), "InvalidResourceReference"),
        (nic(publicIPAddress={"id": f"{IP}/none"}), "InvalidResourceReference"),
        (WEST | {"properties": {}}, "NetworkInterfaceMustHaveAtLeastOneIpConfiguration"),
        (
            WEST | {"properties": {"ipConfigurations": [{"properties": {}}]}},
            "InvalidRequestFormat",
        ),
        (WEST | {"properties": {"ipConfigurations": "none"}}, "InvalidRequestContent"),
        (WEST | {"properties": {"ipConfigurations": [None]}}, "InvalidRequestContent"),
        (
            WEST
            | {"properties": {"ipConfigurations": 2 * nic()["properties"]["ipConfigurations"]}},
            "DuplicateResourceName",
        ),
        (nic() | {"location": "eastus"}, "InvalidResourceReference"),
        (
            {
                **WEST,
                "properties": nic()["properties"]
                | {"networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/none"}},
            },
            "InvalidResourceReference",
        ),
    ],
)
async def test_a_nic_that_cannot_be_is_refused(
    azure: Azure, body: dict[str, Any], code: str
) -> None:
    admin = await operator(azure)
    await admin.put(f"{NIC}/first", nic())
    assert await admin.refused("PUT", f"{NIC}/bad", body) == (400, code)
    assert (await azure.ask("GET", f"{NIC}/bad"))[0] == 404


async def test_a_full_subnet_takes_no_more(azure: Azure) -> None:
    admin = await operator(azure)
    for n in range(11):  # a /28 has sixteen, Azure keeps five
        await admin.put(f"{NIC}/n{n}", nic())
    assert await admin.refused("PUT", f"{NIC}/more", nic()) == (400, "SubnetIsFull")


async def test_a_security_group_is_told_where_it_is_used(azure: Azure) -> None:
    admin = await operator(azure)
    group = f"{NETWORK}/networkSecurityGroups/wall"
    await admin.put(group, WEST)
    body = nic()
    body["properties"]["networkSecurityGroup"] = {"id": group}
    await admin.put(f"{NIC}/one", body)
    shown = (await azure.get(group))["properties"]
    assert shown["networkInterfaces"] == [{"id": f"{NIC}/one"}]
    refused = (400, "InUseNetworkSecurityGroupCannotBeDeleted")
    assert await admin.refused("DELETE", group) == refused
    await admin.delete(f"{NIC}/one")
    await admin.delete(group)


async def test_a_public_address_is_had_by_one_at_a_time(azure: Azure) -> None:
    admin = await operator(azure)
    standard = WEST | {"sku": {"name": "Standard"}, "properties": {}}
    made = await admin.put(f"{IP}/one", standard)
    assert made["properties"]["publicIPAllocationMethod"] == "Static"
    assert made["properties"]["ipAddress"].startswith("20.")
    basic = await admin.put(f"{IP}/two", WEST)
    assert "ipAddress" not in basic["properties"]
    bad = standard | {"properties": {"publicIPAllocationMethod": "Dynamic"}}
    code = "StandardSkuPublicIPAddressesMustBeStatic"
    assert await admin.refused("PUT", f"{IP}/bad", bad) == (400, code)

    await admin.put(f"{NIC}/a", nic(publicIPAddress={"id": f"{IP}/two"}))
    shown = (await azure.get(f"{IP}/two"))["properties"]
    assert shown["ipConfiguration"] == {"id": f"{NIC}/a/ipConfigurations/one"}
    assert shown["ipAddress"].startswith("20.")
    again = nic(publicIPAddress={"id": f"{IP}/two"})
    assert await admin.refused("PUT", f"{NIC}/b", again) == (400, "PublicIPAddressInUse")
    refused = (400, "PublicIPAddressCannotBeDeleted")
    assert await admin.refused("DELETE", f"{IP}/two") == refused
    await admin.put(f"{NIC}/a", nic())
    await admin.delete(f"{IP}/two")


async def test_a_name_for_an_address_is_in_its_region(azure: Azure) -> None:
    admin = await operator(azure)
    body = WEST | {"properties": {"dnsSettings": {"domainNameLabel": "erp"}}}
    made = await admin.put(f"{IP}/named", body)
    assert made["properties"]["dnsSettings"]["fqdn"] == "erp.westus2.cloudapp.azure.com"


async def test_a_nic_of_a_vm_stays(azure: Azure) -> None:
    admin = await operator(azure)
    assert await admin.refused("DELETE", f"{APP}/networkInterfaces/web1-nic") == (400, "NicInUse")
    shown = await azure.get(f"{DRILL_NETWORK}/subnets/alpha")
    assert "ipConfigurations" not in shown["properties"]
