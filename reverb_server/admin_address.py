"""The admin address, as people type it, and whether it is the one that echoes."""

from typing import Final

from reverb_server.address_syntax import LOCALHOST, Address, BadAddress, parse_address, parse_port
from reverb_server.settings import Settings

FORMS: Final = "give a port, HOST:PORT or unix:PATH, for example 9100 or localhost:9100"

SEVERAL: Final = {
    "localhost": frozenset(address for _, address in LOCALHOST),
    "*": frozenset(("0.0.0.0", "::")),
}
"""Hosts that mean more than one address."""


def parse_admin(text: str) -> Address:
    """Parse an admin address: a port of this machine, HOST:PORT, or unix:PATH.

    Raises BadAddress.
    """
    typed = text.strip()
    if typed.isdecimal():
        return Address("localhost", parse_port(typed))
    address = parse_address(typed)
    if address.tls:
        raise BadAddress(f"{address} is with TLS, which an admin address does not speak: {FORMS}")
    if address.unix is None and address.port is None:
        raise BadAddress(f"{typed!r} has no port: {FORMS}")
    return address


def echoes_at(address: Address, settings: Settings) -> bool:
    """Return whether the server with these settings listens at ``address`` itself."""
    if settings.fds:  # whatever they are bound to, nobody else can be
        return False
    if address.unix is not None and settings.unix is not None:
        return address.unix.absolute() == settings.unix.absolute()
    if address.unix is not None or settings.unix is not None:
        return False
    if address.port != settings.port or not settings.port:  # 0 is a port of its own for each
        return False
    return any(
        _covers(one, other) or _covers(other, one)
        for one in _hosts(address.host)
        for other in _hosts(settings.host)
    )


def _hosts(host: str) -> frozenset[str]:
    name = host.lower().removesuffix(".")
    return SEVERAL.get(name, frozenset((name,)))


def _covers(host: str, other: str) -> bool:
    """Return whether who listens on ``host`` listens on ``other`` as well."""
    if host == "0.0.0.0":
        return ":" not in other
    return host == other or (host == "::" and ":" in other)
