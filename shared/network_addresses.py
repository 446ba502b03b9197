"""Who stands behind a network address, as far as one can tell."""

from __future__ import annotations

import ipaddress
from typing import Final

SENDER_PREFIX: Final = 64
"""Bits of an IPv6 address that name a network; the other half its user chooses at will, anew for each request."""


def sender_of(ip: str) -> str:
    """What attempts are counted for: an IPv4 address itself, the /64 network of an IPv6 address.

    An IPv4 address written as IPv6 is the IPv4 address. What is no address is one sender of that name.
    """
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, SENDER_PREFIX), strict=False))
