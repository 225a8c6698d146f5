"""Has the target network room, addresses and names for every copy?"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, ip_address

from muster.checks.verdict import Verdict
from muster.gateway.values import Json, Resource
from muster.plan.actions import Operation
from muster.plan.model import Vm
from muster.steps.preflight_checks.check import (
    Area,
    N,
    S,
    T,
    each,
    failed,
    none_of,
    passed,
    rows_of,
)
from muster.steps.preflight_checks.dns_zones import zones_are_linked
from muster.steps.preflight_checks.facts import Facts, NotRead
from muster.steps.preflight_checks.landing import (
    each_subnet,
    landing_subnets,
    subnet_named,
    subnet_of_card,
)
from muster.steps.preflight_checks.told import (
    known,
    listed_or_none,
    overlap,
    part,
    text,
    texts_of,
)
from muster.steps.preflight_checks.told import network as network_of
from muster.steps.preflight_checks.vault import region

KEPT_BY_AZURE = 5
"""Of every subnet: the first four addresses and the last.
https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"""
AZURES_OWN = frozenset({"168.63.129.16"})
AZURES_RESOLVER = "Azure's own resolver"
CONNECTED = "connected"
"""Any other state of a peering lets nothing through."""


def group_exists(facts: Facts) -> Verdict:
    facts.need("target_group")
    if facts.target_group is None:
        return failed(f"there is no group {facts.target_group_id}")
    return passed(facts.target_group.id)


def network_in_target(facts: Facts) -> Verdict:
    network = facts.landing
    if network is None:
        return failed(f"there is no network {facts.landing_id}")
    where = known(network.location, "the network's region")
    if region(where) == region(facts.plan.target.region):
        return passed(f"it is in {where}")
    return failed(f"it is in {where}, not in {facts.plan.target.region}")


def addresses_suffice(facts: Facts) -> Verdict:
    """A mirror is empty; in a network that is used, others hold addresses already."""

    def problem(subnet: Json, count: int) -> str | None:
        used = 0 if _is_mirrored(facts) else len(listed_or_none(subnet, "ipConfigurations"))
        free = sum(one.num_addresses - KEPT_BY_AZURE for one in _ranges(subnet)) - used
        return f"{max(0, free)} addresses free, {count} needed" if free < count else None

    return each_subnet(facts, problem, "every subnet has addresses for its copies")


def wanted_addresses_fit(facts: Facts) -> Verdict:
    """An address without a subnet of the plan's lies in that of the item's card."""
    wanted = {
        f"{vm.name}" if number == 0 else f"{vm.name}'s card {number + 1}": (vm, number)
        for vm in facts.plan.all_vms
        for number, nic in enumerate(vm.nics)
        if nic.private_ip
    }
    if not wanted:
        return passed("the plan wants no address")
    subnets = landing_subnets(facts)
    whose: dict[str, str] = {}

    def problem(one: tuple[Vm, int]) -> str | None:
        vm, number = one
        address = str(vm.nics[number].private_ip)
        if address in whose:
            return f"{address} is wanted for {whose[address]} already"
        whose[address] = vm.name
        name = subnet_of_card(facts, vm, number)
        said = _misfit(ip_address(address), subnet_named(subnets, name))
        return f"{address} {said} {name}" if said else None

    return each(wanted, problem, "every address that the plan wants lies in its subnet")


def wanted_addresses_are_free(facts: Facts) -> Verdict:
    """In a mirror, which is made for the drill, nobody holds any yet."""
    if _is_mirrored(facts):
        return passed("the drill network is made anew")
    landing_subnets(facts)
    facts.need("target_addresses")
    problems = {
        vm: f"{address} belongs to {facts.target_addresses[address]}"
        for vm, address in _wanted(facts)
        if address in facts.target_addresses
    }
    return none_of(problems, "nobody there holds an address that is wanted")


def subnets_take_machines(facts: Facts) -> Verdict:
    """A subnet that is delegated to a service of Azure's takes no VM."""

    def problem(subnet: Json, _: int) -> str | None:
        said = _delegated(subnet)
        return f"it is delegated to {', '.join(said)}" if said else None

    return each_subnet(facts, problem, "no subnet that is needed is delegated to a service")


def names_resolve(facts: Facts) -> Verdict:
    """Each custom DNS server lies in the target region: in the target network or a peer of it."""
    network = _target(facts)
    if network is None:
        return failed(f"there is no network {facts.target_network_id}")
    servers = _dns_servers(network)
    home = region(known(network.location, "the target network's region"))

    def problem(server: str) -> str | None:
        if server in AZURES_OWN or _lies_in(server, network):
            return None
        stands = [one for one in _peered(facts, network) if _lies_in(server, one[1])]
        if not stands:
            why = "no network that is peered with the target holds it"
            raise NotRead(facts.unread.get("peers", why))
        said = [_not_near(peering, network, home) for peering, network in stands]
        return None if None in said else f"it stands in {said[0]}"

    told = ", ".join(servers) or AZURES_RESOLVER
    return each(
        {one: one for one in servers}, problem, f"{told}: in the target region",
        if_none=f"{AZURES_RESOLVER}: wherever the network is",
    )  # fmt: skip


