"""Where would the copies of a drill land: as their items' own test settings say, held to the plan.

Only what an item is set to counts in Azure, whatever the plan says; a test failover takes an
item's test settings (`tfo…`), and where these say nothing those for a failover.
https://learn.microsoft.com/azure/site-recovery/azure-to-azure-customize-networking
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from muster.checks.verdict import Verdict
from muster.gateway.ids import key_of
from muster.gateway.values import Json, ProtectedItem
from muster.plan.machines import Nic
from muster.steps.preflight_checks.check import Area, N, S, each_item, rows_of
from muster.steps.preflight_checks.facts import Facts
from muster.steps.preflight_checks.raw import bare, cards_of, ids_in, subnet_of, subnets_of
from muster.steps.preflight_checks.told import flag, maybe, network, overlap, some

NOTHING_SAID = Nic()


def copies_land_as_planned(facts: Facts) -> Verdict:
    """A copy in another subnet, or at another address, is no copy of what a failover makes."""
    there = subnets_of(facts.landing) if facts.landing else {}

    def problem(vm: str, item: ProtectedItem) -> str | None:
        found = [
            said
            for nic, card in zip_longest(facts.plan.vm(vm).nics, cards_of(item))
            for said in _astray(nic or NOTHING_SAID, card, there)
        ]
        return "; ".join(found) or None

    return each_item(facts, problem, "every copy lands where the plan says, or a failover would")


def _astray(nic: Nic, card: Json | None, there: Mapping[str, Json]) -> Iterator[str]:
    """What leads the addresses of a card elsewhere; the plan speaks of the primary one."""
    for config in some(card, "ipConfigs") if card else ():
        said = nic if flag(config, "isPrimary") else NOTHING_SAID
        yield from _other_subnet(said, config)
        yield from _other_address(said, config, there)


def _other_subnet(nic: Nic, config: Json) -> Iterator[str]:
    own, planned = maybe(config, "tfoSubnetName"), nic.test.subnet
    if own is None and planned is None:
        return  # as in a failover, of which there is a check of its own
    landing = maybe(config, "recoverySubnetName")
    goes, wanted = own or landing, planned or nic.subnet or landing
    if bare(goes) != bare(wanted):
        yield f"a test puts it into subnet {goes or 'none'}, not {wanted or 'any'}"


def _other_address(nic: Nic, config: Json, there: Mapping[str, Json]) -> Iterator[str]:
    own, planned = maybe(config, "tfoStaticIPAddress"), nic.test.private_ip
    if own is None and planned is None:
        return
    landing = maybe(config, "recoveryStaticIPAddress")
    is_moved = nic.test.subnet is not None and bare(nic.test.subnet) != bare(nic.subnet)
    goes, wanted = own or landing, planned or (None if is_moved else nic.private_ip or landing)
    if goes != wanted:
        yield f"a test puts it at {goes or 'any address'}, not at {wanted or 'any'}"
    elif goes and not _has(there.get(bare(subnet_of(config, is_test=True)), {}), goes):
        yield f"a test puts it at {goes}, which lies outside its subnet"


def _has(subnet: Json, address: str) -> bool:
    """Whether a subnet has an address; of one that is not there a check of its own tells."""
    ranges = [subnet.get("addressPrefix"), *(subnet.get("addressPrefixes") or ())]
    spaces = [network(str(one)) for one in ranges if one]
    return not spaces or any(overlap(network(address), space) for space in spaces)


def nothing_is_lent(facts: Facts) -> Verdict:
    """A card of production's, or a pool of its balancer, would bring a copy among the living."""

    def problem(vm: str, item: ProtectedItem) -> str | None:
        lent = [
            one
            for nic, card in zip_longest(facts.plan.vm(vm).nics, cards_of(item))
            for one in _lent(nic or NOTHING_SAID, card)
        ]
        return f"its own test settings name {', '.join(lent)}" if lent else None

    return each_item(facts, problem, "no item's own test settings name what the plan does not")


def _lent(nic: Nic, card: Json | None) -> Iterator[str]:
    """What a card's test settings name and the plan's `test` does not."""
    if card is None:
        return
    is_reused = flag(card, "tfoReuseExistingNic")
    name, group = maybe(card, "tfoRecoveryNicName"), maybe(card, "tfoRecoveryNicResourceGroupName")
    if is_reused or name or group:
        yield f"the network card {name or '(any)'}{f' in group {group}' if group else ''}"
    wall = maybe(card, "tfoNetworkSecurityGroupId")
    if wall and not _is_named(wall, (nic.test.network_security_group or "",)):
        yield f"the security group {wall}"
    for config in some(card, "ipConfigs"):
        named = nic.test.backend_pools if flag(config, "isPrimary") else ()
        pools = ids_in(config, "tfoLBBackendAddressPoolIds")
        yield from (f"the pool {one}" for one in pools if not _is_named(one, named))


def _is_named(arm_id: str, names: Iterable[str]) -> bool:
    """Whether one of the plan's names means a thing: its id, NAME, or BALANCER/POOL."""
    parts = key_of(arm_id).split("/")
    ways = {key_of(arm_id), parts[-1], f"{parts[-3]}/{parts[-1]}" if len(parts) > 2 else ""}
    return any(name and key_of(name) in ways for name in names)


CHECKS = rows_of(
    Area.ITEMS,
    ("PRE-116", "no copy lands in another subnet or at another address than the plan says",
     S, N, N,
     "`muster replicate PLAN` sets what the plan says; clear what else the item's test failover "
     "settings name, or say it in the plan (`nics: [{test: …}]`).", copies_land_as_planned),
    ("PRE-117", "no item's own test settings name a card, group or pool beside the plan", S, N, N,
     "Clear it in the item's test failover settings: a copy would take a card, a rule or a place "
     "behind a balancer that is not its own. Or name it in the plan (`nics: [{test: …}]`).",
     nothing_is_lent),
)  # fmt: skip
