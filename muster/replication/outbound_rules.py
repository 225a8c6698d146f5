"""Whether the rules of a security group let traffic out to a service tag."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from muster.replication.found import FoundRule

_EVERYWHERE = frozenset({"*", "0.0.0.0/0", "internet", "any"})
_ALLOW_INTERNET = "AllowInternetOutBound"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a VM wants to do: from its addresses, to a service tag, by TCP."""

    addresses: tuple[str, ...]
    tag: str  # Storage.EastUS
    port: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it may; None: a rule counts perhaps, so that nobody can say.

    `by` is the rule that decided, or that nobody can judge; `priority` its priority.
    """

    allowed: bool | None
    by: str = ""
    priority: int | None = None


def judge_rules(rules: Iterable[FoundRule], wish: Wish) -> Answer:
    """The first rule that fits decides, as Azure does it; without one, its default lets out.

    A rule whose destination is a range of addresses covers a tag perhaps in part: if it denies, or
    allows before something that denies, the answer is not known. Such a rule is never counted as
    letting out.
    """
    perhaps: FoundRule | None = None
    for rule in sorted(rules, key=lambda one: one.priority):
        fits = _fits(rule, wish)
        if fits is None and not rule.allows:
            perhaps = perhaps or rule
        if not fits:
            continue
        if not rule.allows:
            return Answer(False, rule.name, rule.priority)  # noqa: FBT003
        break
    if perhaps is not None:
        return Answer(None, perhaps.name, perhaps.priority)
    return Answer(True, _ALLOW_INTERNET)  # noqa: FBT003


def _fits(rule: FoundRule, wish: Wish) -> bool | None:
    """Whether a rule is about what is wished; None: about a part of it, perhaps."""
    if not rule.is_outbound or rule.protocol.casefold() not in ("*", "tcp"):
        return False
    if not any(_has_port(one, wish.port) for one in rule.ports):
        return False
    source = _covers_source(rule.sources, wish.addresses)
    destination = covers_tag(rule.destinations, wish.tag)
    if source is False or destination is False:
        return False
    return True if source and destination else None


def _has_port(text: str, port: int) -> bool:
    if text == "*":
        return True
    first, _, last = text.partition("-")
    try:
        return int(first) <= port <= int(last or first)
    except ValueError:
        return False


def covers_tag(destinations: tuple[str, ...], tag: str) -> bool | None:
    """Whether destinations hold all of a tag (True), none of it, or perhaps some (None)."""
    whole, _, region = tag.casefold().partition(".")
    answer: bool | None = False
    for one in destinations:
        folded = one.casefold()
        if folded in _EVERYWHERE or folded in (tag.casefold(), whole):
            return True
        if folded == "azurecloud" or (region and folded == f"azurecloud.{region}"):
            return True
        if folded.startswith("azurecloud."):
            answer = None  # a region's addresses: the tag has some there, perhaps
        if _is_public_range(one) or folded.startswith(f"{whole}."):
            answer = None if not _is_other_region(folded, whole, region) else answer
    return answer


def _is_other_region(destination: str, whole: str, region: str) -> bool:
    """Whether a destination is the same service in another region: that is none of this tag."""
    name, _, other = destination.partition(".")
    return name == whole and bool(other) and bool(region) and other != region


def _is_public_range(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return not network.is_private


def _covers_source(sources: tuple[str, ...], addresses: tuple[str, ...]) -> bool | None:
    """All of a VM's addresses, none of them, or perhaps: an application security group."""
    answer: bool | None = False
    for one in sources:
        if one.casefold() in ("*", "0.0.0.0/0", "any", "virtualnetwork"):
            return True
        if one.startswith("/"):
            answer = None  # which cards are in an application security group is not read
            continue
        try:
            network = ipaddress.ip_network(one, strict=False)
        except ValueError:
            continue  # a tag that no VM of a network is in
        if any(ipaddress.ip_address(address) in network for address in addresses):
            return True
    return answer
