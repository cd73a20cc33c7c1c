"""TLS of a server: its certificate, read again when asked, and handshakes that end."""

import ssl
from functools import partial
from pathlib import Path
from threading import Semaphore
from typing import Final

from reverb_server.net.connection_log import ConnectionRecord
from reverb_server.net.daemon_thread import in_daemon_thread_within
from reverb_server.net.listeners import CannotListen
from reverb_server.net.stream import Gone, SocketStream, Stream
from reverb_server.net.time_limit import TimeLimit
from reverb_server.net.tls import TLSStream
from reverb_server.settings import Settings

HANDSHAKE_TIMEOUT: Final = 10.0
"""Seconds within which TLS must be agreed on."""

CERTIFICATES_TIMEOUT: Final = 60.0
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


class ServerTLS:
    """Agrees on TLS with clients, if there is a certificate; to be `read` before."""

    def __init__(self, settings: Settings) -> None:
        self._cert, self._key = settings.tls_cert, settings.tls_key
        self._client_ca = settings.tls_client_ca
        files = (self._cert, self._key, self._client_ca)
        names = ", ".join(str(file) for file in files if file is not None)
        self._refusal = f"cannot serve TLS with {names}"
        self._context: ssl.SSLContext | None = None
        self._readers = Semaphore(READERS)
        self._reads = self._newest = 0
        self._limit = TimeLimit(HANDSHAKE_TIMEOUT)

    @property
    def on(self) -> bool:
        """Whether there is a certificate."""
        return self._cert is not None

    async def read(self) -> None:
        """Read the certificate files (again), for connections from now on.

        Raises CannotListen, and goes on with what it had, if they are not in order, or can't be
        read in time.
        """
        if self._cert is None:
            return
        if not self._readers.acquire(blocking=False):
            raise CannotListen(f"{self._refusal}: earlier tries to read them still hang")
        self._reads += 1
        number = self._reads
        within = CERTIFICATES_TIMEOUT if self._context is None else READING_AGAIN
        try:
            context = await in_daemon_thread_within(within, partial(self._read, self._cert))
        except TimeoutError:
            raise CannotListen(
                f"{self._refusal}: they could not be read within {within:g} seconds"
            ) from None
        except OSError as error:  # there is no thread for it
            self._readers.release()
            raise CannotListen(f"{self._refusal}: {error.strerror}") from error
        if number > self._newest:  # else one that began later was faster
            self._context, self._newest = context, number

    def _read(self, cert: Path) -> ssl.SSLContext:
        """Read the files, in a thread. Raises CannotListen."""
        try:
            return server_context(cert, self._key, self._client_ca)
        except ssl.SSLError as error:
            why = REASONS.get(error.reason, "not a certificate and an unencrypted key in PEM")
            raise CannotListen(f"{self._refusal}: {why}") from error
        except OSError as error:
            raise CannotListen(f"{self._refusal}: {error.strerror or error}") from error
        finally:
            self._readers.release()

    def hurry(self) -> None:
        """Limit every handshake, current and future, to the time a closing connection has."""
        self._limit.hurry()

    async def secured(self, stream: SocketStream, record: ConnectionRecord) -> Stream:
        """Agree on TLS over a connected stream; return it as it is if it need not be secured.

        The record gets what was agreed on. Raises Gone.
        """
        if self._context is None:
            return stream
        secured = TLSStream(stream, self._context)
        try:
            await self._limit.within(secured.handshake)
        except TimeoutError:
            raise Gone("it took too long") from None
        record.tls, record.client = secured.version, secured.name
        return secured


def server_context(cert: Path, key: Path | None, client_ca: Path | None) -> ssl.SSLContext:
    """Build the context of a server: TLS 1.2 or newer; ``client_ca`` demands client certificates.

    Raises OSError or ssl.SSLError if a file can't be read or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    # (With OpenSSL 3.) A client that ends without close_notify (ncat, one that was killed) has
    # ended all the same: what it sent is whole lines or is not, and its echoes can still be sent.
    context.options |= getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    context.load_cert_chain(cert, key, password="")
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
