"""TLS as a transform of bytes over a `SocketStream`, with half-close in both directions.

It works in memory (`ssl.MemoryBIO`), so that there is one way of sending, with TLS and without.
anyio's own TLSStream can't half-close: after the client's close_notify the pending echoes must
still go out (RFC 8446, section 6.1, allows that; so does TLS 1.2 in practice).
"""

import contextlib
import ssl
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from anyio.lowlevel import checkpoint

from reverb_server.net.stream import Gone, SocketStream

RECORD: Final = 16_384
"""Bytes of a record at the most (RFC 8446, section 5.1): reading less would leave a part behind."""

HEADER: Final = 5
"""Bytes before a record, the last two of which are its length (RFC 8446, section 5.1)."""

NAME: Final = 200
"""Characters of a certificate's name that are told."""

RECORDS_AT_ONCE: Final = 32
"""Records that are decrypted before others get their turn: one that brings no data can cost 60
microseconds (new keys), and be of 27 bytes."""

RECORDS_WITHOUT_DATA: Final = 256
"""More of such records than of others, after which the peer is let go: it only wastes time."""

MAX_UNSENT: Final = 262_144
"""Bytes that TLS itself may have to send (answers to key updates) before the peer is let go."""


class TLSStream:
    """An encrypted stream over a connected one, with the same methods, after `handshake`.

    ``context`` decides what is accepted; ``server_name`` is whom a client wants to talk to, None
    on the server's side.
    """

    says_farewell = True  # by close_notify

    def __init__(
        self, stream: SocketStream, context: ssl.SSLContext, server_name: str | None = None
    ) -> None:
        self._stream = stream
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_side=server_name is None,
            server_hostname=server_name,
        )
        self._ciphertext = memoryview(b"")
        self._undecrypted: bytes | memoryview = b""  # taken from the kernel, and not by TLS
        self._rest_of_record = 0  # bytes still to come of a record of which TLS has the beginning
        self._without_data = 0
        self.buffered = False
        self._lenient = server_name is None

    @property
    def unsent(self) -> int:
        """Bytes that `send_now` took over and that the kernel has not taken."""
        return len(self._ciphertext)

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 once it is closed."""
        return self._stream.fileno()

    @property
    def unacknowledged(self) -> int:
        """Bytes that the kernel has taken and the other side has not; 0 where it can't be known."""
        return self._stream.unacknowledged

    @property
    def version(self) -> str:
        """The version in use, as ``TLSv1.3``."""
        return str(self._tls.version())

    @property
    def description(self) -> str:
        """The version and cipher in use."""
        cipher = self._tls.cipher()
        return f"{self.version}, {cipher[0]}" if cipher else self.version

    @property
    def certificate(self) -> Mapping[str, Any]:
        """The other side's certificate, as `ssl.SSLSocket.getpeercert` gives it; {} without one."""
        return self._tls.getpeercert() or {}

    @property
    def name(self) -> str:
        """The name in the other side's certificate, the common one first; "" without one."""
        subject, others = (self.certificate.get(key, ()) for key in ("subject", "subjectAltName"))
        pairs = [pair for relative in subject for pair in relative if pair[0] == "commonName"]
        names = [str(name) for _, name in (*pairs, *others)]
        return names[0][:NAME] if names else ""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the other side's certificate, ``sha256:`` and 64 digits; "" without."""
        certificate = self._tls.getpeercert(binary_form=True)
        return f"sha256:{sha256(certificate).hexdigest()}" if certificate else ""

    async def handshake(self) -> None:
        """Agree on keys with the other side. Raises Gone, from an SSLError if TLS is the reason.

        If it is cancelled, it can be gone on with by calling it once more.
        """
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush_all()
                if not await self._take():
                    gone = Gone("the other side closed the connection")
                    raise gone from ssl.SSLEOFError()
            except ssl.SSLError as error:
                with contextlib.suppress(Gone):
                    self.send_now(b"")  # the alert, which tells the other side
                raise Gone(_reason(error)) from error
            else:
                await self._flush_all()
                self._without_data = 0
                self.buffered = True  # the first lines may have come along with the last flight
                return

    async def receive(self, limit: int = 65_536) -> bytes:
        """Return what has come, ``b""`` at the end of input; a record is never parted."""
        while (data := self._decrypt(limit)) is None:
            if not await self._take():
                return self._end()
        return data

    def receive_now(self, limit: int = 65_536) -> bytes | None:
        """Return what has come already, ``b""`` at the end of input, None if nothing has.

        Nor does it return anything when a few records brought no data: others get their turn, and
        `buffered` tells whether there are more.
        """
        data = self._decrypt(limit)
        if data is None:
            if not self._has_records:
                ciphertext = self._stream.receive_now()
                if ciphertext is None:
                    return None
                if not ciphertext:
                    return self._end()
                self._add(ciphertext)
            self._feed()
            data = self._decrypt(limit)
        return data

    async def _take(self) -> bool:
        """Feed a few records to TLS, waiting for some to arrive; return False at EOF."""
        if self._has_records:
            await checkpoint()
        else:
            ciphertext = await self._stream.receive()
            if not ciphertext:
                return False
            self._add(ciphertext)
        self._feed()
        return True

    @property
    def _has_records(self) -> bool:
        """Whether anything was taken from the kernel that TLS can be given at once."""
        return len(self._undecrypted) >= HEADER

    def _add(self, ciphertext: bytes) -> None:
        """Put what was taken from the kernel behind the beginning of a header, if there is one."""
        rest = self._undecrypted
        self._undecrypted = bytes(rest) + ciphertext if rest else ciphertext

    def _feed(self) -> None:
        """Feed the next few records to TLS. Raises Gone if too many brought no data."""
        data, size = self._undecrypted, len(self._undecrypted)
        end, records = self._rest_of_record, 0
        while records < RECORDS_AT_ONCE and end + HEADER <= size:
            end += HEADER + (data[end + 3] << 8) + data[end + 4]
            records += 1
        if end >= size:  # nearly always: what came is whole records
            self._incoming.write(data)
            self._undecrypted, self._rest_of_record = b"", end - size
        else:
            parts = memoryview(data)
            self._incoming.write(parts[:end])
            self._undecrypted, self._rest_of_record = parts[end:], 0
        self._without_data += records
        if self._without_data > RECORDS_WITHOUT_DATA:
            raise Gone("the other side sends TLS records with nothing in them")

    def _decrypt(self, limit: int) -> bytes | None:
        """Return the next of what was taken from the kernel; None if there is no more of it."""
        try:
            data = self._tls.read(max(limit, RECORD))
        except ssl.SSLWantReadError:
            self.buffered = self._has_records
            self.send_now(b"")  # it may have been asked for new keys
            if self.unsent > MAX_UNSENT:
                raise Gone("the other side asks for keys and reads nothing") from None
            return None
        except ssl.SSLZeroReturnError:
            data = b""
        except ssl.SSLEOFError:
            if not self._lenient:
                raise Gone("the other side closed the connection without ending it") from None
            data = b""
        except ssl.SSLError as error:
            raise Gone(_reason(error)) from error
        self.buffered = bool(data)
        self._without_data = max(0, self._without_data - 2)  # the data's own, and one more
        return data

    def send_now(self, data: bytes | memoryview) -> int:
        """Encrypt and send without waiting; return the number of bytes taken over, maybe 0."""
        taken = 0
        while self._flush() and taken < len(data):
            try:
                taken += self._tls.write(data[taken : taken + RECORD])
            except ssl.SSLError as error:
                raise Gone(_reason(error)) from error
        return taken

    async def wait_writable(self) -> None:
        """Wait until the kernel takes bytes again."""
        await self._stream.wait_writable()

    def half_close(self) -> None:
        """Send close_notify: nothing more will be sent; receiving goes on."""
        # unwrap also looks for the other side's close_notify, and takes data that comes before
        # it for an error: so it is shown none.
        waiting = self._incoming.read()
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._tls.unwrap()
        if not self._incoming.eof:  # at an end without close_notify nothing whole is waiting
            self._incoming.write(waiting)
        with contextlib.suppress(Gone):
            self.send_now(b"")

    def reset_on_close(self) -> None:
        """Make `close` a reset, where the kind of socket has one (TCP)."""
        self._stream.reset_on_close()

    def close(self) -> None:
        """Close the socket immediately."""
        self._stream.close()

    def _flush(self) -> bool:
        """Send as much as possible of what is encrypted; return whether all is sent."""
        while True:
            if not self._ciphertext:
                self._ciphertext = memoryview(self._outgoing.read())
            if not self._ciphertext:
                return True
            sent = self._stream.send_now(self._ciphertext)
            self._ciphertext = self._ciphertext[sent:]
            if self._ciphertext:
                return False

    async def _flush_all(self) -> None:
        while not self._flush():
            await self._stream.wait_writable()

    def _end(self) -> bytes:
        """Handle EOF without close_notify.

        Python's releases do not agree on what reading says then (3.11.2: nothing).
        """
        self._incoming.write_eof()
        if not self._lenient:
            raise Gone("the other side closed the connection without ending it")
        return b""


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if error.reason is None:
        return "TLS failed"
    return error.reason.lower().replace("_", " ")
