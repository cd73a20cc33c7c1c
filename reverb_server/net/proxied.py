"""Clients behind a proxy: the header that names them is read before anything else.

A proxy's own connections, which only look whether the server is there, are marked in the record.
"""

import contextlib
import math
from functools import partial
from typing import Final

from reverb_server.core.proxy_header import (
    V2_LONGEST,
    BadHeader,
    Endpoint,
    ProxyHeader,
    begins_header,
    parse_header,
)
from reverb_server.errors import ReverbError
from reverb_server.net.connection_log import ConnectionRecord, End, peer_name, word_safe
from reverb_server.net.stream import Gone, SocketStream
from reverb_server.net.time_limit import TimeLimit
from reverb_server.networks import is_in, parse_networks
from reverb_server.settings import Settings

HEADER_TIMEOUT: Final = 10.0
"""Seconds within which a header must have come."""


class HeaderRefused(ReverbError):
    """A header is missing, wrong, or from a source that is not believed."""


class ProxyHeaders:
    """Reads the header of each connection, and writes the client's name into its record."""

    def __init__(self, settings: Settings) -> None:
        self.on = settings.proxy_protocol != "off"
        """Whether to read any."""
        self._required = settings.proxy_protocol == "require"
        self._from = settings.proxy_from
        self._networks = parse_networks(settings.proxy_from)
        self._header_limit = TimeLimit(HEADER_TIMEOUT)
        # A silent client is late for its handshake, or idle, as it is without proxies.
        silence = HEADER_TIMEOUT if settings.tls_cert else settings.idle_timeout
        self._silence_limit = TimeLimit(silence or math.inf)

    def hurry(self) -> None:
        """Limit what is waited for, now and in future, to the time a closing connection has."""
        self._header_limit.hurry()
        self._silence_limit.hurry()

    async def read(self, stream: SocketStream, record: ConnectionRecord, address: object) -> bool:
        """Read a header from a connected stream, whose other end is at ``address``.

        Returns whether there is anything to serve behind it. Raises HeaderRefused.
        """
        if not self._believes(address):
            if self._required:
                raise HeaderRefused(f"PROXY headers are believed from {self._from} alone")
            return True
        opening = _Opening(stream)
        if not self._required and not await self._hears(opening):
            return True
        header = await self._read(opening)
        client = None if header is None else header.source
        if isinstance(address, tuple) and client == address[:2]:
            client = None  # HAProxy's checks of version 1 name itself
        if header is not None and header.local:
            record.health_check = True
        elif client is not None:
            record.via, record.peer = record.peer, source_name(client)
        elif await self._hears(opening) and not opening.data:
            record.health_check, record.end = True, End.FINISHED
            return False
        if opening.data:
            stream.unread(opening.data)
        return True

    def _believes(self, address: object) -> bool:
        if isinstance(address, tuple):
            return is_in(str(address[0]), self._networks)
        return isinstance(address, str | bytes)  # of a Unix socket

    async def _hears(self, opening: "_Opening") -> bool:
        """Wait for the first byte or the end; return False if neither comes in time."""
        with contextlib.suppress(TimeoutError):
            await self._silence_limit.within(opening.begin)
            return True
        return False

    async def _read(self, opening: "_Opening") -> ProxyHeader | None:
        """Return the header, None if there is none and need be none. Raises HeaderRefused."""
        try:
            return await self._header_limit.within(partial(opening.header, self._required))
        except TimeoutError:
            if not self._required and not begins_header(opening.data):
                return None
            late = f"no whole PROXY header came within {HEADER_TIMEOUT:g} seconds"
            raise HeaderRefused(late) from None
        except (BadHeader, Gone) as problem:
            raise HeaderRefused(str(problem)) from problem


class _Opening:
    """The first bytes of a connection, as many of them as a header can have."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._ended = False
        self.data = b""
        """Bytes that were read and are no part of a header so far."""

    async def begin(self) -> None:
        """Wait until there is a byte, or none will come."""
        if not self.data and not self._ended:
            await self._receive()

    async def header(self, required: bool) -> ProxyHeader | None:
        """Read a header; return None if there is none, because there need be none, or no byte.

        Raises BadHeader and Gone. If it is cancelled, it can be gone on with by calling it again.
        """
        while required or begins_header(self.data) is not False:
            header = parse_header(self.data)
            if header is not None:
                self.data = self.data[header.size :]
                return header
            if self._ended:
                if begins_header(self.data) or (required and self.data):
                    raise BadHeader("the connection ended within its PROXY header")
                break
            await self._receive()
        return None

    async def _receive(self) -> None:
        room = V2_LONGEST - len(self.data)
        try:
            data = self._stream.receive_now(room)
            if data is None:
                data = await self._stream.receive(room)
        except Gone:
            if self.data:
                raise
            data = b""  # a proxy that looks whether the server is there may end with a reset
        self.data += data
        self._ended = not data


def source_name(source: Endpoint) -> str:
    """Name a client as `peer_name` does; a Unix socket's path is one word, whatever is in it."""
    if isinstance(source, tuple):
        return peer_name(source)
    return f"unix:{word_safe(source)}" if source else "unix"
