"""Addresses as people type them: one grammar for both commands, the environment and `/connect`.

==========================  ==============================================
what is typed               what is understood
==========================  ==============================================
``host``                    a name or an IP address, without a port
``host:port``               both; the port is a number or a service's name
``host port``               the same
``::1``, ``fe80::1%eth0``   an IPv6 address, without a port
``[::1]:port``              an IPv6 address and a port
``tls://…``, ``tcp://…``    any of the above, with or without TLS
``unix:path``               a Unix socket; ``unix:///path`` as well
==========================  ==============================================
"""

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reverb_server.errors import ReverbError

LOCALHOST: Final = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
"""Addresses of ``localhost``; no resolver is asked: they differ, and some are far away."""

EXAMPLE: Final = "give host:port, for example localhost:8000"
SHOWN: Final = 60
"""Characters of what was typed that an error repeats."""
PORT_MAX: Final = 65_535
BROADCAST: Final = "255.255.255.255"

SERVICE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._*/-]*")
SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
ZONE: Final = re.compile(r"[A-Za-z0-9._~-]+")
FORMS: Final = "give host:port, tls://host:port or unix:path"

Service = Callable[[str], int]
"""Returns the port of a service by its name; raises OSError for an unknown one."""


def tcp_service(name: str) -> int:
    """Return the TCP port of a service that this machine knows by name. Raises OSError."""
    return socket.getservbyname(name, "tcp")


class BadAddress(ReverbError, ValueError):
    """The text is no address; the sentence says what was understood."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is, or is to be; what was not said is None.

    Args:
        host: A name, an IP address without brackets, or ``*``; empty for a Unix socket.
        port: From 0 to 65535.
        tls: True for ``tls://``, False for ``tcp://``.
        unix: Path of a Unix socket, which has no host, port or TLS.
    """

    host: str = ""
    port: int | None = None
    tls: bool | None = None
    unix: Path | None = None

    def __str__(self) -> str:
        if self.unix is not None:
            return f"unix:{self.unix}"
        scheme = "" if self.tls is None else "tls://" if self.tls else "tcp://"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}{host}" if self.port is None else f"{scheme}{host}:{self.port}"


def parse_address(text: str, port: str | None = None, *, service: Service = tcp_service) -> Address:
    """Parse an address; ``port`` is one that was given apart from it.

    Raises BadAddress, which says what was understood.
    """
    stripped = text.strip()
    if not stripped:
        raise BadAddress(f"the address is empty: {EXAMPLE}")
    if stripped[:5].lower() == "unix:":
        return _unix(stripped, port)
    scheme = SCHEME.fullmatch(stripped)
    tls, place = _scheme(stripped, *scheme.groups()) if scheme else (None, stripped)
    words = place.split()
    if len(words) > 2:
        raise BadAddress(f"{_shown(text)} has {len(words)} words: give a host and a port")
    host, own_port = _split(words[0], stripped) if words else ("", None)
    ports = [each for each in (own_port, *words[1:], port) if each is not None]
    if len(ports) > 1:
        raise BadAddress(
            f"{_shown(text)} has two ports, {_shown(ports[0])} and {_shown(ports[1])}: "
            "leave one of them out"
        )
    _check_host(host, stripped, has_port=bool(ports))
    host = _of_one_machine(host)
    return Address(host, parse_port(ports[0], service=service) if ports else None, tls)


def parse_port(text: str, *, service: Service = tcp_service) -> int:
    """Parse a port: a number, or the name of a service.

    Raises BadAddress.
    """
    port = text.strip()
    if re.fullmatch("[0-9]+", port):
        digits = port.lstrip("0") or "0"
        if len(digits) > len(str(PORT_MAX)) or int(digits) > PORT_MAX:
            raise BadAddress(f"port {_cut(port)} is out of range: give a number up to {PORT_MAX}")
        return int(digits)
    if SERVICE_NAME.fullmatch(port):
        try:
            return service(port.lower())
        except OSError:
            pass
    raise BadAddress(
        f"port {_shown(port)} is neither a number up to {PORT_MAX} "
        "nor a service that this machine knows"
    )


