"""What the plan wants for recovered VMs is gone, and no item names it: only the plan does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from muster.plan.actions import Operation
from tests.preflight.bending import (
    GROUPS,
    TARGET,
    Raw,
    all_of,
    of_item,
    of_plan,
    resource,
    source,
    with_resource,
)
from tests.preflight.cases_of_given_networks import SUBNETS, lab, use_the_lab
from tests.preflight.cases_of_own_settings import BALANCER, POOL, WALL, in_test
from tests.preflight.cases_of_replication import ids
from tests.preflight.faults import answering, faults
from tests.preflight.looking import Case

FAILOVER = Operation.FAILOVER
SINCE = ids(101)  # the plan is another than the one that was drilled last
COMPUTE, NETWORK = "Microsoft.Compute", "Microsoft.Network"
SETS, NEAR = f"{COMPUTE}/availabilitySets", f"{COMPUTE}/proximityPlacementGroups"
RESERVED, KEYS = f"{COMPUTE}/capacityReservationGroups", f"{COMPUTE}/diskEncryptionSets"
WALLS, ADDRESSES = f"{NETWORK}/networkSecurityGroups", f"{NETWORK}/publicIPAddresses"
NO = {"answer": {"status": 403, "code": "AuthorizationFailed", "message": "not for you"}}
ALIGNED = {"name": "Aligned"}
CMK = {"type": "EncryptionAtRestWithCustomerKey"}
SQL1 = ("groups", 0, "vms", 0)
OF_WEB1 = ("groups", 2, "vms", 0, "nics", 0)


def there(kind: str, name: str, location: str = "westus2", **facts: Any) -> Callable[[Raw], Any]:
    return with_resource(kind, name, location=location, **facts)


def of_sql1(**said: Any) -> Callable[[Raw], Any]:
    """What the plan says of sql1."""
    return lambda plan: plan["groups"][0]["vms"][0].update(said)


def of_all(**said: Any) -> Callable[[Raw], Any]:
    """What it says of where all VMs stand."""
    return of_plan("replication", "availability", value=said)


def of_card(**said: Any) -> Callable[[Raw], Any]:
    """What it says of the only card of web1."""
    return lambda plan: plan["groups"][2]["vms"][0]["nics"][0].update(said)


def thing_id(kind: str, name: str, group: str = TARGET) -> str:
    return f"{group}/providers/{kind}/{name}"


encrypted = resource(source(f"{COMPUTE}/disks", "sql1-data"), encryption=CMK)
own_keys = of_sql1(disks={"encryption_set": "des"})

CASES = [
    # --- of a test -------------------------------------------------------------------------------
    Case("PRE-122", "the security group for tests is gone",
         plan=in_test(network_security_group="nsg-test")),
    Case("PRE-122", "the balancer for tests is gone", plan=in_test(backend_pools=["lb/web"])),
    Case("PRE-122", "the balancer for tests has no such pool", world=BALANCER,
         plan=in_test(backend_pools=["lb/api"])),
    Case("PRE-122", "the security group for tests stands in the source region",
         world=there(WALLS, "nsg-test", "eastus"),
         plan=in_test(network_security_group="nsg-test")),
    Case("PRE-122", "the security group for tests may not be read", result="not evidenced",
         world=WALL, plan=in_test(network_security_group="nsg-test"),
         faults=faults(answering(f"get {WALLS}", NO))),
    # --- of every copy ---------------------------------------------------------------------------
    Case("PRE-123", "an availability set that is named by its id is gone",
         plan=of_sql1(availability_set=thing_id(SETS, "as-sql"))),
    Case("PRE-123", "the availability set stands in another region",
         world=there(SETS, "as-sql", "centralus", sku=ALIGNED),
         plan=of_sql1(availability_set="as-sql")),
    Case("PRE-123", "a proximity placement group is gone", SINCE, operation=FAILOVER,
         plan=of_all(proximity_group="ppg")),
    Case("PRE-123", "a capacity reservation group is gone",
         plan=of_sql1(capacity_reservation="crg")),
    Case("PRE-123", "the availability set is of the kind for disks that are not managed",
         world=there(SETS, "as-sql", sku={"name": "Classic"}),
         plan=of_sql1(availability_set="as-sql")),
    Case("PRE-123", "the disk encryption set of a disk under a key of its own is gone",
         plan=own_keys, state=encrypted),
    Case("PRE-123", "whose key the disks are under is not told", result="not evidenced",
         plan=own_keys, world=there(KEYS, "des"),
         state=resource(source(f"{COMPUTE}/disks", "sql1-data"), encryption=None)),
    # --- of a failover ---------------------------------------------------------------------------
    Case("PRE-124", "the security group after a failover is gone, which a drill is told",
         plan=of_card(network_security_group="nsg-test")),
    Case("PRE-124", "the public address after a failover is gone", SINCE, operation=FAILOVER,
         plan=of_card(public_ip_address="pip")),
    Case("PRE-124", "the public address stands in another group than its id says", SINCE,
         operation=FAILOVER, world=there(ADDRESSES, "pip"),
         plan=of_card(public_ip_address=thing_id(ADDRESSES, "pip", f"{GROUPS}/rg-hub"))),
    Case("PRE-124", "the balancer of a failover has no such pool", SINCE, operation=FAILOVER,
         world=BALANCER, plan=of_card(backend_pools=[POOL.format("api")])),
    Case("PRE-124", "the balancer of a failover has no pool at all", SINCE, operation=FAILOVER,
         world=there(f"{NETWORK}/loadBalancers", "lb", properties={"backendAddressPools": []}),
         plan=of_card(backend_pools=["lb/web"])),
    Case("PRE-124", "the subnet of a failover is not there, in which no copy comes up", ids(53),
         plan=all_of(use_the_lab, of_plan(*OF_WEB1, "subnet", value="late"),
                     of_plan(*OF_WEB1, "private_ip")),
         world=lab(**SUBNETS, late="10.1.3.0/24")),
    # --- what items name as well is told by the checks of items alone ----------------------------
    Case("PRE-055", "an availability set that plan and item name is gone",
         plan=of_sql1(availability_set=thing_id(SETS, "gone")),
         state=of_item("sql1", target={"availability_set": thing_id(SETS, "gone")})),
    Case("PRE-076", "a reservation that plan and item name stands elsewhere", ids(77),
         plan=of_sql1(capacity_reservation="crg"), world=there(RESERVED, "crg", "centralus"),
         state=of_item("sql1", target={"capacity_group": thing_id(RESERVED, "crg")})),
]  # fmt: skip

HEALTHY = [
    Case("", "all that the plan wants is there",
         plan=all_of(
             own_keys, of_all(proximity_group="PPG", capacity_reservation="crg"),
             of_sql1(availability_set=thing_id(SETS, "AS-sql")),
             of_card(network_security_group="nsg-test", public_ip_address="pip",
                     backend_pools=["lb/WEB"]),
             in_test(network_security_group="nsg-test", backend_pools=[POOL.format("web")])),
         world=all_of(there(KEYS, "des"), there(NEAR, "ppg"), there(RESERVED, "crg"),
                      there(SETS, "as-sql", sku=ALIGNED), WALL, there(ADDRESSES, "pip"), BALANCER),
         state=encrypted),
    Case("", "the plan names an encryption set that no disk gets, and a set that is made",
         plan=all_of(own_keys, of_sql1(availability_set="as-new"))),
]  # fmt: skip
