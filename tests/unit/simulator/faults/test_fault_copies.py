"""Machines that come up otherwise than was asked for, each in its own way."""

from __future__ import annotations

from typing import Any

from tests.unit.simulator.faults.fault_writing import copied, still_with


def come_up(vm: str, **bend: Any) -> tuple[Any, Any, Any]:
    return copied(still_with({"on": {"copy": "test"}, "do": {"copy": bend}}), vm)


def subnet_of(config: Any) -> str:
    return str(config["subnet"]["id"]).rpartition("/")[2]


def test_without_a_bend_it_is_what_was_asked_for() -> None:
    vm, config, machine = come_up("Sql1", boot="60s")
    assert vm["hardwareProfile"]["vmSize"] == "Standard_E8s_v5"
    assert (subnet_of(config), config["privateIPAddress"]) == ("data", "10.1.0.4")
    assert config["privateIPAllocationMethod"] == "Static"
    assert len(vm["storageProfile"]["dataDisks"]) == 1
    assert [each["port"] for each in machine["services"]] == [1433]


def test_its_size_is_another() -> None:
    vm, _, _ = come_up("Sql1", size="Standard_D4s_v5")
    assert vm["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"


def test_it_lands_in_the_alphabetically_first_subnet_at_an_address_of_that() -> None:
    _, config, _ = come_up("Sql1", subnet="first")
    assert (subnet_of(config), config["privateIPAddress"]) == ("alpha", "10.1.9.4")
    assert config["privateIPAllocationMethod"] == "Dynamic"


def test_it_gets_another_address_than_its_source_has() -> None:
    _, config, _ = come_up("Sql1", address="next")
    assert (subnet_of(config), config["privateIPAddress"]) == ("data", "10.1.0.5")


def test_it_has_none_but_its_system_disk() -> None:
    vm, _, _ = come_up("Sql1", disks="os")
    assert vm["storageProfile"]["dataDisks"] == []
    assert vm["storageProfile"]["osDisk"]["name"]


def test_its_system_boots_otherwise_or_never() -> None:
    assert come_up("Sql1", boot="5m")[2]["boot"] == 300.0
    assert come_up("Sql1", boot="never")[2]["boot"] == "never"


def test_nothing_listens_in_it() -> None:
    assert come_up("Sql1", services="none")[2]["services"] == []


def test_its_provisioning_does_not_succeed() -> None:
    assert come_up("web1", provisioning="Failed")[0]["provisioningState"] == "Failed"
