"""Networks that VMs recover into: the plan's, or a mirror of each network of the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from muster.gateway.ids import key_of, lies_in, parse_id, same_id
from muster.replication.found import FoundNetwork, FoundSubnet, FoundVm
from muster.replication.naming import copy_name, digest, named_id, shortened, unique_names
from muster.replication.setting import Setting
from muster.replication.wanted import Needed, NetworkMappingWanted, ResourceWanted

NETWORK = "Microsoft.Network/virtualNetworks"
_LONGEST, _LONGEST_IN_VAULT = 64, 63


class TargetNetworks:
    """Source networks of the VMs that are replicated, each with its target."""

    def __init__(self, setting: Setting, vms: tuple[FoundVm, ...]) -> None:
        self._setting = setting
        by_key = {key_of(vm.network_id): vm.network_id for vm in vms if vm.network_id}
        self._sources = tuple(by_key.values())
        self._names = unique_names(self._sources, _LONGEST - len(setting.plan.replication.suffix))

    def target_of(self, network_id: str) -> str:
        """Id of the network that VMs of a network recover into."""
        setting = self._setting
        own = named_id(setting.plan.source.network, setting.source_group_id, NETWORK)
        if same_id(network_id, own):
            return named_id(setting.plan.target_network, setting.target_group_id, NETWORK)
        suffix = setting.plan.replication.suffix
        name = copy_name(self._names[key_of(network_id)], suffix, _LONGEST)
        return named_id(name, setting.target_group_id, NETWORK)

    def resources(self) -> Iterator[ResourceWanted]:
        """Target networks with the source's ranges and subnets.

        One that the plan names by its whole id in another place is made by nobody here.
        """
        for source_id in self._sources:
            found = self._setting.found.network(source_id)
            target = self.target_of(source_id)
            if found is None or same_id(target, source_id) or not self._is_ours(target):
                continue
            region = self._setting.plan.target.region
            why = f"the mirror of {found.name}: same ranges, same subnets"
            group = parse_id(target).group_id
            yield ResourceWanted(target, _mirror(found, region), why, (group,))

    def needed(self) -> Iterator[Needed]:
        """A network that the plan names by its whole id: not made here, so it has to be there."""
        for target in {key_of(one): one for one in map(self.target_of, self._sources)}.values():
            if not self._is_ours(target):
                yield Needed(target, "VMs are to recover into it")

    def _is_ours(self, network_id: str) -> bool:
        """Whether a network lies where this plan makes things, in the target's group."""
        return lies_in(network_id, self._setting.target_group_id)

    def mappings(self) -> Iterator[NetworkMappingWanted]:
        """There and back for each network; none for VMs that stay in theirs.

        None from zone to zone either: fabrics are mapped to others, and there is but one; each
        VM's network is named as it is enabled (so does the Terraform provider's own test).
        """
        if self._setting.plan.is_zonal:
            return
        source, target = self._setting.source, self._setting.target
        names = unique_names((*self._sources, *map(self.target_of, self._sources)), 28)
        for here in self._sources:
            there = self.target_of(here)
            if same_id(here, there):
                continue
            one, other = names[key_of(here)], names[key_of(there)]
            away = self._name(source.name, here) or self._free(source.name, one, other, here)
            back = self._name(target.name, there) or self._free(target.name, other, one, there)
            yield NetworkMappingWanted(away, source, target, here, there)
            yield NetworkMappingWanted(back, target, source, there, here)

    def _name(self, fabric: str, network_id: str) -> str | None:
        """Name of the mapping that a network has: in one fabric there is one at most."""
        for one in self._setting.found.setup.network_mappings:
            is_there = one.fabric.casefold() == fabric.casefold()
            if is_there and same_id(one.source_network_id, network_id):
                return one.name
        return None

    def _free(self, fabric: str, one: str, other: str, network_id: str) -> str:
        """A name for a mapping, told by both networks; by the source's id too where a mapping of
        another network has that name.
        """
        name = f"{one}-to-{other}"
        for mapping in self._setting.found.setup.network_mappings:
            is_there = mapping.fabric.casefold() == fabric.casefold()
            if is_there and mapping.name.casefold() == name.casefold():
                return shortened(f"{name}-{digest(key_of(network_id))}", _LONGEST_IN_VAULT)
        return name


def _mirror(network: FoundNetwork, region: str) -> Mapping[str, Any]:
    """A network as PUT: ranges and subnets of another, and nothing else of it.

    Peerings, gateways, security groups, routes and private endpoints are of their region.
    """
    return {
        "location": region,
        "properties": {
            "addressSpace": {"addressPrefixes": list(network.address_space)},
            "subnets": [_subnet(one) for one in network.subnets],
        },
    }


def _subnet(subnet: FoundSubnet) -> Mapping[str, Any]:
    prefixes = (
        {"addressPrefix": subnet.prefixes[0]}
        if len(subnet.prefixes) == 1
        else {"addressPrefixes": list(subnet.prefixes)}
    )
    return {"name": subnet.name, "properties": prefixes}
