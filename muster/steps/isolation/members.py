"""What stands in a subnet already: machines that are not the drill's, and ways out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from muster.gateway.ids import key_of, parse_id
from muster.gateway.values import Resource
from muster.steps.isolation.hops import Hop, Looked, Own, Walk


def judge_member(
    found: Walk, known: Mapping[str, Looked], where: str, config_id: str, own: Own | None
) -> None:
    """Judge what an IP configuration belongs to: a network card, a gateway.

    Args:
        found: The walk; hops and what is missing are added to it.
        known: What was read so far.
        where: The subnet.
        config_id: ARM id of the IP configuration, as the subnet lists it.
        own: What this run brought into the drill network; None for any other network, where
            machines of others may stand if the plan permits that network.
    """
    arm = parse_id(config_id) if config_id.startswith("/") else None
    kind = arm.types[0].casefold() if arm and arm.types else "?"
    if arm is None or kind != "networkinterfaces":
        why = f"a {kind} stands in the subnet, and where it leads is not known"
        found.hops.append(Hop(where, config_id or "?", "member", "unknown", why))
        return
    card_id = arm.up_to("networkInterfaces")
    if own and (key_of(card_id) in own.cards or _came_and_went(known, card_id, own)):
        return
    card = found.look(known, card_id, where, "network card")
    if card is not None:
        found.hops += _ways_through(where, card)
        if own:
            found.hops += _somebody_elses(where, card, own)


def _came_and_went(known: Mapping[str, Looked], card_id: str, own: Own) -> bool:
    """Copies come up and are cleaned while others walk: what is gone leads nowhere."""
    return own.is_new(card_id) and known.get(key_of(card_id), "not read") is None


def _ways_through(where: str, card: Resource) -> Iterator[Hop]:
    if card.properties.get("enableIPForwarding"):
        why = "this machine forwards, to where is not known"
        yield Hop(where, card.id, "forwarding machine", "unknown", why)
    for config in card.properties.get("ipConfigurations") or []:
        public = ((config.get("properties") or {}).get("publicIPAddress") or {}).get("id")
        if public:
            why = "a machine in this network has a public address"
            yield Hop(where, str(public), "public address", "reaches", why)


def _somebody_elses(where: str, card: Resource, own: Own) -> Iterator[Hop]:
    machine = str((card.properties.get("virtualMachine") or {}).get("id") or "")
    if own.network or (machine and key_of(machine) in own.machines):
        return
    if machine:
        why = "a machine that is not this drill's stands in the network: copies would reach it"
        yield Hop(where, machine, "member", "reaches", why)
    elif not own.is_new(card.id):
        why = "a network card that is not this drill's stands in the network"
        yield Hop(where, card.id, "member", "unknown", why)
