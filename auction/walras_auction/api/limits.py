"""Patterns and bounds of query and path parameters, and limits of clients."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

HASH = "^0x[0-9a-fA-F]{64}$"
ADDRESS = "^0x[0-9a-fA-F]{40}$"

#: The largest id that the store can compare.
MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class AddressLimits:
    """Tokens of one client address (see ``throttle.py``).

    ``trusted_proxies`` are believed in what ``X-Forwarded-For`` says of whom they speak for.
    """

    per_second: float
    burst: int
    trusted_proxies: tuple[Network, ...] = ()
