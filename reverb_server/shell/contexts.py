"""What TLS accepts, on either side: which versions, and whose certificates."""

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


def client_context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """Build the context of a client, which verifies the server's certificate and its name.

    ``ca``: whom to trust instead of the machine's own authorities. Raises OSError or
    ssl.SSLError if a file can't be read or is not what it should be.
    """
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    if cert is not None:
        context.load_cert_chain(cert, key, password="")
    return context