def _unix(text: str, port: str | None) -> Address:
    path = text[5:].strip()
    if path.startswith("///"):
        path = path[2:]
    elif path.startswith("//"):
        raise BadAddress(f"{_shown(text)} has a host: write unix:/path, or unix:path")
    if port is not None:
        raise BadAddress(f"{_shown(text)} is a Unix socket, which has no port {_shown(port)}")
    if not path:
        raise BadAddress(f"{_shown(text)} has no path: write unix:/path, or unix:path")
    if "\0" in path:
        raise BadAddress(f"{_shown(text)} has a NUL in its path, which no file can have")
    try:
        return Address(unix=Path(path).expanduser())  # no shell does it behind a colon
    except RuntimeError as error:
        raise BadAddress(f"{_shown(text)} begins with the home directory of nobody here") from error


def _scheme(text: str, scheme: str, rest: str) -> tuple[bool, str]:
    """Return whether TLS is meant, and what follows ``scheme://``."""
    if scheme.lower() not in ("tls", "tcp"):
        raise BadAddress(f"{_shown(text)} is for {_cut(scheme)}, which is not spoken here: {FORMS}")
    return scheme.lower() == "tls", rest.removesuffix("/")


def _split(word: str, text: str) -> tuple[str, str | None]:
    """Split one word into host and port; the port is None if there is none."""
    if word.startswith("["):
        host, bracket, rest = word[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadAddress(f"{_shown(text)} has brackets that don't match: write [::1]:8000")
        if not _is_ipv6(host):
            raise BadAddress(f"{_shown(text)} has no IPv6 address in its brackets: {EXAMPLE}")
        return host, _given_port(rest[1:], text) if rest else None
    if word.count(":") > 1:
        if _is_ipv6(word):
            return word, None
        raise BadAddress(
            f"{_shown(text)} has more than one colon and is no IPv6 address: "
            "give host:port, or [address]:port"
        )
    host, colon, port = word.partition(":")
    return host, _given_port(port, text) if colon else None


def _given_port(port: str, text: str) -> str:
    if not port:
        raise BadAddress(f"{_shown(text)} has no port behind its colon: {EXAMPLE}")
    return port


def _check_host(host: str, text: str, *, has_port: bool) -> None:
    if not host:
        raise BadAddress(f"{_shown(text)} has no host: {EXAMPLE}")
    if host.isascii() and host.isdigit() and not has_port:
        raise BadAddress(f"{_shown(text)} is a port without a host: {EXAMPLE}")
    if ":" in host or host == "*":
        return
    if "@" in host:
        raise BadAddress(f"{_shown(text)} has a user, which nobody asks for here: {EXAMPLE}")
    if "/" in host:
        raise BadAddress(f"{_shown(text)} has a path: {FORMS}")
    # As a resolver reads it: a full-width colon becomes a colon, and so on.
    for character in unicodedata.normalize("NFKC", host):
        if not _may_be_in_a_name(character):
            raise BadAddress(f"{_shown(text)} has {_shown(character)} in its host: {EXAMPLE}")


def _may_be_in_a_name(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "-._"
    return character.isprintable() or character in "\u200c\u200d"  # joiners, of Persian and Hindi


def _of_one_machine(host: str) -> str:
    """Return the host, an IPv4 address in its own form. Raises BadAddress if it is no machine's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return _of_one_machine(str(address.ipv4_mapped))
        if address.is_link_local and not address.scope_id:
            raise BadAddress(f"{host} is in every network: add the interface, as in {host}%eth0")
    if address.is_multicast or host == BROADCAST:
        raise BadAddress(f"{host} means many machines: give the address of one")
    return host


def _is_ipv6(text: str) -> bool:
    address, percent, zone = text.partition("%")
    if percent and not ZONE.fullmatch(zone):
        return False
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
