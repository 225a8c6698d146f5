"""Mistakes between parts of a world file: doubled names, and references to nothing.

Works on the raw text, so that these mistakes are reported together with those of single values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from muster.simulator.arm.networks import GROUP as NSG
from muster.simulator.identity.builtin_roles import BY_NAME
from muster.simulator.worlds import placed, ruled
from muster.simulator.worlds.lines import Loc
from muster.simulator.worlds.raw import (
    Mistake,
    Raw,
    as_dict,
    as_list,
    doubled,
    entries,
    lacks,
    names,
)


def mistakes_between(raw: Raw) -> Iterator[Mistake]:
    """Every such mistake, with where it is."""
    yield from _doubled_names(raw)
    yield from _dangling(raw)
    yield from _identities(raw)
    yield from placed.mistakes(raw)
    yield from ruled.mistakes(raw)


def _doubled_names(raw: Raw) -> Iterator[Mistake]:
    for key in ("groups", "networks", "vms", "vaults", "automation", "identities", "policies"):
        yield from doubled(entries(raw, key), (key,), "name")
    for key in ("client_id", "object_id"):
        yield from doubled(entries(raw, "identities"), ("identities",), key)
    yield from doubled(entries(raw, "quotas"), ("quotas",), "location")
    yield from doubled(entries(raw, "locks"), ("locks",), "name", within="scope")
    for n, account in entries(raw, "automation"):
        yield from doubled(entries(account, "runbooks"), ("automation", n, "runbooks"), "name")
    yield from _doubled_items(raw)
    yield from _doubled_disks(raw)
    for n, vm in entries(raw, "vms"):
        yield from _doubled_ports(n, vm)


def _doubled_items(raw: Raw) -> Iterator[Mistake]:
    """Item names within a vault; a VM in the whole world, for it is protected once."""
    protected: set[str] = set()
    for n, vault in entries(raw, "vaults"):
        items = entries(vault, "items")
        yield from doubled(items, ("vaults", n, "items"), "name")
        for i, item in items:
            vm = item.get("vm")
            if isinstance(vm, str) and vm.lower() in protected:
                yield ("vaults", n, "items", i, "vm"), f"'{vm}' is there twice"
            protected.add(str(vm).lower())


def _doubled_disks(raw: Raw) -> Iterator[Mistake]:
    taken: dict[tuple[str, str], Any] = {}
    for n, vm in entries(raw, "vms"):
        own: list[tuple[Loc, Any]] = [(("vms", n, "name"), f"{vm.get('name')}-osdisk")]
        own += [(("vms", n, "data_disks", d, "name"), disk.get("name"))
                for d, disk in entries(vm, "data_disks")]  # fmt: skip
        for loc, name in own:
            place = (str(vm.get("group")), str(name).lower())
            if place in taken and isinstance(name, str):
                yield loc, f"a disk '{name}' is there already, of '{taken[place]}'"
            taken.setdefault(place, vm.get("name"))


def _doubled_ports(n: int, vm: Raw) -> Iterator[Mistake]:
    seen: set[Any] = set()
    for s, service in entries(vm, "services"):
        port = service.get("port")
        if isinstance(port, int) and port in seen:
            yield ("vms", n, "services", s, "port"), f"port {port} is there twice"
        if isinstance(port, int):
            seen.add(port)


def _dangling(raw: Raw) -> Iterator[Mistake]:
    groups = names(raw, "groups")
    for key in ("networks", "vms", "vaults", "automation", "resources"):
        for n, entry in entries(raw, key):
            if lacks(entry.get("group"), groups):
                yield (key, n, "group"), f"there is no group '{entry['group']}'"
    for n, network in entries(raw, "networks"):
        yield from _peers(n, network, names(raw, "networks"))
        yield from _walls(n, network, raw)
    for n, vault in entries(raw, "vaults"):
        yield from _dangling_in_vault(n, vault, raw)


def _peers(n: int, network: Raw, known: set[Any]) -> Iterator[Mistake]:
    for p, peer in enumerate(as_list(network.get("peered_with"))):
        if lacks(peer, known) and not str(peer).startswith("/subscriptions/"):
            yield ("networks", n, "peered_with", p), f"there is no network '{peer}'"
        if isinstance(peer, str) and peer == network.get("name"):
            yield ("networks", n, "peered_with", p), "a network is no peer of its own"


def _walls(n: int, network: Raw, raw: Raw) -> Iterator[Mistake]:
    """Security groups stand at subnets that are there, and are resources of the same group."""
    known = {
        entry.get("name") for _, entry in entries(raw, "resources")
        if str(entry.get("type")).lower() == NSG.lower()
        and entry.get("group") == network.get("group") and isinstance(entry.get("name"), str)
    }  # fmt: skip
    for subnet, wall in as_dict(network.get("security_groups")).items():
        place = ("networks", n, "security_groups", subnet)
        if subnet not in as_dict(network.get("subnets")):
            yield place, f"there is no subnet '{subnet}' in this network"
        if lacks(wall, known):
            group = network.get("group")
            yield place, f"there is no security group '{wall}' of '{group}' among the resources"


def _dangling_in_vault(n: int, vault: Raw, raw: Raw) -> Iterator[Mistake]:
    known = {"group": names(raw, "groups"), "network": names(raw, "networks")}
    for side in ("source", "target"):
        facts = as_dict(vault.get(side))
        for key, found in known.items():
            if lacks(facts.get(key), found):
                yield ("vaults", n, side, key), f"there is no {key} '{facts[key]}'"
    vms = names(raw, "vms")
    for i, item in entries(vault, "items"):
        if lacks(item.get("vm"), vms):
            yield ("vaults", n, "items", i, "vm"), f"there is no VM '{item['vm']}'"
        own = as_dict(item.get("own_test_settings"))
        for key in ("network", "public_ip", "security_group"):
            value = own.get(key)
            if isinstance(value, str) and not value.startswith("/subscriptions/"):
                yield (
                    ("vaults", n, "items", i, "own_test_settings", key),
                    f"'{value}' is no id of Azure: it begins with /subscriptions/",
                )


def _identities(raw: Raw) -> Iterator[Mistake]:
    own = set(raw["roles"]) if isinstance(raw.get("roles"), dict) else set()
    for name in sorted(own & set(BY_NAME)):
        yield ("roles", name), f"'{name}' is a built-in role"
    roles = own | set(BY_NAME)
    for n, identity in entries(raw, "identities"):
        for a, assignment in entries(identity, "roles"):
            if lacks(assignment.get("role"), roles):
                yield (
                    ("identities", n, "roles", a, "role"),
                    f"there is no role '{assignment['role']}'",
                )
    if lacks(raw.get("client"), names(raw, "identities")):
        yield ("client",), f"there is no identity '{raw['client']}'"
    clients = raw.get("clients")
    for purpose, name in clients.items() if isinstance(clients, dict) else ():
        if lacks(name, names(raw, "identities")):
            yield ("clients", purpose), f"there is no identity '{name}'"
