"""Network cards of a protected item, compared with what is wanted of them."""

from __future__ import annotations

from collections.abc import Iterator

from muster.gateway.ids import key_of, parse_id, same_id
from muster.gateway.parse import mapping, rows, text_of, texts
from muster.gateway.values import Json
from muster.replication.change import FieldChange
from muster.replication.wanted import CardWanted, IpWanted, VmWanted


def card_fields(vm: VmWanted, details: Json) -> Iterator[FieldChange]:
    """What differs on cards that the item knows; what is left to Azure (None) is not compared."""
    told = {key_of(text_of(nic.get("sourceNicArmId"))): nic for nic in rows(details.get("vmNics"))}
    for card in vm.cards:
        nic = told.get(key_of(card.source_nic_id))
        if nic is None:
            continue  # a card that was added since: Azure takes no more cards than it began with
        name = parse_id(card.source_nic_id).name
        for field in _of_card(card, nic):
            yield FieldChange(f"{name}: {field.name}", field.before, field.after)


def _of_card(card: CardWanted, nic: Json) -> Iterator[FieldChange]:
    for name, after, key in (
        ("security group", card.security_group_id, "recoveryNetworkSecurityGroupId"),
        ("security group in a test", card.test_security_group_id, "tfoNetworkSecurityGroupId"),
    ):
        yield from _text(name, text_of(nic.get(key)), after)
    if card.accelerated is not None:
        before = nic.get("enableAcceleratedNetworkingOnRecovery") is True
        if before != card.accelerated:
            yield FieldChange("accelerated networking", _on(before), _on(card.accelerated))
    configs = {text_of(one.get("name")).casefold(): one for one in rows(nic.get("ipConfigs"))}
    for ips, prefix, where in ((card.ips, "recovery", ""), (card.test_ips, "tfo", " in a test")):
        for ip in ips:
            told = mapping(configs.get(ip.name.casefold()))
            if told:
                yield from _of_ip(ip, told, prefix, where)


def _of_ip(ip: IpWanted, told: Json, prefix: str, where: str) -> Iterator[FieldChange]:
    for name, after, key in (
        ("subnet", ip.subnet, f"{prefix}SubnetName"),
        ("address", ip.private_ip, f"{prefix}StaticIPAddress"),
        ("public address", ip.public_ip_id, f"{prefix}PublicIPAddressId"),
    ):
        yield from _text(f"{name}{where}", text_of(told.get(key)), after)
    before = texts(told.get(f"{prefix}LBBackendAddressPoolIds"))
    missing = [
        one for one in ip.backend_pool_ids if not any(same_id(one, other) for other in before)
    ]
    if missing or (ip.backend_pool_ids and len(before) != len(ip.backend_pool_ids)):
        shown = ", ".join(ip.backend_pool_ids)
        yield FieldChange(f"balancer pools{where}", ", ".join(before) or None, shown)


def _text(name: str, before: str, after: str | None) -> Iterator[FieldChange]:
    if after is not None and key_of(before) != key_of(after):
        yield FieldChange(name, before or None, after)


def _on(value: bool) -> str:  # noqa: FBT001
    return "on" if value else "off"
