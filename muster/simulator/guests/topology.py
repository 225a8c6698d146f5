"""Who stands where: NICs, subnets, address spaces, peerings and routes, read from ARM bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from muster.simulator.guests.contract import WorldView

Body = Mapping[str, Any]

# What Azure routes nowhere unless something more specific says so.
# https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
_RESERVED = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


@dataclass(frozen=True, slots=True)
class Worker:
    """The place of Muster's own worker: an address in a modelled network, without a NIC."""

    network_id: str
    address: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of one VM (or of the worker) in one subnet."""

    vm_id: str | None  # None: the worker
    network_id: str
    subnet_id: str | None
    address: IPv4Address
    nsg_id: str | None = None  # of the NIC
    asg_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a subnet sends packets for an address; `network_id` only where they are delivered."""

    kind: str
    network_id: str | None = None


def fold(arm_id: str) -> str:
    """An ARM id in the form ids are compared in."""
    return arm_id.rstrip("/").lower()


def reference(holder: Any, key: str) -> str | None:
    """The id in `{"key": {"id": …}}`, or None."""
    found = (holder or {}).get(key) or {}
    return found.get("id") or None


def prefixes(properties: Body, one: str, many: str) -> list[str]:
    """ARM says a value once (`addressPrefix`) or as a list (`addressPrefixes`)."""
    single = properties.get(one)
    return [*([single] if single else []), *(properties.get(many) or [])]


def ranges(texts: Sequence[str]) -> list[IPv4Network]:
    """The IPv4 ranges among `texts`; service tags and IPv6 are not modelled and left out."""
    found = []
    for text in texts:
        try:
            found.append(IPv4Network(text, strict=False))
        except (AddressValueError, NetmaskValueError, ValueError):
            continue
    return found


