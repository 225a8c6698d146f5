"""From figures to what there is: vaults, groups, VMs, each with its name, address and size."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from muster.generate.figures import Figures, FiguresRefused

KEPT = 4
"""The first addresses of a subnet, which Azure keeps; it also keeps the last."""
HUB_PREFIX = 28
PREFERRED, PREFERRED_SUBNET = 16, 24
"""A vault's network is a /16, a subnet a /24, where that is enough and there is room for it."""
PAIRS = (
    ("eastus", "westus2"), ("northeurope", "westeurope"), ("uksouth", "ukwest"),
    ("southeastasia", "eastasia"), ("australiaeast", "australiasoutheast"),
)  # fmt: skip
Tier = Literal["data", "app", "web"]
STACKS: dict[int, tuple[Tier, ...]] = {1: ("web",), 2: ("data", "web"), 3: ("data", "app", "web")}
"""How many groups stand upon each other -> their tiers, the first below."""
SIZES: dict[str, tuple[str, int, str]] = {
    "core": ("Standard_D2s_v5", 2, "standardDSv5Family"),
    "data": ("Standard_E4s_v5", 4, "standardESv5Family"),
    "app": ("Standard_D4s_v5", 4, "standardDSv5Family"),
    "web": ("Standard_D2s_v5", 2, "standardDSv5Family"),
}
"""Tier -> size, its vCPUs, the family that its quota counts."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One protected VM."""

    name: str
    tier: str
    subnet: str
    address: IPv4Address
    item: str  # name of its protected item
    boot: int  # seconds
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """VMs that come up together; `below` is the group of the same stack that comes first."""

    name: str
    tier: Tier
    vms: tuple[Machine, ...]
    below: Group | None

    @property
    def first(self) -> Machine:
        return self.vms[0]


@dataclass(frozen=True, slots=True)
class Site:
    """One vault with the plan, the networks and the VMs that belong to it."""

    number: int  # from 1
    plan: str
    source: str  # regions
    target: str
    network: str
    range: IPv4Network
    subnets: dict[str, IPv4Network]
    support: Machine | None
    groups: tuple[Group, ...]
    is_dag: bool

    @property
    def machines(self) -> Iterator[Machine]:
        if self.support:
            yield self.support
        for group in self.groups:
            yield from group.vms


@dataclass(frozen=True, slots=True)
class Fleet:
    """A whole world, and the plans that are rehearsed in it."""

    figures: Figures
    hub: IPv4Network
    sites: tuple[Site, ...]

    def guid(self, *words: str) -> str:
        """An id that follows from the seed."""
        name = "/".join((self.figures.name, self.figures.seed, *words))
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"muster:{name}"))


def fleet_of(figures: Figures) -> Fleet:
    """Lay a world out.

    Raises:
        FiguresRefused: The address range does not hold it.
    """
    blocks = _blocks(figures)
    hub = next(next(blocks).subnets(new_prefix=HUB_PREFIX))
    sites = tuple(_site(figures, number, next(blocks)) for number in range(1, figures.vaults + 1))
    return Fleet(figures, hub, sites)


def share(total: int, parts: int, part: int) -> int:
    """How much of a total falls to a part (from 0); what is left over goes to the first ones."""
    return total // parts + (part < total % parts)


def _spread(figures: Figures, number: int) -> tuple[bool, list[int]]:
    """Whether a vault has a support VM, and how many VMs each of its groups has."""
    vms = share(figures.vms, figures.vaults, number - 1)
    groups = share(figures.groups, figures.vaults, number - 1)
    has_support = vms > groups
    rest = vms - has_support
    return has_support, [share(rest, groups, n) for n in range(groups)]


def _subnet_prefix(sizes: list[int]) -> int:
    """Prefix length of subnets that hold the largest of a vault's groups."""
    return 32 - max(3, (max(sizes) + KEPT).bit_length())


def _subnet_bits(sizes: list[int]) -> int:
    """How many bits number a vault's subnets: one for each group, one for the support VM."""
    return len(sizes).bit_length()


def _blocks(figures: Figures) -> Iterator[IPv4Network]:
    """Ranges of one length: the hub's, then one for each vault."""
    spread = [_spread(figures, number)[1] for number in range(1, figures.vaults + 1)]
    longest = min(HUB_PREFIX, *(_subnet_prefix(sizes) - _subnet_bits(sizes) for sizes in spread))
    bits = figures.vaults.bit_length()  # that number the blocks
    if figures.range.prefixlen + bits > longest:
        raise FiguresRefused(
            [
                f"range={figures.range}: its {figures.range.num_addresses:,} addresses do not "
                f"hold {figures.vms} VMs in {figures.groups} groups and {figures.vaults} vaults; "
                f"a /{longest - bits} does"
            ]
        )
    return figures.range.subnets(
        new_prefix=max(figures.range.prefixlen + bits, min(PREFERRED, longest))
    )


def _site(figures: Figures, number: int, block: IPv4Network) -> Site:
    has_support, sizes = _spread(figures, number)
    roomy = max(block.prefixlen + _subnet_bits(sizes), PREFERRED_SUBNET)
    spaces = block.subnets(new_prefix=min(_subnet_prefix(sizes), roomy))
    core = next(spaces)
    groups: list[Group] = []
    subnets = {"core": core}
    for at, count in enumerate(sizes):
        stack, floor = divmod(at, 3)
        tier = STACKS[min(3, len(sizes) - stack * 3)][floor]
        name = f"{tier}-{stack + 1}"
        subnets[name] = next(spaces)
        vms = _group_vms(figures, number, name, tier, subnets[name], count)
        groups.append(Group(name, tier, vms, groups[-1] if floor else None))
    source, target = PAIRS[(number - 1) % len(PAIRS)]
    support = _machine(figures, f"v{number}-dc", "core", "core", core, 0) if has_support else None
    return Site(
        number=number, plan=f"{figures.name}-{number}", source=source, target=target,
        network=f"vnet-{figures.name}-{number}", range=block, subnets=subnets, support=support,
        groups=tuple(groups), is_dag=len(sizes) > 3 and number % 2 == 1,
    )  # fmt: skip


def _group_vms(
    figures: Figures, number: int, name: str, tier: Tier, space: IPv4Network, count: int
) -> tuple[Machine, ...]:
    """VMs of a group; of three or more, the last one is not critical."""
    word = f"v{number}-{name.replace('-', '')}"
    digits = max(2, len(str(count)))
    return tuple(
        _machine(
            figures, f"{word}-{n + 1:0{digits}}", tier, name, space, n,
            is_optional=count >= 3 and n == count - 1,
        )
        for n in range(count)
    )  # fmt: skip


def _machine(
    figures: Figures,
    name: str,
    tier: str,
    subnet: str,
    space: IPv4Network,
    number: int,
    *,
    is_optional: bool = False,
) -> Machine:
    digest = hashlib.sha256(f"{figures.name}/{figures.seed}/{name}".encode()).digest()
    item = base64.urlsafe_b64encode(digest).decode().rstrip("=")  # as the portal makes them up
    boot = {"core": 40, "data": 60, "app": 45, "web": 35}[tier] + digest[0] % 10
    address = space.network_address + KEPT + number
    return Machine(name, tier, subnet, address, item, boot, is_optional)
