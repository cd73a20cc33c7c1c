"""TLS records made by hand: what no library sends, and a hostile client does.

The standard library does the handshake and tells the secrets (as for Wireshark); from then on each
record is encrypted here.
"""

import hashlib
import hmac
import ssl
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.server.calls import Caller
from tests.server.secured import trusting

ALERT, HANDSHAKE, DATA = 21, 22, 23
"""Types of records."""

NO_RENEGOTIATION = bytes([1, 100])
"""An alert, as a warning."""

HELLO = bytes.fromhex("01 00002b 0303") + bytes(32) + bytes.fromhex("00 0002 c02b 01 00 0000")
"""A ClientHello, as small as it can be: within a session, it asks for a renegotiation."""

KEY_UPDATE = bytes.fromhex("18 000001 01")
"""The demand that both sides take new keys (TLS 1.3)."""


class Forger:
    """Encrypts records as the client of a session does."""

    def __init__(self, version: ssl.TLSVersion, secrets: dict[str, bytes], random: bytes) -> None:
        self._is_13 = version is ssl.TLSVersion.TLSv1_3
        self._number = 0
        if self._is_13:
            self._secret = secrets["CLIENT_TRAFFIC_SECRET_0"]
            self._take_keys()
        else:
            self._number = 1  # after the client's Finished
            block = _prf(secrets["CLIENT_RANDOM"], b"key expansion" + random, 72)
            self._cipher, self._fixed = AESGCM(block[:32]), block[64:68]

    def record(self, kind: int, content: bytes = b"") -> bytes:
        """Encrypt one record."""
        number = self._number.to_bytes(8)
        self._number += 1
        if self._is_13:
            header = bytes([DATA, 3, 3]) + (len(content) + 1 + 16).to_bytes(2)
            nonce = bytes(a ^ b for a, b in zip(self._fixed, bytes(4) + number, strict=True))
            return header + self._cipher.encrypt(nonce, content + bytes([kind]), header)
        length = len(content).to_bytes(2)
        secured = self._cipher.encrypt(
            self._fixed + number, content, number + bytes([kind, 3, 3]) + length
        )
        return bytes([kind, 3, 3]) + (8 + len(secured)).to_bytes(2) + number + secured

    def key_update(self) -> bytes:
        """Demand new keys, and take some."""
        record = self.record(HANDSHAKE, KEY_UPDATE)
        self._secret = _expand(self._secret, b"traffic upd", 48)
        self._number = 0
        self._take_keys()
        return record

    def _take_keys(self) -> None:
        self._cipher = AESGCM(_expand(self._secret, b"key", 32))
        self._fixed = _expand(self._secret, b"iv", 12)


async def forger(caller: Caller, version: ssl.TLSVersion, folder: Path) -> Forger:
    """Agree on TLS as ``caller``, and return who makes its records from then on."""
    context = trusting(version)
    context.set_ciphers("ECDHE+AES256+AESGCM")
    context.keylog_filename = str(folder / "secrets")
    incoming, send_buffer = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, send_buffer, server_hostname="localhost")
    sent = heard = b""
    done = False
    while not done:
        with suppress(ssl.SSLWantReadError):
            session.do_handshake()
            done = True
        sent += (flight := send_buffer.read())
        await caller.shout(flight)
        if not done:
            heard += (data := await caller.read())
            incoming.write(data)
    secrets = {
        label: bytes.fromhex(secret)
        for line in (folder / "secrets").read_text().splitlines()
        if not line.startswith("#")
        for label, _, secret in [line.split()]
    }
    return Forger(version, secrets, heard[11:43] + sent[11:43])


def _prf(secret: bytes, seed: bytes, size: int) -> bytes:
    out, turn = b"", seed
    while len(out) < size:
        turn = hmac.digest(secret, turn, hashlib.sha384)
        out += hmac.digest(secret, turn + seed, hashlib.sha384)
    return out[:size]


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    full = b"tls13 " + label
    info = size.to_bytes(2) + bytes([len(full)]) + full + b"\0"
    return hmac.digest(secret, info + b"\1", hashlib.sha384)[:size]
