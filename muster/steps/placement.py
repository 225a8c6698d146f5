"""Placement read back: what was wanted of a copy against what Azure made of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from muster.gateway.ids import same_id
from muster.gateway.values import ProtectedItem
from muster.journal.events import Observed
from muster.plan.model import Vm
from muster.steps.copies import Card, Copy


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as wanted. A severe one fails the VM's step."""

    field: str
    wanted: str | None
    found: str | None
    severe: bool
    why: str

    def as_data(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "wanted": self.wanted,
            "found": self.found,
            "severe": self.severe,
            "why": self.why,
        }

    def __str__(self) -> str:
        return (
            f"{self.field} is {self.found or 'none'}, wanted {self.wanted or 'none'}: {self.why}"
        )


@dataclass(frozen=True, slots=True)
class WantedCard:
    """A network card as plan and item want it; None where neither says anything.

    A drill never wants a public address: `public_ip` of a plan is for failovers.
    """

    subnet: str | None
    private_ip: str | None
    nsg: str | None


def wanted_cards(vm: Vm, item: ProtectedItem) -> tuple[WantedCard, ...]:
    """What the plan says of each card; where it is silent, what item and source say."""
    count = max(len(vm.nics), len(item.nics))
    return tuple(_wanted_card(vm, item, number) for number in range(count))


def _wanted_card(vm: Vm, item: ProtectedItem, number: int) -> WantedCard:
    said = vm.nics[number] if number < len(vm.nics) else None
    configs = item.nics[number].ip_configs if number < len(item.nics) else ()
    config = next((one for one in configs if one.is_primary), configs[0] if configs else None)
    subnet = (config.test_subnet or config.subnet) if config else None
    address = (config.test_static_ip or config.static_ip) if config else None
    if said is None:
        return WantedCard(subnet, address, nsg=None)
    return WantedCard(
        said.subnet or subnet,
        said.private_ip or address,
        nsg=said.network_security_group,
    )


def differences(
    vm: Vm, item: ProtectedItem, network_id: str, copy: Copy
) -> tuple[Difference, ...]:
    """Everything about a copy that is not as wanted."""
    wanted = wanted_cards(vm, item)
    found: list[Difference] = []
    size = vm.size or item.recovery_size
    if size and copy.vm.size.casefold() != size.casefold():
        why = (
            "Azure takes the closest size it has; the drill says little about the "
            "speed of the real one"
        )
        found.append(Difference("size", size, copy.vm.size, severe=False, why=why))
    if copy.vm.provisioning_state.casefold() not in ("succeeded", ""):
        why = "Azure did not finish making it: an extension, or what it needs, did not come up"
        found.append(
            Difference(
                "provisioning", "Succeeded", copy.vm.provisioning_state, severe=False, why=why
            )
        )
    if not copy.is_whole:
        why = "a card could not be read: where it stands is not known"
        has, read = str(len(copy.vm.nic_ids)), str(len(copy.cards))
        found.append(Difference("nics read", has, read, severe=True, why=why))
    if len(copy.vm.nic_ids) < len(wanted):
        has = str(len(copy.vm.nic_ids))
        why = "a card is missing"
        found.append(Difference("nics", str(len(wanted)), has, severe=False, why=why))
    for number, card in enumerate(copy.cards):
        found += _of_network(number, card, network_id)
        if number < len(wanted):
            found += _of_card(number, wanted[number], card)
        if card.public_ip_id:
            found.append(_public(number, card))
    return tuple(found)


def is_elsewhere(network_id: str, copy: Copy) -> bool:
    """Whether a card of a copy stands, or may stand, outside the drill network."""
    strays = [card for card in copy.cards if not same_id(card.network_id, network_id)]
    return bool(strays) or not copy.is_whole


def _of_network(number: int, card: Card, network_id: str) -> list[Difference]:
    if same_id(card.network_id, network_id):
        return []
    why = "it stands in another network than the drill's, which was never proven to be isolated"
    return [Difference(f"nic {number} network", network_id, card.network_id, severe=True, why=why)]


def _of_card(number: int, wanted: WantedCard, card: Card) -> list[Difference]:
    found: list[Difference] = []
    if wanted.subnet and (card.subnet or "").casefold() != wanted.subnet.casefold():
        why = (
            "Site Recovery takes the alphabetically first subnet when it does not "
            "find the one named"
        )
        name = f"nic {number} subnet"
        found.append(Difference(name, wanted.subnet, card.subnet, severe=False, why=why))
    if wanted.private_ip and card.private_ip != wanted.private_ip:
        why = "an address that is taken, or outside the subnet, is replaced by the next free one"
        name = f"nic {number} address"
        found.append(Difference(name, wanted.private_ip, card.private_ip, severe=False, why=why))
    if wanted.nsg and not _is_group(wanted.nsg, card.nsg_id):
        name = f"nic {number} security group"
        why = "the plan names another one"
        found.append(Difference(name, wanted.nsg, card.nsg_id, severe=False, why=why))
    return found


def _is_group(wanted: str, found: str | None) -> bool:
    """Whether a security group is the one that a plan names, by its id or its name alone."""
    if wanted.startswith("/"):
        return same_id(found, wanted)
    return (found or "").rpartition("/")[2].casefold() == wanted.casefold()


def _public(number: int, card: Card) -> Difference:
    why = "a test copy with a public address is a way out, and in"
    return Difference(
        f"nic {number} public address", None, card.public_ip_id, severe=True, why=why
    )


def placement_data(
    vm: Vm, item: ProtectedItem, network_id: str, copy: Copy, found: tuple[Difference, ...]
) -> dict[str, Any]:
    """A placement as the journal keeps it (`Observed.PLACEMENT`)."""
    return {
        "what": Observed.PLACEMENT.value,
        "vm": vm.name,
        "wanted": {
            "size": vm.size or item.recovery_size,
            "nics": [
                {
                    "subnet": card.subnet,
                    "network_id": network_id,
                    "private_ip": card.private_ip,
                    "public_ip": False,
                    "nsg": card.nsg,
                }
                for card in wanted_cards(vm, item)
            ],
        },
        "found": {
            "size": copy.vm.size,
            "nics": [
                {
                    "subnet": card.subnet,
                    "network_id": card.network_id,
                    "private_ip": card.private_ip,
                    "public_ip": card.public_ip_id,
                    "nsg": card.nsg_id,
                }
                for card in copy.cards
            ],
        },
        "differences": [one.as_data() for one in found],
    }
