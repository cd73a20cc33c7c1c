"""The server's TLS contexts: versions and certificates that it accepts."""

import ssl
from pathlib import Path


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
