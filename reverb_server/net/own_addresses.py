"""This machine's addresses, as other machines in its network reach them."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from typing import Final

ELSEWHERE: Final = {
    "0.0.0.0": (socket.AF_INET, "198.51.100.1"),
    "::": (socket.AF_INET6, "2001:db8::1"),
}
"""For each wildcard, an address beyond this network (RFC 5737, RFC 3849)."""

DISCARD: Final = 9


def reachable_addresses(hosts: Iterable[str]) -> list[str]:
    """Return the addresses behind the wildcards among ``hosts``; none where none is found.

    Asks the kernel alone: no name is looked up, nothing is sent, and nothing can block.
    """
    places = [ELSEWHERE[host] for host in hosts if host in ELSEWHERE]
    found = [_own_address(family, other) for family, other in places]
    return [address for address in found if address is not None]


def _own_address(family: int, other: str) -> str | None:
    """Return the address from which packets to another machine would leave.

    Connecting a UDP socket sends nothing: the kernel only chooses the route and the address.
    """
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((other, DISCARD))
        address = str(sock.getsockname()[0])
        own = ipaddress.ip_address(address.partition("%")[0])
        if not (own.is_loopback or own.is_unspecified or own.is_link_local):
            return address
    return None
