"""Network cards at the target: as at the source, or as the plan says."""

from __future__ import annotations

from dataclasses import replace

from muster.replication.working_out import work_out
from tests.unit.replication.made import resource
from tests.unit.replication.source_world import (
    a_found,
    a_vm,
    arm_id,
    group_id,
    small_plan,
)

TARGET = group_id("rg-small-asr")


def test_a_card_has_the_sources_subnet_and_static_address_or_what_the_plan_says() -> None:
    wanted = work_out(small_plan(), a_found())
    (ip,) = wanted.vms[0].cards[0].ips
    assert (ip.subnet, ip.private_ip, ip.public_ip_id) == ("data", "10.1.0.4", None)
    said = {
        "subnet": "web",
        "private_ip": "10.1.1.9",
        "network_security_group": "nsg",
        "public_ip_address": "pip",
        "backend_pools": ["lb/pool"],
        "test": {"subnet": "data", "private_ip": "10.1.0.9", "network_security_group": "nsg-t"},
    }
    plan = small_plan({"name": "db1", "nics": [said], "size": "Standard_D4s_v5"})
    vm = work_out(plan, a_found()).vms[0]
    (ip,) = vm.cards[0].ips
    assert (ip.subnet, ip.private_ip, vm.recovery_subnet) == ("web", "10.1.1.9", "web")
    assert ip.public_ip_id == arm_id("Microsoft.Network/publicIPAddresses", "pip", TARGET)
    balancer = arm_id("Microsoft.Network/loadBalancers", "lb", TARGET)
    assert ip.backend_pool_ids == (f"{balancer}/backendAddressPools/pool",)
    (test,) = vm.cards[0].test_ips
    assert (test.subnet, test.private_ip, test.public_ip_id) == ("data", "10.1.0.9", None)
    assert vm.cards[0].security_group_id != vm.cards[0].test_security_group_id
    assert vm.size == "Standard_D4s_v5"


def test_a_source_address_is_kept_in_another_subnet_only_if_that_has_it() -> None:
    plan = small_plan({"name": "db1", "nics": [{"subnet": "web"}]})
    (vm,) = work_out(plan, a_found(a_vm("db1"))).vms
    assert [(ip.subnet, ip.private_ip) for ip in vm.cards[0].ips] == [("web", None)]


def test_a_dynamic_address_stays_dynamic() -> None:
    vm = a_vm("db1")
    ip = replace(vm.cards[0].ips[0], is_static=False)
    vm = replace(vm, cards=(replace(vm.cards[0], ips=(ip,)),))
    assert work_out(small_plan("db1"), a_found(vm)).vms[0].cards[0].ips[0].private_ip is None


def test_a_public_address_without_a_name_is_made() -> None:
    plan = small_plan({"name": "db1", "nics": [{"public_ip": True}]})
    wanted = work_out(plan, a_found())
    made = resource(wanted, "publicIPAddresses")
    assert wanted.vms[0].cards[0].ips[0].public_ip_id == made.id
    assert made.body["sku"] == {"name": "Standard"}


def test_accelerated_networking_is_as_at_the_source_unless_the_plan_says() -> None:
    vm = a_vm("db1")
    vm = replace(vm, cards=(replace(vm.cards[0], accelerated=True),))
    assert work_out(small_plan("db1"), a_found(vm)).vms[0].cards[0].accelerated is True
    plan = small_plan({"name": "db1", "nics": [{"accelerated": False}]})
    assert work_out(plan, a_found(vm)).vms[0].cards[0].accelerated is False
