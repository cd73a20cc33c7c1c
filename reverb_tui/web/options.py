"""Options of the client in browsers: where to serve it, and to how many."""

import ipaddress
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Final

from reverb_server.address_syntax import Address, parse_address, parse_port

LOOPBACK: Final = "127.0.0.1"

VISITORS: Final = 30
"""Visitors at a time, if no number is given: each costs tens of megabytes."""

EXAMPLE: Final = "give a port or HOST:PORT, for example 8080 or localhost:8080"


@dataclass(frozen=True)
class WebOptions:
    """Where browsers find the client. Raises ValueError, one sentence, for what can't be.

    Args:
        web: Serve the client to browsers at [HOST:]PORT, each visitor a client of their own;
            0 takes a free port. Without a host only this machine can connect.
        web_visitors: Visitors at a time with --web; one more is refused. [default: 30]
    """

    _: KW_ONLY
    web: str | None = None
    web_visitors: int | None = None

    def __post_init__(self) -> None:
        if self.web is None and self.web_visitors is not None:
            raise ValueError("web-visitors needs an address to serve: give --web as well")
        if self.web_visitors is not None and self.web_visitors < 1:
            raise ValueError(f"web-visitors {self.web_visitors} is out of range: give 1 or more")
        _ = self.place

    @cached_property
    def place(self) -> tuple[str | None, int]:
        """The address and the port to listen on; the address None is every one."""
        if self.web is None:
            return LOOPBACK, 0
        text = self.web.strip()
        address = Address(port=parse_port(text)) if text.isdecimal() else parse_address(text)
        if address.unix is not None or address.tls:
            raise ValueError(f"web can't serve {address}: {EXAMPLE}")
        if address.port is None:
            raise ValueError(f"web {text!r} has no port: {EXAMPLE}")
        host = LOOPBACK if address.host in ("", "localhost") else address.host
        return None if host == "*" else host, address.port

    @property
    def limit(self) -> int:
        """Visitors at a time."""
        return VISITORS if self.web_visitors is None else self.web_visitors


def is_loopback(host: str) -> bool:
    """Return whether an address that a socket is bound to is reached from this machine alone."""
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback
