"""Network cards after a failover and in a test: as the plan says, else as at the source."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, parse_id
from muster.plan.machines import Nic
from muster.replication.found import FoundCard, FoundIp, FoundVm
from muster.replication.naming import copy_name, named_id, shortened
from muster.replication.serving import holds
from muster.replication.setting import Setting
from muster.replication.terms import Terms
from muster.replication.wanted import CardWanted, IpWanted, Needed, ResourceWanted

SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups"
PUBLIC_IP = "Microsoft.Network/publicIPAddresses"
BALANCER = "Microsoft.Network/loadBalancers"
_LONGEST = 80


class Cards:
    """Works cards out, and gathers what has to be made or be there for them."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._group = setting.target_group_id
        self._made: dict[str, ResourceWanted] = {}
        self._needed: dict[str, Needed] = {}
        self._users: dict[str, dict[str, None]] = {}  # names of VMs, in their order

    def of(self, vm: FoundVm, terms: Terms, network_id: str) -> tuple[CardWanted, ...]:
        """The cards of a VM; the primary one first, as the plan counts them."""
        cards = sorted(vm.cards, key=lambda card: not card.is_primary)
        return tuple(
            self._card(vm, card, terms.nic(number), network_id)
            for number, card in enumerate(cards)
        )

    def resources(self) -> tuple[ResourceWanted, ...]:
        return tuple(self._made.values())

    def needed(self) -> tuple[Needed, ...]:
        return tuple(self._needed.values())

    def _card(self, vm: FoundVm, card: FoundCard, said: Nic, network_id: str) -> CardWanted:
        group, tests = said.network_security_group, said.test.network_security_group
        kept = [ip for ip in card.ips if ip.is_primary or not self._setting.plan.is_zonal]
        return CardWanted(
            source_nic_id=card.id,
            network_id=network_id,
            ips=tuple(self._ip(vm, card, ip, said, network_id) for ip in kept),
            security_group_id=self._security_group(vm, group),
            test_ips=tuple(self._test_ips(vm, card, said)),
            test_security_group_id=self._security_group(vm, tests),
            accelerated=card.accelerated if said.accelerated is None else said.accelerated,
        )

    def _ip(
        self, vm: FoundVm, card: FoundCard, ip: FoundIp, said: Nic, network_id: str
    ) -> IpWanted:
        """What the plan says goes to the primary address; the others are as at the source.

        In a subnet that the plan names, the source's address is kept if the subnet has it.
        """
        subnet = parse_id(ip.subnet_id).name if ip.subnet_id else None
        address = ip.address if ip.is_static else None
        if not ip.is_primary:
            return IpWanted(ip.name, False, subnet, address)  # noqa: FBT003
        own = _bare(said.subnet) or subnet
        if address and own and own != subnet and not self._has(network_id, vm, own, address):
            address = None
        return IpWanted(
            name=ip.name,
            is_primary=True,
            subnet=own,
            private_ip=said.private_ip or address,
            public_ip_id=self._public_ip(vm, card, said),
            backend_pool_ids=tuple(self._pool(vm, one) for one in said.backend_pools),
        )

    def _has(self, network_id: str, vm: FoundVm, subnet: str, address: str) -> bool:
        """Whether a subnet has an address: of the network if it is there, else of its mirror."""
        found = self._setting.found
        network = found.network(network_id) or found.network(vm.network_id)
        subnets = network.subnets if network else ()
        return any(
            holds(one.prefixes, address)
            for one in subnets
            if one.name.casefold() == subnet.casefold()
        )

    def _test_ips(self, vm: FoundVm, card: FoundCard, said: Nic) -> Iterator[IpWanted]:
        """The primary address in a test, if the plan says anything of it; never a public one."""
        test = said.test
        primary = next((ip for ip in card.ips if ip.is_primary), None)
        if primary is None or not (test.subnet or test.private_ip or test.backend_pools):
            return
        yield IpWanted(
            name=primary.name,
            is_primary=True,
            subnet=_bare(test.subnet),
            private_ip=test.private_ip,
            backend_pool_ids=tuple(self._pool(vm, one) for one in test.backend_pools),
        )

    def _security_group(self, vm: FoundVm, name: str | None) -> str | None:
        return self._there(vm, named_id(name, self._group, SECURITY_GROUP)) if name else None

    def _pool(self, vm: FoundVm, name: str) -> str:
        """BALANCER/POOL, or an id; the balancer has to be there."""
        if name.startswith("/"):
            self._there(vm, name[: name.casefold().rfind("/backendaddresspools/")])
            return name
        balancer, _, pool = name.partition("/")
        balancer_id = self._there(vm, named_id(balancer, self._group, BALANCER))
        return f"{balancer_id}/backendAddressPools/{pool}"

    def _public_ip(self, vm: FoundVm, card: FoundCard, said: Nic) -> str | None:
        if said.public_ip_address:
            return self._there(vm, named_id(said.public_ip_address, self._group, PUBLIC_IP))
        if not said.public_ip:
            return None
        suffix = self._setting.plan.replication.suffix
        own = shortened(f"{vm.name}-{card.name}-ip", _LONGEST - len(suffix))
        arm_id = named_id(copy_name(own, suffix, _LONGEST), self._group, PUBLIC_IP)
        body = {
            "location": self._setting.plan.target.region,
            "sku": {"name": "Standard"},
            "properties": {"publicIPAllocationMethod": "Static"},
        }
        why = f"{vm.name} is to have a public address after a failover"
        self._made[key_of(arm_id)] = ResourceWanted(arm_id, body, why, (self._group,))
        return arm_id

    def _there(self, vm: FoundVm, arm_id: str) -> str:
        users = self._users.setdefault(key_of(arm_id), {})
        users[vm.name] = None
        whose = "a card" if len(users) == 1 else "cards"
        why = f"{whose} of {', '.join(users)} {'is' if len(users) == 1 else 'are'} to use it"
        self._needed[key_of(arm_id)] = Needed(arm_id, why)
        return arm_id


def _bare(name: str | None) -> str | None:
    """A subnet's own name, of a name or an id."""
    return name.rpartition("/")[2] if name else None
