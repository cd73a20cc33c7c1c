"""TLS for the connections of a server: whose certificate is shown, and handshakes that end."""

import ssl
from threading import Semaphore
from typing import Final

import anyio

from reverb_server.net.clock import STOOD_STILL
from reverb_server.net.contexts import server_context
from reverb_server.net.daemon_thread import in_daemon_thread_within
from reverb_server.net.lingering_close import LINGER
from reverb_server.net.listeners import CannotListen
from reverb_server.net.stream import Gone, SocketStream, Stream
from reverb_server.net.tls import TLSStream
from reverb_server.settings import Settings

HANDSHAKE: Final = 10.0
"""Seconds within which TLS must be agreed on."""

READING: Final = 60.0
"""Seconds within which certificate files must have been read: a disk may hang, a pipe be empty."""

READING_AGAIN: Final = 10.0
"""The same where there are some already."""

READERS: Final = 8
"""Threads that may hang over that at a time; nothing can end them."""

REASONS: Final = {
    "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
    "KEY_TYPE_MISMATCH": "the key is not that of the certificate",
    "NO_CERTIFICATE_OR_CRL_FOUND": "no certificate in PEM in the file of the authorities",
}
"""OpenSSL's error where each file is fine on its own."""


class Securing:
    """Agrees on TLS with clients, if the settings want it; to be `read` before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context: ssl.SSLContext | None = None
        self._readers = Semaphore(READERS)
        self._reads = self._newest = 0
        self._handshakes: set[anyio.CancelScope] = set()
        self._longest = HANDSHAKE

    @property
    def on(self) -> bool:
        """Whether connections are secured at all."""
        return self._settings.tls_cert is not None

    async def read(self) -> None:
        """Read the certificate files (again), for connections from now on.

        Raises CannotListen, and goes on with what it had, if they are not in order, or can't be
        read in time.
        """
        if not self.on:
            return
        if not self._readers.acquire(blocking=False):
            raise CannotListen(f"{_where(self._settings)}: earlier tries to read them still hang")
        self._reads += 1
        number = self._reads
        within = READING if self._context is None else READING_AGAIN
        try:
            context = await in_daemon_thread_within(within, self._read)
        except TimeoutError:
            raise CannotListen(
                f"{_where(self._settings)}: they could not be read within {within:g} seconds"
            ) from None
        except OSError as error:  # there is no thread for it
            self._readers.release()
            raise CannotListen(f"{_where(self._settings)}: {error.strerror}") from error
        if number > self._newest:  # else one that began later was faster
            self._context, self._newest = context, number

    def _read(self) -> ssl.SSLContext:
        try:
            return _context(self._settings)
        finally:
            self._readers.release()

    def hurry(self) -> None:
        """Limit every handshake, current and future, to the time a closing connection has."""
        self._longest = LINGER
        for handshake in self._handshakes:
            handshake.deadline = min(handshake.deadline, anyio.current_time() + LINGER)

    async def secured(self, stream: SocketStream) -> Stream:
        """Agree on TLS over a connected stream; return it as it is if it need not be secured.

        Raises Gone.
        """
        if self._context is None:
            return stream
        secured = TLSStream(stream, self._context)
        for _ in range(2):
            with anyio.move_on_after(self._longest) as scope:
                self._handshakes.add(scope)
                try:
                    await secured.handshake()
                finally:
                    self._handshakes.discard(scope)
                return secured
            if anyio.current_time() < scope.deadline + STOOD_STILL:
                break  # else the client may have been in time: so it has as much once more
        raise Gone("it took too long")


def _context(settings: Settings) -> ssl.SSLContext:
    """Return what to serve TLS with. Raises CannotListen for bad files."""
    assert settings.tls_cert is not None  # noqa: S101
    try:
        return server_context(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
    except ssl.SSLError as error:
        why = REASONS.get(error.reason, "not a certificate and an unencrypted key in PEM")
        raise CannotListen(f"{_where(settings)}: {why}") from error
    except OSError as error:
        raise CannotListen(f"{_where(settings)}: {error.strerror or error}") from error


def _where(settings: Settings) -> str:
    files = (settings.tls_cert, settings.tls_key, settings.tls_client_ca)
    return f"cannot serve TLS with {', '.join(str(file) for file in files if file is not None)}"
