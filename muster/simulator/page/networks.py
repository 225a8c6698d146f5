"""Networks: ranges, subnets, peerings, and whether a way leads from them to production."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from muster.simulator.arm.networks import NETWORK
from muster.simulator.json_types import Json
from muster.simulator.page.values import dig, key, name, rows, text
from muster.simulator.world import World

MOST, MOST_CHILDREN = 200, 40
GATEWAY = "Microsoft.Network/virtualNetworkGateways"


def network_rows(world: World, machines: Mapping[str, Json]) -> dict[str, Json]:
    """A row for each network.

    `reach` says where peerings may lead: `production` (a machine that is no test copy stands in
    it), `joined` (a way leads to such a network), `elsewhere` (a peer or a gateway that leads out
    of this world), or `isolated`. Routes and security groups, which close ways, are not asked: a
    network counts as isolated only if there is nothing to close.
    """
    found = list(world.of_type(NETWORK))
    copies, others, in_subnet = _population(machines)
    ways, outside = _ways(found, world)
    reach = _reach({key(network["id"]) for network in found}, ways, set(others), outside)
    sharing = defaultdict(list)
    for network in found:
        for space in _ranges(network):
            sharing[space].append(text(network["name"]))
    return {
        key(network["id"]): _row(network, sharing, in_subnet)
        | {
            "reach": reach[key(network["id"])],
            "copies": copies[key(network["id"])],
            "machines": others[key(network["id"])],
        }
        for network in found
    }


def _row(network: Json, sharing: Mapping[str, list[str]], in_subnet: Counter[str]) -> Json:
    own, mine = text(network["name"]), key(network["id"])
    alike = {other for space in _ranges(network) for other in sharing[space]} - {own}
    return {
        "name": own,
        "region": text(network.get("location")),
        "group": text(str(network["id"]).split("/")[4]),
        "state": text(dig(network, "properties", "provisioningState")),
        "ranges": _ranges(network),
        "alike": sorted(alike)[:MOST_CHILDREN],
        "subnets": [
            {
                "name": text(subnet.get("name")),
                "range": text(_subnet_range(subnet)),
                "nsg": name(dig(subnet, "properties", "networkSecurityGroup", "id")),
                "machines": in_subnet[f"{mine}/{text(subnet.get('name'))}".lower()],
            }
            for subnet in rows(network, "properties", "subnets")[:MOST_CHILDREN]
        ],
        "peers": [
            {"to": key(remote), "name": name(remote)}
            for remote in list(_remotes(network))[:MOST_CHILDREN]
        ],
    }


def _population(machines: Mapping[str, Json]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Test copies and other machines by network, and all machines by `network/subnet`."""
    copies, others, in_subnet = Counter[str](), Counter[str](), Counter[str]()
    for row in machines.values():
        for side in (row["source"], row["target"]):
            if side and side["network"]:
                (copies if side["kind"] == "copy" else others)[side["network"]] += 1
                in_subnet[f"{side['network']}/{side['subnet']}".lower()] += 1
    return copies, others, in_subnet


def _ways(found: list[Json], world: World) -> tuple[dict[str, set[str]], set[str]]:
    """Peerings in both directions, and the networks from which a way leads out of this world."""
    known = {key(network["id"]) for network in found}
    ways: dict[str, set[str]] = defaultdict(set)
    outside = set()
    for network in found:
        for remote in map(key, _remotes(network)):
            ways[key(network["id"])].add(remote)
            ways[remote].add(key(network["id"]))
            if remote not in known:
                outside.add(key(network["id"]))
    for gateway in world.of_type(GATEWAY):
        for entry in rows(gateway, "properties", "ipConfigurations"):
            subnet = dig(entry, "properties", "subnet", "id")
            if isinstance(subnet, str):
                outside.add(key(subnet.rpartition("/subnets/")[0]))
    return ways, outside


def _reach(
    known: set[str], ways: Mapping[str, set[str]], production: set[str], outside: set[str]
) -> dict[str, str]:
    joined, away = _all_from(production, ways), _all_from(outside, ways)
    return {
        one: "production" if one in production
        else "joined" if one in joined
        else "elsewhere" if one in away
        else "isolated"
        for one in known
    }  # fmt: skip


def _all_from(begin: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    """Wherever one gets from some networks. Peerings are not transitive in Azure, but a machine
    on the way may pass on what it gets: what may be reached counts as reached.
    """
    seen, left = set(begin), list(begin)
    while left:
        for other in ways.get(left.pop(), ()):
            if other not in seen:
                seen.add(other)
                left.append(other)
    return seen


def _remotes(network: Json) -> Iterator[str]:
    for peering in rows(network, "properties", "virtualNetworkPeerings"):
        remote = dig(peering, "properties", "remoteVirtualNetwork", "id")
        if isinstance(remote, str) and remote:
            yield remote


def _ranges(network: Json) -> list[str]:
    found = dig(network, "properties", "addressSpace", "addressPrefixes")
    return [text(one) for one in found][:MOST_CHILDREN] if isinstance(found, list) else []


def _subnet_range(subnet: Json) -> str:
    many = dig(subnet, "properties", "addressPrefixes")
    one = dig(subnet, "properties", "addressPrefix")
    return ", ".join(map(str, many)) if isinstance(many, list) and many else str(one or "")
