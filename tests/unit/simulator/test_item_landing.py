"""Where a test copy lands: its own settings, else those of the target, else the source's."""

from __future__ import annotations

from .conftest import TARGET
from .still_items import StillItems

HOME = f"{TARGET}/Microsoft.Network/virtualNetworks/vnet-asr"


def test_a_test_copy_takes_the_subnet_and_the_address_that_a_failover_would() -> None:
    world = StillItems()
    chosen = world.nic_change(
        "web1", recoverySubnetName="data", recoveryStaticIPAddress="10.1.0.77"
    )
    world.update("web1", selectedRecoveryAzureNetworkId=HOME, vmNics=chosen)

    world.drill("web1", HOME)

    assert world.placed("web1-nic-test") == ("data", "10.1.0.77")
    world.clean_up("web1")
    world.fail_over("web1")
    assert world.placed("web1-nic") == ("data", "10.1.0.77")


def test_the_subnet_an_item_was_enabled_with_holds_for_its_tests_too() -> None:
    world = StillItems()
    world.did("web1", "remove", {"replicationProviderInput": {"instanceType": "A2A"}})
    world.enabled("web1", recoveryAzureNetworkId=HOME, recoverySubnetName="data")

    world.drill("web1")  # its source's subnet is `web`, which the drill's network has not

    assert world.placed("web1-nic-test")[0] == "data"


def test_a_tests_own_settings_win_over_those_of_the_target() -> None:
    world = StillItems()
    chosen = world.nic_change(
        "web1",
        recoverySubnetName="web",
        recoveryStaticIPAddress="10.1.1.99",
        tfoSubnetName="data",
        tfoStaticIPAddress="10.1.0.88",
    )
    world.update("web1", vmNics=chosen)

    world.drill("web1", HOME)

    assert world.placed("web1-nic-test") == ("data", "10.1.0.88")


def test_without_any_choice_a_test_copy_takes_what_the_source_has() -> None:
    world = StillItems()
    world.drill("dead1", HOME)
    assert world.placed("dead1-nic-test") == ("web", "10.1.1.5")  # not the first free one
