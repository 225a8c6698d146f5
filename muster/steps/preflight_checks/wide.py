"""Ranges of addresses so wide that a service of Azure's may well lie in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

FEW = 256
"""Addresses that decide nothing: a service has thousands, and nobody knows all of them. In more
than these a part of a service may lie: Azure's own are ranges of many widths, all over the space.
https://www.microsoft.com/download/details.aspx?id=56519"""
HUGE = 8
"""Bits of a prefix: Azure's own addresses lie in most ranges of this width."""
ALL_OF_IT = IPv4Network("0.0.0.0/0")

Range = IPv4Network | IPv6Network


def is_everywhere(ranges: Iterable[Range]) -> bool:
    """Whether ranges are together all of IPv4: 0.0.0.0/0, or its halves."""
    return _together(ranges) == [ALL_OF_IT]


def are_wide(ranges: Iterable[Range]) -> bool:
    """Whether so much of the internet lies in ranges that a service of Azure's may, too."""
    public = (one for one in ranges if not one.is_private)
    return sum(one.num_addresses for one in _together(public)) > FEW


def is_huge(one: Range) -> bool:
    """Whether a service of Azure's lies in a range, by all that is known."""
    return isinstance(one, IPv4Network) and one.prefixlen <= HUGE and not one.is_private


def _together(ranges: Iterable[Range]) -> list[IPv4Network]:
    told = (one for one in ranges if isinstance(one, IPv4Network))
    return list(collapse_addresses(told))
