"""What the plan itself wishes for a VM and the target does not have: a size, an address. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from muster.gateway.ids import same_id
from muster.gateway.parse import mapping, rows, text_of, texts
from muster.plan.machines import Vm
from muster.plan.model import RecoveryPlan
from muster.plan.sizes import OF_ARM, WRITE_X64, is_arm
from muster.replication.change import OF_ONE_VM, Act, Change, Kind
from muster.replication.found import Found
from muster.replication.naming import named_id
from muster.replication.part_ids import item_id
from muster.replication.same_address import shared_addresses
from muster.replication.target_networks import NETWORK
from muster.replication.terms import named_by
from muster.replication.wanted import VmWanted, Wanted

_ALL = "standard_"
_Said = tuple[str, str]
"""Why a wish cannot be, and what to do."""
_WRITE_ANOTHER = (
    "Write an address of the subnet, or another subnet: Azure keeps the first four addresses of "
    "each and the last one for itself."
)


def with_impossible(
    plan: RecoveryPlan, wanted: Wanted, found: Found, changes: Iterable[Change]
) -> tuple[Change, ...]:
    """The changes, where a VM that is to have what the target has not is refused instead.

    What the plan leaves to the source, its own size and addresses, is preflight's to judge.
    """
    own = {vm.id: named_by(plan, vm, found.subscription) for vm in found.vms}
    names = {vm.name: own.get(vm.source_vm_id) for vm in wanted.vms}
    shared = shared_addresses(
        wanted.vms, {name: _planned(said) for name, said in names.items() if said}
    )
    refused: dict[str, Change] = {}
    for vm in wanted.vms:
        said = names[vm.name]
        wrong = [] if said is None else [
            *_size(said, wanted, found),
            *_addresses(said, vm, wanted, found),
            *_in_tests(said, vm, plan, wanted, found),
        ]  # fmt: skip
        wrong += shared.get(vm.name, ())
        if wrong:
            why, remedy = ("; ".join(why for why, _ in wrong), " ".join(do for _, do in wrong))
            refused[vm.name] = Change(
                Act.REFUSE, Kind.VM, vm.name, item_id(wanted, vm), why, remedy=remedy
            )
    kept = (one for one in changes if one.kind not in OF_ONE_VM or one.name not in refused)
    return (*kept, *refused.values())


def _planned(own: Vm) -> frozenset[str]:
    """Addresses that the plan itself names for a VM."""
    said = (one for nic in own.nics for one in (nic.private_ip, nic.test.private_ip))
    return frozenset(one for one in said if one)


def _size(own: Vm, wanted: Wanted, found: Found) -> Iterator[_Said]:
    """A size that the target region does not list; what could not be read refuses nothing."""
    sizes = found.target_sizes
    if own.size is None:
        return
    known = sizes.get(own.size.casefold())
    if is_arm(own.size, known.architecture if known else None):
        yield (
            f"`size: {own.size}` {OF_ARM}: its copy could not start",
            WRITE_X64,
        )
    if not sizes or known:
        return
    region = wanted.target.region
    ends = {one.removeprefix(_ALL): known.name for one, known in sizes.items()}
    wish = own.size.casefold().removeprefix(_ALL)  # what they all begin with makes none alike
    close = [ends[one] for one in get_close_matches(wish, ends, n=3)]
    like = f" Did you mean {' or '.join(close)}?" if close else ""
    yield (
        f"`size: {own.size}` is no size that {region} offers this subscription",
        f"Write one of `az vm list-skus --location {region}`.{like}",
    )


def _addresses(own: Vm, vm: VmWanted, wanted: Wanted, found: Found) -> Iterator[_Said]:
    """Addresses that their subnet in the target does not hold."""
    for said, card in zip(own.nics, vm.cards, strict=False):
        primary = next((ip for ip in card.ips if ip.is_primary), None)
        if said.private_ip is None or primary is None:
            continue
        ranges = _ranges(wanted, found, card.network_id).get((primary.subnet or "").casefold())
        if ranges and not _holds(ranges, said.private_ip):
            shown = f"{primary.subnet} ({', '.join(ranges)})"
            yield (
                f"`private_ip: {said.private_ip}` is no address of {shown}",
                _WRITE_ANOTHER,
            )


def _in_tests(
    own: Vm, vm: VmWanted, plan: RecoveryPlan, wanted: Wanted, found: Found
) -> Iterator[_Said]:
    """Subnets and addresses of copies that the drill network will not have.

    One that a drill makes has the subnets of the target's; a given one is judged if it was read.
    Azure says nothing of either: a copy would come up in another subnet, or at any address.
    """
    for said, card in zip(own.nics, vm.cards, strict=False):
        primary = next((ip for ip in card.ips if ip.is_primary), None)
        if primary is None or not (said.test.subnet or said.test.private_ip):
            continue
        given = plan.drill.network.use
        network_id = named_id(given, vm.recovery_group_id, NETWORK) if given else card.network_id
        subnets = _ranges(wanted, found, network_id)
        name = (said.test.subnet or primary.subnet or "").rpartition("/")[2]
        ranges = subnets.get(name.casefold())
        if subnets and ranges is None:
            has = ", ".join(sorted(subnets))
            yield (
                f"`test: {{subnet: {name}}}` is no subnet of the network that a drill's copies "
                f"come up in, which has {has}",
                "Write one of these: Azure would take the alphabetically first one.",
            )
        elif ranges and said.test.private_ip and not _holds(ranges, said.test.private_ip):
            yield (
                f"`test: {{private_ip: {said.test.private_ip}}}` is no address of {name} "
                f"({', '.join(ranges)})",
                _WRITE_ANOTHER,
            )


def _ranges(wanted: Wanted, found: Found, network_id: str) -> Mapping[str, tuple[str, ...]]:
    """Ranges by folded name of the subnet, of a network that is there or that is made."""
    network = found.network(network_id)
    if network is not None:
        return {one.name.casefold(): one.prefixes for one in network.subnets}
    made = next((one.body for one in wanted.resources if same_id(one.id, network_id)), {})
    return dict(_made(rows(mapping(made.get("properties")).get("subnets"))))


def _made(subnets: list[Mapping[str, object]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in subnets:
        told = mapping(one.get("properties"))
        single = text_of(told.get("addressPrefix"))
        ranges = (single,) if single else texts(told.get("addressPrefixes"))
        yield text_of(one.get("name")).casefold(), ranges


def _holds(prefixes: tuple[str, ...], address: str) -> bool:
    """Whether one of the ranges has the address, and Azure does not keep it for itself."""
    asked = ipaddress.ip_address(address)
    for prefix in prefixes:
        network = ipaddress.ip_network(prefix, strict=False)
        if asked in network:
            number = int(asked) - int(network.network_address)
            return 4 <= number < network.num_addresses - 1
    return False
