"""What an update asks for is checked: names, sizes, subnets, addresses, groups."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DRILL_NETWORK, TARGET
from .life import A2A, SOURCE, enable_body
from .still_items import StillItems, path_of

HOME = f"{TARGET}/Microsoft.Network/virtualNetworks/vnet-asr"


@pytest.mark.parametrize(
    "name", ["a/b c!", "", "-web", "web.", "_web", "w" * 65, "wéb", "web 1"], ids=repr
)
def test_a_name_that_no_vm_can_have_is_refused(name: str) -> None:
    world = StillItems()
    for body in (
        {"recoveryAzureVMName": name},
        {"providerSpecificDetails": A2A | {"tfoAzureVMName": name}},
    ):
        if name:
            error = world.failed("web1", "", body, "PATCH")
            assert "validation rule" in error["serviceErrorDetails"]["message"]
        else:
            world.did("web1", "", body, "PATCH")  # an empty one is none
    assert world.item("web1")["providerSpecificDetails"]["recoveryAzureVMName"] == "web1"


@pytest.mark.parametrize("name", ["web1-dr", "w", "web_1.dr", "W" * 64])
def test_a_name_that_a_vm_can_have_is_kept(name: str) -> None:
    world = StillItems()
    world.update("web1", recoveryAzureVMName=name)
    assert world.item("web1")["providerSpecificDetails"]["recoveryAzureVMName"] == name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recoverySubnetName": "nosuch"}, "has no subnet 'nosuch'"),
        ({"recoveryStaticIPAddress": "1.2.3.4"}, "not one of the subnet 'web'"),
        (
            {"recoverySubnetName": "data", "recoveryStaticIPAddress": "10.1.1.9"},
            "not one of the subnet 'data'",
        ),
        ({"recoveryStaticIPAddress": "10.1.1.3"}, "not one of"),  # Azure keeps it
        ({"recoveryStaticIPAddress": "10.1.1"}, "not an IPv4 address"),
    ],
)
def test_a_place_that_a_failover_cannot_take_is_refused(change: Any, said: str) -> None:
    world = StillItems()
    error = world.failed("web1", "", {"vmNics": world.nic_change("web1", **change)}, "PATCH")
    assert said in error["serviceErrorDetails"]["message"]


def test_a_place_is_judged_in_the_network_that_the_same_update_chooses() -> None:
    world = StillItems()
    chosen = world.nic_change("web1", recoverySubnetName="alpha")  # vnet-asr has none
    world.update("web1", selectedRecoveryAzureNetworkId=DRILL_NETWORK, vmNics=chosen)
    error = world.failed("web1", "", {"selectedRecoveryAzureNetworkId": HOME}, "PATCH")
    assert "has no subnet 'alpha'" in error["serviceErrorDetails"]["message"]


def test_a_tests_own_place_is_judged_once_its_network_is_chosen() -> None:
    world = StillItems()
    chosen = world.nic_change("web1", tfoSubnetName="alpha", tfoStaticIPAddress="10.1.0.9")
    world.update("web1", vmNics=chosen)  # each call may bring another network
    own = {"selectedTfoAzureNetworkId": DRILL_NETWORK, "vmNics": chosen}
    error = world.failed("web1", "", own, "PATCH")
    assert "not one of the subnet 'alpha'" in error["serviceErrorDetails"]["message"]


@pytest.mark.parametrize(
    ("nic", "said"),
    [
        ({"recoveryNicName": "a b"}, "resource name 'a b'"),
        ({"tfoNicName": "-nic"}, "resource name '-nic'"),
        ({"recoveryNicResourceGroupName": "nosuch"}, "resource group 'nosuch'"),
    ],
)
def test_a_nic_that_cannot_be_is_refused(nic: Any, said: str) -> None:
    world = StillItems()
    told = world.nic_change("web1")
    error = world.failed("web1", "", {"vmNics": [told[0] | nic]}, "PATCH")
    assert said in error["serviceErrorDetails"]["message"]


def test_a_size_or_a_disks_name_that_cannot_be_is_refused() -> None:
    world = StillItems()
    error = world.failed("web1", "", {"recoveryAzureVMSize": "Large"}, "PATCH")
    assert "'Large' is not a size" in error["serviceErrorDetails"]["message"]
    disk = {"diskId": f"{SOURCE}/Microsoft.Compute/disks/web1-osdisk", "failoverDiskName": "a/b"}
    more = {"providerSpecificDetails": A2A | {"managedDiskUpdateDetails": [disk]}}
    error = world.failed("web1", "", more, "PATCH")
    assert "resource name 'a/b'" in error["serviceErrorDetails"]["message"]


def test_a_number_where_a_text_belongs_is_a_bad_request() -> None:
    world = StillItems()
    jobs = len(world.world.table("jobs"))
    assert world.ask("PATCH", path_of("web1"), {"recoveryAzureVMName": 5}).status == 400
    assert len(world.world.table("jobs")) == jobs


def test_replication_is_not_enabled_into_a_subnet_that_is_not_there() -> None:
    world = StillItems()
    world.did("web1", "remove", {"replicationProviderInput": A2A})
    body = enable_body("web1", world.cache(), recoverySubnetName="nosuch")
    body["providerSpecificDetails"]["recoveryAzureNetworkId"] = HOME
    error = world.failed("web1", "", body, "PUT")
    assert "has no subnet 'nosuch'" in error["serviceErrorDetails"]["message"]
