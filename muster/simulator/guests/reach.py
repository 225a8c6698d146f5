"""Who reaches whom: a pure decision over the world's ARM bodies. No socket is touched here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from muster.simulator.guests.contract import WorldView
from muster.simulator.guests.nsg import Direction, Flow, refusing_rule
from muster.simulator.guests.topology import (
    Endpoint,
    Topology,
    Worker,
    fold,
    reference,
    subnet_ranges,
)

Who = (
    str | Worker | None
)  # a VM's id; the worker in a network; None: a worker outside every network
Running = Mapping[str, Collection[int]]  # folded id of each VM that is on -> its open ports


@dataclass(frozen=True, slots=True)
class Reached:
    """The connection ends at an open port of this VM."""

    vm_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A running VM answered that nothing listens there."""

    why: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nobody answers: the client waits until it gives up."""

    why: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The name means nothing where it was asked."""

    why: str


Verdict = Reached | Refused | Dropped | Unresolved


def decide(view: WorldView, who: Who, host: str, port: int, running: Running) -> Verdict:
    """What becomes of a TCP connection from `who` to `host` (a name or an IPv4 address)."""
    topology = Topology(view)
    mine = _places(topology, who)
    if not mine:
        return Dropped("the one who asks stands in no modelled network")
    if host.lower() == "localhost":
        host = "127.0.0.1"
    address = _address(host)
    if address is None:
        named = _named(view, topology, mine[0].network_id, host)
        if named is None:
            return Unresolved(f"no VM in reach is called {host}")
        address = named
    if address.is_loopback:
        return _knock(mine[0], port, running)
    source = _sending(topology, mine, address)
    destination = _destination(topology, source, address)
    if isinstance(destination, Dropped):
        return destination
    if destination.vm_id is not None and _is_same_vm(source, destination):
        return _knock(destination, port, running)
    why = _way_back(topology, source, destination) or _filtered(
        view, topology, Flow(source, destination, port)
    )
    return Dropped(why) if why else _knock(destination, port, running)


def _places(topology: Topology, who: Who) -> list[Endpoint]:
    if isinstance(who, Worker):
        return [topology.worker(who)]
    return topology.endpoints_of(who) if who else []


def _address(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None


def _named(view: WorldView, topology: Topology, network_id: str, name: str) -> IPv4Address | None:
    """The address of a VM by its name: in the own network first, then in the peered ones.

    Azure's own DNS knows one network; that a peered name resolves too stands for custom DNS.
    """
    everyone = topology.endpoints()
    for network in (network_id, *topology.peers(network_id)):
        for end in everyone:
            if fold(end.network_id) == fold(network) and _is_called(view, end, name):
                return end.address
    return None


def _is_called(view: WorldView, end: Endpoint, name: str) -> bool:
    vm_id = end.vm_id or ""
    guest = view.guest(vm_id)
    names = {vm_id.rpartition("/")[2].lower(), guest.name.lower() if guest else ""}
    return name.lower() in names


def _sending(topology: Topology, mine: list[Endpoint], address: IPv4Address) -> Endpoint:
    """Of several NICs the one in the destination's subnet sends, else the primary one."""
    for end in mine:
        if any(address in net for net in subnet_ranges(topology.subnet(end.subnet_id))):
            return end
    return mine[0]


def _destination(topology: Topology, source: Endpoint, address: IPv4Address) -> Endpoint | Dropped:
    """The endpoint that the source's own route leads to: an address alone says nothing."""
    hop = topology.next_hop(source.network_id, source.subnet_id, address)
    if hop.network_id is None:
        if hop.kind.lower() in {"virtualappliance", "virtualnetworkgateway"}:
            return Dropped(f"the route to {address} is {hop.kind}: what lies behind is unknown")
        return Dropped(f"{address} lies outside the modelled networks; the next hop is {hop.kind}")
    for end in topology.endpoints():
        if end.address == address and fold(end.network_id) == fold(hop.network_id):
            return end
    return Dropped(f"no VM has the address {address} in {_short(hop.network_id)}")


def _way_back(topology: Topology, source: Endpoint, destination: Endpoint) -> str | None:
    """Answers follow the routes of the destination's own subnet."""
    hop = topology.next_hop(destination.network_id, destination.subnet_id, source.address)
    if hop.network_id is not None and fold(hop.network_id) == fold(source.network_id):
        return None
    return f"answers from {destination.address} to {source.address} take the next hop {hop.kind}"


def _filtered(view: WorldView, topology: Topology, flow: Flow) -> str | None:
    """Why a security group drops the connection, or None."""
    out, in_ = flow.source, flow.destination
    gates: list[tuple[Direction, Endpoint, str | None]] = [
        ("Outbound", out, out.nsg_id),
        ("Outbound", out, reference(topology.subnet(out.subnet_id), "networkSecurityGroup")),
        ("Inbound", in_, reference(topology.subnet(in_.subnet_id), "networkSecurityGroup")),
        ("Inbound", in_, in_.nsg_id),
    ]
    for direction, end, group in gates:
        if group is None:
            continue
        if view.resource(group) is None:
            return f"security group {_short(group)} cannot be read"
        kind = "Microsoft.Network/networkSecurityGroups/securityRules"
        rules = topology.children(group, "securityRules", kind)
        tag = topology.virtual_network_tag(end.network_id)
        if rule := refusing_rule(rules, direction, flow, tag):
            return f"{direction.lower()} rule {rule} of {_short(group)}"
    return None


def _knock(end: Endpoint, port: int, running: Running) -> Verdict:
    """The VM's own answer. One that is off answers nothing at all, as in Azure."""
    if end.vm_id is None:
        return Refused("the worker listens to nothing")
    ports = running.get(fold(end.vm_id))
    if ports is None:
        return Dropped(f"{_short(end.vm_id)} is off")
    if port not in ports:
        return Refused(f"nothing listens on {_short(end.vm_id)}:{port}")
    return Reached(end.vm_id)


def _is_same_vm(one: Endpoint, other: Endpoint) -> bool:
    return one.vm_id is not None and fold(one.vm_id) == fold(other.vm_id or "")


def _short(arm_id: str) -> str:
    return arm_id.rpartition("/")[2]