class Topology:
    """What the world's ARM bodies say about its networks, at the moment of asking."""

    def __init__(self, view: WorldView) -> None:
        self._view = view

    def children(self, parent_id: str, embedded: str, arm_type: str) -> list[Body]:
        """Child resources, whether the parent's body carries them or they stand on their own."""
        parent = self._view.resource(parent_id) or {}
        inside = list((parent.get("properties") or {}).get(embedded) or [])
        named = {str(child.get("name", "")).lower() for child in inside}
        under = fold(parent_id) + "/"
        alone = [
            body
            for body in self._view.resources(arm_type)
            if fold(str(body.get("id", ""))).startswith(under)
            and str(body.get("name", "")).lower().rpartition("/")[2] not in named
        ]
        return inside + alone

    def space(self, network_id: str) -> list[IPv4Network]:
        """The address space of a virtual network; empty if there is no such network."""
        properties = (self._view.resource(network_id) or {}).get("properties") or {}
        return ranges((properties.get("addressSpace") or {}).get("addressPrefixes") or [])

    def subnets(self, network_id: str) -> list[Body]:
        """Subnets of a network, each with an `id`."""
        found = self.children(network_id, "subnets", "Microsoft.Network/virtualNetworks/subnets")
        return [
            {**body, "id": body.get("id") or f"{network_id}/subnets/{body.get('name')}"}
            for body in found
        ]

    def subnet(self, subnet_id: str | None) -> Body:
        """The properties of a subnet; empty if it is not known."""
        if subnet_id is None:
            return {}
        network_id = network_of(subnet_id)
        for body in self.subnets(network_id):
            if fold(body["id"]) == fold(subnet_id):
                return body.get("properties") or {}
        return {}

    def peers(self, network_id: str) -> list[str]:
        """Ids of the networks peered with this one, where both sides say Connected."""
        return [
            remote
            for remote in self._half_peers(network_id)
            if fold(network_id) in map(fold, self._half_peers(remote))
        ]

    def _half_peers(self, network_id: str) -> list[str]:
        kind = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings"
        found = []
        for body in self.children(network_id, "virtualNetworkPeerings", kind):
            properties = body.get("properties") or {}
            connected = str(properties.get("peeringState", "")).lower() == "connected"
            # With access off, Azure takes the peer out of the tag VirtualNetwork, and only a rule
            # of an NSG may let traffic through. That is not modelled: off means no way.
            access = properties.get("allowVirtualNetworkAccess", True)
            remote = reference(properties, "remoteVirtualNetwork")
            if connected and access and remote:
                found.append(remote)
        return found

    def virtual_network_tag(self, network_id: str) -> list[IPv4Network]:
        """What the tag VirtualNetwork means inside a network: its own space and its peers'."""
        spaces = self.space(network_id)
        for peer in self.peers(network_id):
            spaces += self.space(peer)
        return spaces

    def next_hop(self, network_id: str, subnet_id: str | None, address: IPv4Address) -> Hop:
        """The effective route: the longest prefix wins, and of equals the user's own route."""
        local = Hop("VnetLocal", network_id)
        routes = [(n.prefixlen, 0, local) for n in self.space(network_id) if address in n]
        # Azure refuses to peer overlapping spaces; if a world has it all the same, the own wins.
        for peer in self.peers(network_id) if not routes else ():
            hop = Hop("VNetPeering", peer)
            routes += [(n.prefixlen, 0, hop) for n in self.space(peer) if address in n]
        routes += [(n.prefixlen, 0, Hop("None")) for n in ranges(_RESERVED) if address in n]
        user_routes = self._user_routes(network_id, subnet_id)
        routes += [(n.prefixlen, 1, hop) for n, hop in user_routes if address in n]
        return max([_OUT, *routes], key=lambda route: route[:2])[2]

    def _user_routes(
        self, network_id: str, subnet_id: str | None
    ) -> Iterator[tuple[IPv4Network, Hop]]:
        table = reference(self.subnet(subnet_id), "routeTable")
        if table is None:
            return
        for body in self.children(table, "routes", "Microsoft.Network/routeTables/routes"):
            properties = body.get("properties") or {}
            kind = str(properties.get("nextHopType", "None"))
            local = network_id if kind.lower() == "vnetlocal" else None
            for net in ranges([str(properties.get("addressPrefix", ""))]):
                yield net, Hop(kind, local)

    def endpoints(self) -> list[Endpoint]:
        """Every address of every VM."""
        vms = self._view.resources("Microsoft.Compute/virtualMachines")
        return [end for vm in vms for end in self._endpoints_of(vm)]

    def endpoints_of(self, vm_id: str) -> list[Endpoint]:
        """The addresses of one VM, those of its primary NIC first."""
        vm = self._view.resource(vm_id)
        return self._endpoints_of(vm) if vm else []

    def _endpoints_of(self, vm: Body) -> list[Endpoint]:
        profile = (vm.get("properties") or {}).get("networkProfile") or {}
        nics = profile.get("networkInterfaces") or []
        nics = sorted(
            nics, key=lambda nic: not (nic.get("properties") or {}).get("primary", False)
        )
        found: list[Endpoint] = []
        for nic in nics:
            body = self._view.resource(str(nic.get("id", ""))) or {}
            found += _addresses(str(vm.get("id", "")), body.get("properties") or {})
        return found

    def worker(self, worker: Worker) -> Endpoint:
        """The worker as an endpoint: its subnet is the one its address lies in."""
        address = IPv4Address(worker.address)
        for body in self.subnets(worker.network_id):
            properties = body.get("properties") or {}
            if any(address in net for net in subnet_ranges(properties)):
                return Endpoint(None, worker.network_id, body["id"], address)
        return Endpoint(None, worker.network_id, None, address)


_OUT = (0, 0, Hop("Internet"))


def subnet_ranges(properties: Body) -> list[IPv4Network]:
    """The address ranges of a subnet's properties."""
    return ranges(prefixes(properties, "addressPrefix", "addressPrefixes"))


def network_of(subnet_id: str) -> str:
    """The id of the network a subnet's id names."""
    at = subnet_id.lower().find("/subnets/")
    return subnet_id if at < 0 else subnet_id[:at]


def _addresses(vm_id: str, nic: Body) -> Iterator[Endpoint]:
    for configuration in nic.get("ipConfigurations") or []:
        properties = configuration.get("properties") or {}
        subnet_id = reference(properties, "subnet")
        try:
            address = IPv4Address(str(properties.get("privateIPAddress", "")))
        except AddressValueError:
            continue  # no address yet, or IPv6
        if subnet_id is None:
            continue
        groups = properties.get("applicationSecurityGroups") or []
        yield Endpoint(
            vm_id=vm_id,
            network_id=network_of(subnet_id),
            subnet_id=subnet_id,
            address=address,
            nsg_id=reference(nic, "networkSecurityGroup"),
            asg_ids=frozenset(fold(str(group.get("id", ""))) for group in groups),
        )
