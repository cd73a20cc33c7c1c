"""TLS for the connections of a server: whose certificate is shown, and handshakes that end."""

import ssl
from typing import Final

import anyio

from reverb_server.settings import Settings
from reverb_server.shell.contexts import server_context
from reverb_server.shell.listeners import CannotListen
from reverb_server.shell.parting import PARTING
from reverb_server.shell.stream import SocketStream
from reverb_server.shell.tls import HandshakeFailed, TLSStream

HANDSHAKE: Final = 10.0
"""Seconds within which TLS must be agreed on."""


class Securing:
    """Agrees on TLS with clients, if the settings want it.

    Raises CannotListen if the certificate files are not in order.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = _context(settings)
        self._handshakes: set[anyio.CancelScope] = set()
        self._longest = HANDSHAKE

    @property
    def on(self) -> bool:
        """Whether connections are secured at all."""
        return self._context is not None

    def reload(self) -> None:
        """Read the certificate files again, for connections from now on.

        Raises CannotListen, and goes on with what it had, if they are not in order.
        """
        self._context = _context(self._settings)

    def hurry(self) -> None:
        """Give every handshake, also one still to come, no longer than a connection's end."""
        self._longest = PARTING
        for handshake in self._handshakes:
            handshake.deadline = min(handshake.deadline, anyio.current_time() + PARTING)

    async def secured(self, stream: SocketStream) -> SocketStream | TLSStream:
        """Agree on TLS over a connected stream; return it as it is if it need not be secured.

        Raises Gone, HandshakeFailed if TLS is why.
        """
        if self._context is None:
            return stream
        secured = TLSStream(stream, self._context)
        with anyio.move_on_after(self._longest) as scope:
            self._handshakes.add(scope)
            try:
                await secured.handshake()
            finally:
                self._handshakes.discard(scope)
            return secured
        raise HandshakeFailed("it took too long")


def _context(settings: Settings) -> ssl.SSLContext | None:
    """Return what to serve TLS with, None without TLS. Raises CannotListen for bad files."""
    if settings.tls_cert is None:
        return None
    try:
        return server_context(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
    except (OSError, ssl.SSLError) as error:
        files = [settings.tls_cert, settings.tls_key, settings.tls_client_ca]
        names = ", ".join(str(file) for file in files if file is not None)
        why = error.strerror if isinstance(error, FileNotFoundError | PermissionError) else None
        raise CannotListen(
            f"cannot serve TLS with {names}: {why or 'not a matching certificate and key in PEM'}"
        ) from error
