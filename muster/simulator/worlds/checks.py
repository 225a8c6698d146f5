"""Mistakes between parts of a world file: doubled names, references to nothing, addresses.

Works on the raw text, so that these mistakes are reported together with those of single values.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from muster.simulator.identity.builtin_roles import BY_NAME

Loc = tuple[str | int, ...]
Mistake = tuple[Loc, str]


def mistakes_between(raw: dict[str, Any]) -> Iterator[Mistake]:
    """Every such mistake, with where it is."""
    yield from _doubled_names(raw)
    yield from _dangling(raw)
    yield from _identities(raw)
    for n, network in _entries(raw, "networks"):
        yield from _subnets(n, network)
    yield from _addresses(raw)


def _entries(raw: Any, key: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a list, with their places; anything else is for the model to report."""
    values = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(values, list):
        return []
    return [(n, value) for n, value in enumerate(values) if isinstance(value, dict)]


def _names(raw: dict[str, Any], key: str) -> set[Any]:
    return {value["name"] for _, value in _entries(raw, key) if isinstance(value.get("name"), str)}


def _doubled(entries: list[tuple[int, dict[str, Any]]], above: Loc, key: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for n, entry in entries:
        name = entry.get(key)
        if not isinstance(name, str):
            continue
        if name.lower() in seen:
            yield (*above, n, key), f"'{name}' is there twice"
        seen.add(name.lower())


def _doubled_names(raw: dict[str, Any]) -> Iterator[Mistake]:
    for key in ("groups", "networks", "vms", "vaults", "automation", "identities"):
        yield from _doubled(_entries(raw, key), (key,), "name")
    yield from _doubled(_entries(raw, "identities"), ("identities",), "client_id")
    for n, vault in _entries(raw, "vaults"):
        yield from _doubled(_entries(vault, "items"), ("vaults", n, "items"), "name")
        yield from _doubled(_entries(vault, "items"), ("vaults", n, "items"), "vm")
    for n, account in _entries(raw, "automation"):
        yield from _doubled(_entries(account, "runbooks"), ("automation", n, "runbooks"), "name")


def _lacks(value: Any, known: set[Any]) -> bool:
    return isinstance(value, str) and value not in known


def _dangling(raw: dict[str, Any]) -> Iterator[Mistake]:
    groups, networks = _names(raw, "groups"), _names(raw, "networks")
    for key in ("networks", "vms", "vaults", "automation", "resources"):
        for n, entry in _entries(raw, key):
            if _lacks(entry.get("group"), groups):
                yield (key, n, "group"), f"there is no group '{entry['group']}'"
    for n, network in _entries(raw, "networks"):
        for p, peer in enumerate(_list(network.get("peered_with"))):
            if _lacks(peer, networks) and not str(peer).startswith("/subscriptions/"):
                yield ("networks", n, "peered_with", p), f"there is no network '{peer}'"
    for n, vault in _entries(raw, "vaults"):
        yield from _dangling_in_vault(n, vault, raw)


def _dangling_in_vault(n: int, vault: dict[str, Any], raw: dict[str, Any]) -> Iterator[Mistake]:
    known = {"group": _names(raw, "groups"), "network": _names(raw, "networks")}
    for side in ("source", "target"):
        facts = _dict(vault.get(side))
        for key, names in known.items():
            if _lacks(facts.get(key), names):
                yield ("vaults", n, side, key), f"there is no {key} '{facts[key]}'"
    vms = _names(raw, "vms")
    for i, item in _entries(vault, "items"):
        if _lacks(item.get("vm"), vms):
            yield ("vaults", n, "items", i, "vm"), f"there is no VM '{item['vm']}'"


def _identities(raw: dict[str, Any]) -> Iterator[Mistake]:
    own = set(raw["roles"]) if isinstance(raw.get("roles"), dict) else set()
    for name in sorted(own & set(BY_NAME)):
        yield ("roles", name), f"'{name}' is a built-in role"
    roles = own | set(BY_NAME)
    for n, identity in _entries(raw, "identities"):
        for a, assignment in _entries(identity, "roles"):
            if _lacks(assignment.get("role"), roles):
                yield (
                    ("identities", n, "roles", a, "role"),
                    f"there is no role '{assignment['role']}'",
                )
    if _lacks(raw.get("client"), _names(raw, "identities")):
        yield ("client",), f"there is no identity '{raw['client']}'"


def _range(value: Any) -> IPv4Network | None:
    try:
        return IPv4Network(value)
    except (AddressValueError, NetmaskValueError, ValueError, TypeError):
        return None


def _subnets(n: int, network: dict[str, Any]) -> Iterator[Mistake]:
    ranges = [found for value in _list(network.get("ranges")) if (found := _range(value))]
    subnets = _dict(network.get("subnets"))
    seen: dict[str, IPv4Network] = {}
    for name, value in subnets.items():
        subnet = _range(value)
        if subnet is None:
            continue
        if ranges and not any(subnet.subnet_of(space) for space in ranges):
            yield ("networks", n, "subnets", name), f"{subnet} lies outside the network's ranges"
        for other, space in seen.items():
            if subnet.overlaps(space):
                yield ("networks", n, "subnets", name), f"{subnet} overlaps with subnet '{other}'"
        seen[name] = subnet


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _addresses(raw: dict[str, Any]) -> Iterator[Mistake]:
    networks = {entry.get("name"): entry for _, entry in _entries(raw, "networks")}
    taken: dict[tuple[Any, Any], Any] = {}
    for n, vm in _entries(raw, "vms"):
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
    worker = raw.get("worker")
    if isinstance(worker, dict) and _lacks(worker.get("network"), set(networks)):
        yield ("worker", "network"), f"there is no network '{worker['network']}'"


def _placed(n: int, vm: dict[str, Any], network: dict[str, Any]) -> Iterator[Mistake]:
    subnets = _dict(network.get("subnets"))
    name = vm.get("subnet")
    if _lacks(name, set(subnets)):
        yield ("vms", n, "subnet"), f"network '{vm['network']}' has no subnet '{name}'"
        return
    space = _range(subnets.get(str(name)))
    try:
        address = IPv4Address(vm.get("address"))
    except (AddressValueError, ValueError, TypeError):
        return
    if space and address not in space:
        yield ("vms", n, "address"), f"{address} lies outside subnet '{name}' ({space})"
