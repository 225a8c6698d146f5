"""A test copy as Azure shows it: found by name and age, its ids and network cards read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muster.compile.graph import Step
from muster.errors import GatewayError
from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import ProtectedItem, Resource, VirtualMachine
from muster.journal.events import EventKind, Observed, instant_text
from muster.steps.act import SKEW
from muster.steps.context import Run
from muster.steps.recorded import baseline_keys


@dataclass(frozen=True, slots=True)
class Card:
    """One network card of a copy, as read."""

    id: str
    network_id: str | None
    subnet: str | None  # name
    private_ip: str | None
    public_ip_id: str | None
    nsg_id: str | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A test copy with its network cards."""

    vm: VirtualMachine
    cards: tuple[Card, ...]  # those that could be read

    @property
    def is_whole(self) -> bool:
        """Whether every card was read: where an unread one stands is not known."""
        return bool(self.cards) and len(self.cards) == len(self.vm.nic_ids)


def copy_id(item: ProtectedItem) -> str:
    """ARM id that the test copy of an item has."""
    group = item.recovery_resource_group_id.rstrip("/")
    return f"{group}/providers/Microsoft.Compute/virtualMachines/{item.test_vm_name}"


async def find_copy(run: Run, item: ProtectedItem, sent_at: datetime) -> Copy | None:
    """The copy that the test failover sent at an instant made; None while there is none.

    A VM of that name that was there before the drill, or is older than the send, is not ours, and
    neither is one whose age Azure does not tell.
    A card that cannot be read does not hide the copy: it has to be cleaned all the same.
    """
    vm = await run.gateway.vm(copy_id(item))
    if vm is None or key_of(vm.id) in baseline_keys(run):
        return None
    if vm.created_at is None or vm.created_at < sent_at - SKEW:
        return None
    cards = [await _card(run, nic_id) for nic_id in vm.nic_ids]
    return Copy(vm, tuple(card for card in cards if card is not None))


async def record_copy(run: Run, step: Step, vm: str, copy: Copy, sent_at: datetime) -> None:
    """Journal every id that a copy consists of: from here on it is this run's to remove."""
    before = baseline_keys(run)
    public = [card.public_ip_id for card in copy.cards if card.public_ip_id]
    ids = [copy.vm.id, *copy.vm.nic_ids, *copy.vm.disk_ids, *public]
    data = {
        "what": Observed.OWNED.value,
        "vm": vm,
        "ids": [one for one in ids if key_of(one) not in before],
        "vm_id": copy.vm.id,
        "nic_ids": list(copy.vm.nic_ids),
        "disk_ids": list(copy.vm.disk_ids),
        "public_ip_ids": public,
        "created_at": instant_text(copy.vm.created_at or sent_at),
    }
    await run.journal.append(EventKind.OBSERVED, data, step=step.id)


async def _card(run: Run, nic_id: str) -> Card | None:
    """A card as it is now; None when it is not there or may not be read: the copy is not whole."""
    try:
        nic = await run.gateway.resource(nic_id)
    except GatewayError:
        return None
    return card_from(nic) if nic is not None else None


def card_from(nic: Resource) -> Card:
    """A network card from its ARM body: the primary address, and any public one."""
    configs = [
        config.get("properties") or {} for config in nic.properties.get("ipConfigurations") or []
    ]
    first = next((one for one in configs if one.get("primary")), configs[0] if configs else {})
    subnet_id = _id_in(first, "subnet")
    subnet = parse_id(subnet_id) if subnet_id else None
    public = next((one for one in (_id_in(c, "publicIPAddress") for c in configs) if one), None)
    return Card(
        id=nic.id,
        network_id=subnet.up_to("virtualNetworks") if subnet else None,
        subnet=subnet.name if subnet else None,
        private_ip=first.get("privateIPAddress"),
        public_ip_id=public,
        nsg_id=_id_in(nic.properties, "networkSecurityGroup"),
    )


def networks_of_card(nic: Resource) -> list[str]:
    """Ids of the networks that the addresses of a card lie in."""
    return [parse_id(one).up_to("virtualNetworks") for one in subnets_of_card(nic)]


def subnets_of_card(nic: Resource) -> list[str]:
    """Ids of the subnets that the addresses of a card lie in."""
    configs = nic.properties.get("ipConfigurations") or []
    subnets = (_id_in(config.get("properties") or {}, "subnet") for config in configs)
    return [one for one in subnets if one]


def _id_in(holder: Mapping[str, Any], key: str) -> str | None:
    return (holder.get(key) or {}).get("id") or None


async def is_there(run: Run, arm_id: str) -> bool:
    """Whether a resource exists, read now."""
    if parse_id(arm_id).type.casefold() == "microsoft.compute/virtualmachines":
        return await run.gateway.vm(arm_id) is not None
    return await run.gateway.resource(arm_id) is not None


async def still_there(run: Run, ids: Sequence[str]) -> list[str]:
    """Those of the ids that exist, read now."""
    return [one for one in ids if await is_there(run, one)]
