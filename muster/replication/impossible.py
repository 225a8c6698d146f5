"""What the plan itself wishes for a VM and the target does not have: a size, an address. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from muster.gateway.ids import same_id
from muster.gateway.parse import mapping, rows, text_of, texts
from muster.plan.machines import Vm
from muster.plan.model import RecoveryPlan
from muster.replication.change import Act, Change, Kind
from muster.replication.found import Found
from muster.replication.part_ids import item_id
from muster.replication.terms import named_by
from muster.replication.wanted import VmWanted, Wanted

_ALL = "standard_"
_Said = tuple[str, str]
"""Why a wish cannot be, and what to do."""


def with_impossible(
    plan: RecoveryPlan, wanted: Wanted, found: Found, changes: Iterable[Change]
) -> tuple[Change, ...]:
    """The changes, where a VM that is to have what the target has not is refused instead.

    What the plan leaves to the source, its own size and addresses, is preflight's to judge.
    """
    own = {vm.id: named_by(plan, vm, found.subscription) for vm in found.vms}
    refused: dict[str, Change] = {}
    for vm in wanted.vms:
        said = own.get(vm.source_vm_id)
        wrong = [] if said is None else [*_size(said, wanted, found), *_addresses(said, vm, wanted,
                 found)]  # fmt: skip
        if wrong:
            why, remedy = ("; ".join(why for why, _ in wrong), " ".join(do for _, do in wrong))
            refused[vm.name] = Change(
                Act.REFUSE, Kind.VM, vm.name, item_id(wanted, vm), why, remedy=remedy
            )
    of_vms = (Kind.VM, Kind.DISKS)
    kept = (one for one in changes if one.kind not in of_vms or one.name not in refused)
    return (*kept, *refused.values())


def _size(own: Vm, wanted: Wanted, found: Found) -> Iterator[_Said]:
    """A size that the target region does not list; what could not be read refuses nothing."""
    sizes = found.target_sizes
    if own.size is None or not sizes or own.size.casefold() in sizes:
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
                "Write an address of the subnet, or another subnet: Azure keeps the first four "
                "addresses of each and the last one for itself.",
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