def _not_near(peering: Json, network: Resource, home: str) -> str | None:
    """What keeps a peered network from serving where copies come up; raises NotRead."""
    state = text(part(peering, "properties"), "peeringState")
    if state.casefold() != CONNECTED:
        return f"{network.name}, and the peering with it is {state}"
    where = known(network.location, "a region")
    return None if region(where) == home else f"{network.name} in {where}"


def _peered(facts: Facts, network: Resource) -> Iterator[tuple[Json, Resource]]:
    """Every peering of a network, with the network at its other end, if that was found."""
    for peering in listed_or_none(network.properties, "virtualNetworkPeerings"):
        remote = text(part(part(peering, "properties"), "remoteVirtualNetwork"), "id")
        if (found := facts.peers.get(remote)) is not None:
            yield peering, found


def _dns_servers(network: Resource) -> list[str]:
    """Azure leaves the options out where a network has none: then its own resolver answers."""
    properties = part(network.raw, "properties")
    if properties.get("dhcpOptions") is None:
        return []
    return texts_of(part(properties, "dhcpOptions"), "dnsServers")


def _is_mirrored(facts: Facts) -> bool:
    """Whether copies come up in a network that is yet to be made."""
    return facts.operation is Operation.DRILL and bool(facts.plan.drill.network.create)


def _target(facts: Facts) -> Resource | None:
    facts.need("target_network")
    return facts.target_network


def _wanted(facts: Facts) -> Iterator[tuple[str, str]]:
    """VM and address of every address that the plan names."""
    for vm in facts.plan.all_vms:
        for nic in vm.nics:
            if nic.private_ip:
                yield vm.name, nic.private_ip


def _ranges(subnet: Json) -> list[IPv4Network]:
    """The ranges of a subnet, one at least; raises NotRead, also for one that is none."""
    told = [one for one in (subnet.get("addressPrefix"), *_list(subnet, "addressPrefixes")) if one]
    known(told or None, "a subnet's range")
    found = [network_of(str(one)) for one in dict.fromkeys(told)]
    return [one for one in found if isinstance(one, IPv4Network)]


def _misfit(address: object, subnet: Json) -> str | None:
    """Why an address cannot be had in a subnet."""
    for space in _ranges(subnet):
        if isinstance(address, IPv4Address) and address in space:
            place = int(address) - int(space.network_address)
            is_kept = place < KEPT_BY_AZURE - 1 or place == space.num_addresses - 1
            return "is one of those that Azure keeps in" if is_kept else None
    return "lies outside subnet"


def _delegated(subnet: Json) -> list[str]:
    """Azure leaves the key out where nothing is delegated."""
    return [
        text(part(one, "properties"), "serviceName")
        for one in listed_or_none(subnet, "delegations")
    ]


def _lies_in(address: str, network: Resource) -> bool:
    spaces = texts_of(part(network.properties, "addressSpace"), "addressPrefixes")
    here = network_of(address)
    return any(overlap(here, network_of(space)) for space in spaces)


def _list(holder: Json, key: str) -> list[str]:
    return texts_of(holder, key) if holder.get(key) else []


CHECKS = rows_of(
    Area.NETWORK,
    ("PRE-078", "the target resource group exists", S, S, N,
     "`muster replicate PLAN` makes it in the target region; or correct "
     "`target.resource_group`.", group_exists),
    ("PRE-079", "the network that VMs come up in is in the target region", S, S, N,
     "Correct `target.network`, `drill.network.use` or `target.region` in the plan.",
     network_in_target),
    ("PRE-080", "every subnet has addresses for its copies", S, S, N,
     "Widen the subnet, or remove what nobody uses; Azure keeps five addresses of each.",
     addresses_suffice),
    ("PRE-081", "every address that the plan wants lies in its subnet", S, S, N,
     "Correct `private_ip` or `subnet` of the VM named.", wanted_addresses_fit),
    ("PRE-082", "every address that the plan wants is free where it is wanted", T, S, N,
     "Free the address, or plan another one: Azure gives none twice.",
     wanted_addresses_are_free),
    ("PRE-083", "no subnet that is needed is delegated to a service", S, S, N,
     "Take the delegation away, or use another subnet: no VM can stand in that one.",
     subnets_take_machines),
    ("PRE-084", "the target network's DNS servers are in the target region", T, S, N,
     "Set up a DNS server in the target region and name it in the target network.",
     names_resolve),
    ("PRE-085", "every private DNS zone of the source is linked to the target", N, T, N,
     "Link the zone to the target network: recovered VMs resolve no name in it otherwise.",
     zones_are_linked),
)  # fmt: skip
