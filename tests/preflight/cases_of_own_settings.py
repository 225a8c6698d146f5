"""Items whose own settings lead a copy, or a recovered VM, elsewhere than the plan says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muster.plan.actions import Operation
from tests.in_process.simulated import Azure
from tests.preflight.bending import GROUPS, TARGET, all_of, of_item, of_plan, with_resource
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case

NETWORK = "providers/Microsoft.Network"
HUB = f"{GROUPS}/rg-hub/{NETWORK}"
POOL = f"{TARGET}/{NETWORK}/loadBalancers/lb/backendAddressPools/{{}}"
BALANCER = with_resource(
    "Microsoft.Network/loadBalancers", "lb", location="westus2",
    properties={"backendAddressPools": [{"name": "web", "properties": {}}]},
)  # fmt: skip
WALL = with_resource("Microsoft.Network/networkSecurityGroups", "nsg-test", location="westus2")


def own(vm: str = "web1", **settings: Any) -> Callable[[Azure], object]:
    """Test settings of an item's only card."""
    return of_item(vm, own=settings)


def in_test(**said: Any) -> Callable[[Any], object]:
    """What the plan says of web1 in a test."""
    return of_plan("groups", 2, "vms", 0, "nics", 0, "test", value=said)


CASES = [
    Case("PRE-017", "a copy's own subnet is not there", ids(80, 83, 116),
         state=own(subnet="nope")),
    Case("PRE-055", "a failover's security group is gone", operation=Operation.FAILOVER,
         state=of_item("web1", landing={"security_group":
                                        f"{HUB}/networkSecurityGroups/gone"})),
    Case("PRE-055", "a failover's pool is gone, its balancer is not",
         operation=Operation.FAILOVER, world=BALANCER,
         state=of_item("web1", landing={"pools": [POOL.format("gone")]})),
    Case("PRE-055", "a failover's balancer is gone", operation=Operation.FAILOVER,
         state=of_item("web1", landing={"pools": [POOL.format("web")]})),
    Case("PRE-055", "a failover's public address is gone", operation=Operation.FAILOVER,
         state=of_item("web1", landing={"public_ip": f"{HUB}/publicIPAddresses/gone"})),
    Case("PRE-116", "a copy's own subnet is another one", state=own("sql1", subnet="web")),
    Case("PRE-116", "a copy's own address is another one", state=own(address="192.168.1.1")),
    Case("PRE-116", "the plan's subnet for tests was never set", plan=in_test(subnet="app")),
    Case("PRE-116", "the plan's address for tests was never set",
         plan=in_test(private_ip="10.1.2.77")),
    Case("PRE-116", "the plan's address for tests lies outside the subnet",
         plan=in_test(private_ip="192.168.1.1"), state=own(address="192.168.1.1")),
    Case("PRE-117", "a copy joins a pool of production's", world=BALANCER,
         state=own(pools=[POOL.format("web")])),
    Case("PRE-117", "a copy takes a card that is there",
         state=own(nic_name="web1-nic", nic_group="rg-erp", reuse_nic=True)),
    Case("PRE-117", "a copy has a security group of its own", world=WALL,
         state=own(security_group=f"{TARGET}/{NETWORK}/networkSecurityGroups/nsg-test")),
]  # fmt: skip

HEALTHY = [
    Case("", "the plan's own test settings are set", plan=in_test(
        subnet="app", private_ip="10.1.1.77", network_security_group="nsg-test",
        backend_pools=["lb/web"]), world=all_of(BALANCER, WALL),
        state=own(subnet="APP", address="10.1.1.77", pools=[POOL.format("web")],
                  security_group=f"{TARGET}/{NETWORK}/networkSecurityGroups/nsg-test")),
    Case("", "a copy's own settings say what a failover does",
         state=own(subnet="web", address="10.1.2.4")),
    Case("", "a failover's pool, group and address are there", operation=Operation.FAILOVER,
         world=all_of(BALANCER, WALL),
         state=of_item("web1", landing={
             "pools": [POOL.format("web")],
             "security_group": f"{TARGET}/{NETWORK}/networkSecurityGroups/nsg-test"})),
]  # fmt: skip
