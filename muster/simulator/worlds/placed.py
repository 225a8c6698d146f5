"""Mistakes of place in a world file: ranges, addresses, and what stands in which region."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import IPv4Network
from typing import Any

from muster.simulator.arm.addresses import RESERVED_AT_END, RESERVED_AT_START
from muster.simulator.regions import KNOWN
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.raw import (
    Mistake,
    Raw,
    as_address,
    as_dict,
    as_list,
    as_range,
    entries,
    lacks,
    named,
)

_LOCATION = re.compile(r"[a-z0-9]+")


def mistakes(raw: Raw) -> Iterator[Mistake]:
    """Every such mistake, with where it is."""
    for n, network in entries(raw, "networks"):
        yield from _ranges(n, network)
        yield from _subnets(n, network)
        yield from _peers(n, network, named(raw, "networks"))
    yield from _addresses(raw)
    yield from _worker(raw)
    yield from _locations(raw)
    yield from _regions(raw)


def _ranges(n: int, network: Raw) -> Iterator[Mistake]:
    seen: list[IPv4Network] = []
    for i, value in enumerate(as_list(network.get("ranges"))):
        if (found := as_range(value)) is not None:
            for other in (space for space in seen if space.overlaps(found)):
                yield ("networks", n, "ranges", i), f"{found} overlaps with range {other}"
            seen.append(found)


def _peers(n: int, network: Raw, networks: dict[str, Raw]) -> Iterator[Mistake]:
    """Azure peers no networks whose ranges overlap."""
    own = _spaces(network)
    for p, peer in enumerate(as_list(network.get("peered_with"))):
        if isinstance(peer, str) and peer in networks and peer != network.get("name"):
            for space in _spaces(networks[peer]):
                if any(space.overlaps(mine) for mine in own):
                    yield (
                        ("networks", n, "peered_with", p),
                        f"its range {space} overlaps with this network's: Azure peers no such two",
                    )


def _spaces(network: Raw) -> list[IPv4Network]:
    return [space for value in as_list(network.get("ranges")) if (space := as_range(value))]


def _subnets(n: int, network: Raw) -> Iterator[Mistake]:
    ranges = _spaces(network)
    seen: dict[str, IPv4Network] = {}
    for name, value in as_dict(network.get("subnets")).items():
        subnet = as_range(value)
        if subnet is None:
            continue
        if ranges and not any(subnet.subnet_of(space) for space in ranges):
            yield ("networks", n, "subnets", name), f"{subnet} lies outside the network's ranges"
        for other, space in seen.items():
            if subnet.overlaps(space):
                yield ("networks", n, "subnets", name), f"{subnet} overlaps with subnet '{other}'"
        seen[name] = subnet


def _addresses(raw: Raw) -> Iterator[Mistake]:
    networks = named(raw, "networks")
    taken: dict[tuple[Any, Any], Any] = {}
    for n, vm in entries(raw, "vms"):
        if not isinstance(vm.get("network"), str):
            continue
        network = networks.get(vm["network"])
        if network is None:
            yield ("vms", n, "network"), f"there is no network '{vm['network']}'"
            continue
        yield from _placed(n, vm, network)
        place = (vm["network"], str(vm.get("address")))
        if place in taken:
            yield ("vms", n, "address"), f"{place[1]} belongs to '{taken[place]}' already"
        taken[place] = vm.get("name")


def _placed(n: int, vm: Raw, network: Raw) -> Iterator[Mistake]:
    subnets = as_dict(network.get("subnets"))
    name = vm.get("subnet")
    if lacks(name, set(subnets)):
        yield ("vms", n, "subnet"), f"network '{vm['network']}' has no subnet '{name}'"
        return
    space, address = as_range(subnets.get(str(name))), as_address(vm.get("address"))
    if space is None or address is None:
        return
    if address not in space:
        yield ("vms", n, "address"), f"{address} lies outside subnet '{name}' ({space})"
        return
    number = int(address) - int(space.network_address)
    if not RESERVED_AT_START <= number < space.num_addresses - RESERVED_AT_END:
        yield (
            ("vms", n, "address"),
            f"{address} is one of those Azure keeps in every subnet: the first four and the last",
        )


def _worker(raw: Raw) -> Iterator[Mistake]:
    worker, networks = as_dict(raw.get("worker")), named(raw, "networks")
    name = worker.get("network")
    if lacks(name, set(networks)):
        yield ("worker", "network"), f"there is no network '{name}'"
    elif isinstance(name, str):
        address = as_address(worker.get("address"))
        spaces = _spaces(networks[name])
        if address and spaces and not any(address in space for space in spaces):
            yield ("worker", "address"), f"{address} lies outside network '{name}'"
        for _, vm in entries(raw, "vms"):
            if address and vm.get("network") == name and as_address(vm.get("address")) == address:
                yield ("worker", "address"), f"{address} belongs to '{vm.get('name')}' already"


def _locations(raw: Raw) -> Iterator[Mistake]:
    """A location is written as Azure answers it."""
    found: list[tuple[Loc, Any]] = [
        ((key, n, "location"), entry.get("location"))
        for key in ("groups", "resources", "quotas")
        for n, entry in entries(raw, key)
    ]
    for n, vault in entries(raw, "vaults"):
        found += [(("vaults", n, side, "location"), as_dict(vault.get(side)).get("location"))
                  for side in ("source", "target")]  # fmt: skip
    for loc, value in found:
        if not isinstance(value, str) or value in KNOWN:
            continue
        if not _LOCATION.fullmatch(value):
            yield loc, f"'{value}' is no location: they are written like westus2"
        else:
            yield loc, f"Azure has no region '{value}'{_nearly(value)}"


def _nearly(region: str) -> str:
    close = get_close_matches(region, KNOWN, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _regions(raw: Raw) -> Iterator[Mistake]:
    """A VM stands in its network's region; a vault's sides in theirs, and they differ."""
    groups = {name: group.get("location") for name, group in named(raw, "groups").items()}
    networks = {name: groups.get(_text(network, "group"))
                for name, network in named(raw, "networks").items()}  # fmt: skip
    for n, vm in entries(raw, "vms"):
        here, there = groups.get(_text(vm, "group")), networks.get(_text(vm, "network"))
        if here and there and here != there:
            yield (
                ("vms", n, "network"),
                f"network '{vm['network']}' is in {there}, its group '{vm['group']}' in {here}",
            )
    vms = {name: groups.get(_text(vm, "group")) for name, vm in named(raw, "vms").items()}
    for n, vault in entries(raw, "vaults"):
        yield from _sides(n, vault, groups, networks)
        source = as_dict(vault.get("source")).get("location")
        for i, item in entries(vault, "items"):
            stands = vms.get(_text(item, "vm"))
            if stands and isinstance(source, str) and stands != source:
                yield (
                    ("vaults", n, "items", i, "vm"),
                    f"VM '{item['vm']}' is in {stands}, not in the vault's source {source}",
                )


def _sides(n: int, vault: Raw, groups: Raw, networks: Raw) -> Iterator[Mistake]:
    locations = {}
    for side in ("source", "target"):
        facts = as_dict(vault.get(side))
        locations[side] = here = facts.get("location")
        there = networks.get(_text(facts, "network"))
        if here and there and here != there:
            yield (
                ("vaults", n, side, "network"),
                f"network '{facts['network']}' is in {there}, not in {here}",
            )
    source = locations["source"]
    if isinstance(source, str) and source == locations["target"]:
        yield ("vaults", n, "target", "location"), f"source and target are both in {source}"
    elif isinstance(source, str) and groups.get(_text(vault, "group")) == source:
        yield ("vaults", n, "group"), f"a vault cannot be in the region it protects, {source}"


def _text(raw: Raw, key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""
