"""VMs that are to have one address in one subnet: Azure gives none twice. Pure.

Two planned addresses are compared as the plan is read (PLAN-077); here also those that VMs keep
from their source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from muster.gateway.ids import key_of
from muster.replication.wanted import CardWanted, IpWanted, VmWanted

_Place = tuple[str, str, str]
"""Network, subnet and address, by which two are compared."""
_Said = tuple[str, str]
_WRITE_ANOTHER = "Write another address for one of them: `nics: [{private_ip: ADDRESS}]`."


def shared_addresses(
    vms: Collection[VmWanted], planned: Mapping[str, Collection[str]]
) -> Mapping[str, list[_Said]]:
    """Why a VM cannot have an address that another one is to have too, and what to do, by VM.

    Args:
        vms: All that are to be replicated.
        planned: Addresses that the plan itself names, by VM. A VM that keeps its source's is let
            be: it is the plan that gives its address away.
    """
    found: dict[str, list[_Said]] = {}
    after_a_failover = _by_place(vms, is_test=False)
    for places, where in ((after_a_failover, ""), (_by_place(vms, is_test=True), " in a test")):
        for place, names in places.items():
            if len(names) < 2 or (where and after_a_failover.get(place) == names):
                continue  # of both, a failover's is told
            _, subnet, address = place
            for name in (one for one in names if address in planned.get(one, ())):
                others = ", ".join(one for one in names if one != name)
                why = f"{address} in {subnet} is to be that of {others} too{where}"
                found.setdefault(name, []).append((why, _WRITE_ANOTHER))
    return found


def _by_place(vms: Collection[VmWanted], *, is_test: bool) -> Mapping[_Place, list[str]]:
    found: dict[_Place, list[str]] = {}
    for vm in vms:
        for card in vm.cards:
            for subnet, address in _of_card(card, is_test=is_test):
                names = found.setdefault((key_of(card.network_id), subnet, address), [])
                if vm.name not in names:
                    names.append(vm.name)
    return found


def _of_card(card: CardWanted, *, is_test: bool) -> Iterator[tuple[str, str]]:
    """Subnet and address of each configuration that has one; a test's own settings win."""
    own = {ip.name: ip for ip in card.test_ips} if is_test else {}
    for ip in card.ips:
        test = own.get(ip.name, IpWanted(ip.name, ip.is_primary, None, None))
        subnet, address = (test.subnet or ip.subnet or ""), test.private_ip or ip.private_ip
        if address and (test.private_ip or not test.subnet or test.subnet == ip.subnet):
            yield subnet.casefold(), address
