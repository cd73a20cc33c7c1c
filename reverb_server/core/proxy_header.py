"""HAProxy's PROXY protocol: a header before a client's first byte that names the real client.

Versions 1 (a line of text) and 2 (binary), as in haproxy's ``doc/proxy-protocol.txt``. What a
header adds (TLVs) is skipped; nothing behind it is looked at.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal

from reverb_server.errors import ReverbError

V1: Final = b"PROXY "
"""The beginning of a header of version 1."""

V2: Final = b"\r\n\r\n\0\r\nQUIT\n"
"""The beginning of a header of version 2, which no other protocol begins with."""

V1_LONGEST: Final = 107
"""Bytes of the longest header of version 1, CR and LF included (section 2.1)."""

V2_LONGEST: Final = 4096
"""Bytes of the longest header of version 2 that is taken, TLVs included; it could say 65,551."""

FIXED: Final = struct.Struct("!12sBBH")
"""The beginning of version 2: signature, version and command, family and protocol, length."""

Endpoint = tuple[str, int] | str
"""An address and a port, or the path of a Unix socket, which may be empty."""

Protocol = Literal["stream", "datagram"]

FAMILIES: Final = {1: struct.Struct("!4s4sHH"), 2: struct.Struct("!16s16sHH"), 3: None}
"""Addresses of version 2: IPv4, IPv6, and Unix sockets, each of which has PATH bytes."""

PATH: Final = 108

PROTOCOLS: Final[dict[int, Protocol]] = {1: "stream", 2: "datagram"}


class BadHeader(ReverbError):
    """A header breaks the rules of the protocol; the sentence says which one."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """A header, which takes ``size`` bytes.

    Without addresses the connection is the proxy's own: a health check if it is ``local``,
    otherwise that of a client of which the proxy knows nothing.
    """

    size: int
    source: Endpoint | None = None
    destination: Endpoint | None = None
    protocol: Protocol | None = None
    local: bool = False


def begins_header(data: bytes) -> bool | None:
    """Return whether the first bytes of a connection begin a header, None if more must come."""
    if data.startswith((V1, V2)):
        return True
    return None if V1.startswith(data) or V2.startswith(data) else False


def parse_header(data: bytes) -> ProxyHeader | None:
    """Return the header that ``data`` begins with, None if more of it must come.

    Raises BadHeader as soon as it can't become one.
    """
    begins = begins_header(data)
    if begins is None:
        return None
    if not begins:
        raise BadHeader("the connection begins without a PROXY header")
    return _parse_v1(data) if data.startswith(V1) else _parse_v2(data)


def _parse_v1(data: bytes) -> ProxyHeader | None:
    size = data.find(b"\n", 0, V1_LONGEST) + 1
    if not size and len(data) >= V1_LONGEST:
        raise BadHeader(f"the PROXY line is longer than {V1_LONGEST} bytes")
    if not size:
        return None
    line = data[len(V1) : size]
    if not line.endswith(b"\r\n"):
        raise BadHeader("the PROXY line ends in LF without CR")
    family, *words = line[:-2].split(b" ")
    if family == b"UNKNOWN":  # whatever follows is to be ignored
        return ProxyHeader(size)
    if family not in (b"TCP4", b"TCP6") or len(words) != 4:
        raise BadHeader("the PROXY line is not TCP4 or TCP6, two addresses and two ports")
    kind = IPv4Address if family == b"TCP4" else IPv6Address
    source, destination = (_address(word, kind) for word in words[:2])
    ports = [_port(word) for word in words[2:]]
    return ProxyHeader(size, (source, ports[0]), (destination, ports[1]), "stream")


def _address(word: bytes, kind: type[IPv4Address] | type[IPv6Address]) -> str:
    try:
        if b"%" in word:
            raise ValueError("no zone is known to another machine")
        return _name(kind(word.decode("ascii")))
    except ValueError:
        family = "IPv4" if kind is IPv4Address else "IPv6"
        raise BadHeader(f"the PROXY line has {_shown(word)} for an {family} address") from None


def _name(address: IPv4Address | IPv6Address) -> str:
    """Return an address as text, an IPv4 address in its own form."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _port(word: bytes) -> int:
    if len(word) <= 5 and word.isdigit() and str(int(word)).encode() == word:
        port = int(word)
        if port <= 65_535:
            return port
    raise BadHeader(f"the PROXY line has {_shown(word)} for a port")


def _shown(word: bytes) -> str:
    return ascii(word.decode("latin-1"))


def _parse_v2(data: bytes) -> ProxyHeader | None:
    if len(data) < FIXED.size:
        return None
    _, version_and_command, kind, length = FIXED.unpack_from(data)
    version, command = divmod(version_and_command, 16)
    family, transport = divmod(kind, 16)
    size = FIXED.size + length
    if version != 2:
        raise BadHeader(f"the PROXY header has version {version}, not 2")
    if command > 1:
        raise BadHeader(f"the PROXY header has command {command}, neither LOCAL nor PROXY")
    if size > V2_LONGEST:
        raise BadHeader(f"the PROXY header has {size} bytes, more than {V2_LONGEST}")
    local = command == 0
    if not local and (family > max(FAMILIES) or transport > max(PROTOCOLS)):
        raise BadHeader(f"the PROXY header has address family {family}, protocol {transport}")
    named = not local and family != 0 and transport != 0
    if named and length < _length(family):
        raise BadHeader(f"the PROXY header has {length} bytes where its addresses have more")
    if len(data) < size:
        return None
    if not named:
        return ProxyHeader(size, local=local)
    source, destination = _endpoints(family, data[FIXED.size : size])
    return ProxyHeader(size, source, destination, PROTOCOLS[transport])


def _length(family: int) -> int:
    """Return how many bytes the two addresses of a family have."""
    form = FAMILIES[family]
    return 2 * PATH if form is None else form.size


def _endpoints(family: int, data: bytes) -> tuple[Endpoint, Endpoint]:
    """Return source and destination, from what is behind the fixed part of version 2."""
    form = FAMILIES[family]
    if form is None:
        return _path(data[:PATH]), _path(data[PATH : 2 * PATH])
    kind = IPv4Address if family == 1 else IPv6Address
    source, destination, source_port, destination_port = form.unpack_from(data)
    return (_name(kind(source)), source_port), (_name(kind(destination)), destination_port)


def _path(padded: bytes) -> str:
    """Return a path, an abstract one with @ for its NUL as Linux shows it."""
    path = padded.rstrip(b"\0")
    if path.startswith(b"\0"):
        path = b"@" + path[1:]
    return path.partition(b"\0")[0].decode(errors="backslashreplace")
