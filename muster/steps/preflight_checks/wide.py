"""Ranges of addresses so wide that a service of Azure's may well lie in them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

WIDE = 8
"""Bits of a prefix: Azure's own addresses lie in many ranges of this width, all over the space.
https://www.microsoft.com/download/details.aspx?id=56519"""
ALL_OF_IT = IPv4Network("0.0.0.0/0")

Range = IPv4Network | IPv6Network


def is_everywhere(ranges: Iterable[Range]) -> bool:
    """Whether ranges are together all of IPv4: 0.0.0.0/0, or its halves."""
    told = (one for one in ranges if isinstance(one, IPv4Network))
    return list(collapse_addresses(told)) == [ALL_OF_IT]


def is_wide(one: Range) -> bool:
    """Whether so much of the internet lies in a range that a service of Azure's may, too."""
    return isinstance(one, IPv4Network) and one.prefixlen <= WIDE and not one.is_private
