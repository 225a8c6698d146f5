"""A network that the plan gives for drills, and that no copy can come up in as the plan wants.

The target network, which a failover would use, is as it should be in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.preflight.bending import TARGET, Raw, moved, of_plan, subnet
from tests.preflight.cases_of_replication import ids
from tests.preflight.looking import Case

LAB = "vnet-lab"
LAB_ID = f"{TARGET}/providers/Microsoft.Network/virtualNetworks/{LAB}"
SUBNETS = {"data": "10.1.0.0/24", "app": "10.1.1.0/24", "web": "10.1.2.0/24"}

use_the_lab = of_plan("drill", "network", value={"use": LAB})


def lab(ranges: str = "10.1.0.0/16", **subnets: str) -> Callable[[Raw], object]:
    """The network that is given; as the target network where nothing else is said."""
    return lambda world: world["networks"].append(
        {"name": LAB, "group": "rg-erp-asr", "ranges": [ranges], "subnets": subnets or SUBNETS}
    )


def _shared(in_subnet: str, address: str, **subnets: str) -> Callable[[Raw], object]:
    """The network, and a VM of somebody else's in it."""

    def bend(world: Raw) -> None:
        lab(**SUBNETS | subnets)(world)
        world["vms"].append({"name": "tenant", "group": "rg-dr", "network": LAB,
                             "subnet": in_subnet, "address": address})  # fmt: skip

    return bend


def _case(check: str, why: str, *also: int, **bends: Any) -> Case:
    return Case(check, why, ids(*also), plan=use_the_lab, **bends)


CASES = [
    _case("PRE-017", "the given network lacks a subnet", 80, 81, 83, world=lab(
        data="10.1.0.0/24", app="10.1.1.0/24")),
    _case("PRE-079", "the given network is in another region", world=lab(),
          state=moved(LAB_ID, "centralus")),
    _case("PRE-080", "a subnet of the given network is full", 82,
          world=_shared("web", "10.1.2.6", web="10.1.2.0/29")),
    _case("PRE-081", "the given network has other ranges", world=lab(
        "10.77.0.0/16", data="10.77.0.0/24", app="10.77.1.0/24", web="10.77.2.0/24")),
    _case("PRE-082", "somebody in the given network holds an address",
          world=_shared("data", "10.1.0.4")),
    _case("PRE-083", "a subnet of the given network is delegated", world=lab(),
          state=subnet(LAB_ID, "data", delegations=[
              {"name": "sql", "properties": {"serviceName": "Microsoft.Sql/managedInstances"}}])),
]  # fmt: skip
HEALTHY = Case("", "a network is given that is as the target's", plan=use_the_lab, world=lab())
