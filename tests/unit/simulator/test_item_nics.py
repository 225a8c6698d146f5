"""An item of a VM with two NICs: both are told, set up, and part of every copy."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from muster.simulator.asr.item_faces import faces

from .conftest import SUBSCRIPTION, TARGET, VAULT
from .life import CONTAINER_ID, POLICY
from .still_items import SOURCE, StillItems, path_of

HOME = f"{TARGET}/Microsoft.Network/virtualNetworks/vnet-asr"
NIC = "Microsoft.Network/networkInterfaces"
FIRST, SECOND = f"{SOURCE}/{NIC}/web1-nic", f"{SOURCE}/{NIC}/web1-back"


def two_nics(*, second_is_primary: bool = False, address: str = "10.1.0.66") -> StillItems:
    """web1 with a second NIC in `data`, protected anew."""
    world = StillItems()
    world.did("web1", "remove", {"replicationProviderInput": {"instanceType": "A2A"}})
    vm = world.world.resource(f"{SOURCE}/Microsoft.Compute/virtualMachines/web1")
    first = world.world.resource(FIRST)
    assert vm is not None
    assert first is not None
    second: Any = copy.deepcopy(first) | {"id": SECOND, "name": "web1-back"}
    config = second["properties"]["ipConfigurations"][0]
    network = config["properties"]["subnet"]["id"].rpartition("/subnets/")[0]
    config["name"] = "back"
    config["properties"] |= {
        "subnet": {"id": f"{network}/subnets/data"},
        "privateIPAddress": address,
    }
    world.world.put(second)
    listed = vm["properties"]["networkProfile"]["networkInterfaces"]
    listed[0]["properties"] = {"primary": not second_is_primary}
    listed.append({"id": SECOND, "properties": {"primary": second_is_primary}})
    world.world.index()
    world.enabled("web1", recoveryAzureNetworkId=HOME)
    return world


def nics(world: StillItems) -> list[Any]:
    told: list[Any] = world.item("web1")["providerSpecificDetails"]["vmNics"]
    return told


def machine_nics(world: StillItems, vm: str) -> list[tuple[str, bool]]:
    told = world.get(f"{TARGET}/Microsoft.Compute/virtualMachines/{vm}")
    listed = told["properties"]["networkProfile"]["networkInterfaces"]
    return [(one["id"].rpartition("/")[2], one["properties"]["primary"]) for one in listed]


def test_both_are_told_the_primary_one_first() -> None:
    for second_is_primary, order in ((False, [FIRST, SECOND]), (True, [SECOND, FIRST])):
        told = nics(two_nics(second_is_primary=second_is_primary))
        assert [one["sourceNicArmId"].lower() for one in told] == [one.lower() for one in order]
        assert len({one["nicId"] for one in told}) == 2
        subnets = {one["ipConfigs"][0]["name"]: one["ipConfigs"][0]["subnetName"] for one in told}
        assert subnets["back"] == "data"


def test_each_is_set_up_by_itself_and_a_test_puts_both_where_they_are_wanted() -> None:
    world = two_nics()
    back = {"ipConfigName": "back", "recoveryStaticIPAddress": "10.1.0.99",
            "tfoSubnetName": "web", "tfoStaticIPAddress": "10.1.1.77"}  # fmt: skip
    world.update("web1", vmNics=[{"nicId": nics(world)[1]["nicId"], "ipConfigs": [back]}])
    first, second = (one["ipConfigs"][0] for one in nics(world))
    assert (first["tfoStaticIPAddress"], second["tfoStaticIPAddress"]) == (None, "10.1.1.77")
    assert second["recoveryStaticIPAddress"] == "10.1.0.99"

    world.drill("web1", HOME)

    assert machine_nics(world, "web1-test") == [("web1-nic-test", True), ("web1-back-test", False)]
    assert world.placed("web1-nic-test") == ("web", "10.1.1.4")
    assert world.placed("web1-back-test") == ("web", "10.1.1.77")
    world.clean_up("web1")
    assert world.world.resource(f"{TARGET}/{NIC}/web1-back-test") is None
    world.fail_over("web1")
    assert machine_nics(world, "web1") == [("web1-nic", True), ("web1-back", False)]
    assert world.placed("web1-back") == ("data", "10.1.0.99")


def test_an_address_that_is_not_of_its_subnet_is_refused_for_each() -> None:
    world = two_nics()
    back = {"ipConfigName": "back", "recoveryStaticIPAddress": "10.1.9.9"}
    nic = {"nicId": nics(world)[1]["nicId"], "ipConfigs": [back]}
    error = world.failed("web1", "", {"vmNics": [nic]}, "PATCH")
    assert "10.1.9.9" in str(error)
    stranger = {"nicId": "00000000-0000-0000-0000-000000000001", "ipConfigs": []}
    assert "no NIC" in str(world.failed("web1", "", {"vmNics": [stranger]}, "PATCH"))


def test_two_that_want_one_address_get_two() -> None:
    world = two_nics()
    same = {"tfoSubnetName": "web", "tfoStaticIPAddress": "10.1.1.88"}
    asked = [
        {
            "nicId": one["nicId"],
            "ipConfigs": [same | {"ipConfigName": one["ipConfigs"][0]["name"]}],
        }
        for one in nics(world)
    ]
    world.update("web1", vmNics=asked)
    world.drill("web1", HOME)
    assert world.placed("web1-nic-test") == ("web", "10.1.1.88")
    where = world.placed("web1-back-test")
    assert where[0] == "web"
    assert where[1] != "10.1.1.88"


@pytest.mark.parametrize("name", ["web1-nic-test", "web1-back-test"])
def test_a_nic_of_somebody_elses_is_in_the_way_of_each(name: str) -> None:
    world = two_nics()
    there = copy.deepcopy(world.world.resource(FIRST))
    assert there is not None
    theirs = f"{TARGET}/{NIC}/{name}"
    there["properties"].pop("virtualMachine", None)
    world.world.put(there | {"id": theirs, "name": name})
    body = {"failoverDirection": "PrimaryToRecovery", "networkType": "VmNetworkAsInput",
            "networkId": HOME, "providerSpecificDetails": {"instanceType": "A2A"}}  # fmt: skip
    error = world.failed("web1", "testFailover", body)
    assert f"'{name}' is there already" in str(error)
    assert SUBSCRIPTION in theirs


def test_both_find_their_way_home_after_a_reprotect() -> None:
    world = two_nics()
    world.fail_over("web1")
    world.did("web1", "failoverCommit")
    cache = (
        f"{SUBSCRIPTION}/resourceGroups/rg-asr/providers/Microsoft.Storage/storageAccounts/cache2"
    )
    sku = {"name": "Standard_LRS"}
    world.answer("PUT", cache, {"location": "westus2", "sku": sku, "properties": {}})
    home = f"{SUBSCRIPTION}/resourceGroups/rg-app"
    disk = {
        "diskId": f"{TARGET}/Microsoft.Compute/disks/web1-osdisk",
        "primaryStagingAzureStorageAccountId": cache,
        "recoveryResourceGroupId": home,
    }
    details = {
        "instanceType": "A2A",
        "policyId": POLICY,
        "recoveryContainerId": CONTAINER_ID,
        "recoveryResourceGroupId": home,
        "vmManagedDisks": [disk],
    }
    name = world.get(path_of("web1"))["name"]
    body = {"replicationProtectedItemName": name, "providerSpecificDetails": details}
    answer = world.ask("POST", f"{CONTAINER_ID}/switchprotection", body)
    job = f"{VAULT}/replicationJobs/{answer.headers['x-ms-request-id'].rpartition('/')[2]}"
    ended = world.until_ended(job)
    assert ended["state"] == "Succeeded", ended["errors"]
    moved = next(one for one in world.world.items.values() if one["vm_name"] == "web1")
    assert [face["nic"]["name"] for face in faces(moved)] == ["web1-nic", "web1-back"]
    landing = [face["landing"] for face in faces(moved)]
    assert [(one["subnet"], one["address"]) for one in landing][1] == ("data", "10.1.0.66")
    assert world.world.resource(SECOND) is None  # the source of before is gone, with both
    assert world.world.resource(FIRST) is None
