"""TLS on the client's side: whom to trust, and what went wrong in words for the user.

The server's certificate and its name are always verified; there is no option against it, but one
that trusts a single certificate by its fingerprint instead.
"""

import errno
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import anyio

from reverb_server.errors import ReverbError
from reverb_server.net.daemon_thread import in_daemon_thread
from reverb_server.net.stream import Gone, SocketStream
from reverb_server.net.tls import TLSStream
from reverb_tui.connection.targets import TLSOptions
from reverb_tui.display import visible_text

FILES_TIMEOUT: Final = 5.0
"""Seconds for the disk to give the files of certificates and keys."""

HANDSHAKE_WITHIN: Final = 10.0
"""Seconds within which TLS must be agreed on."""


class NotSecure(ReverbError):
    """No TLS with this server; the text says what happened and what to do, as a half sentence."""


class NotTrusted(NotSecure):
    """The server's certificate can't be verified."""


_NO_TLS: Final = "the server speaks no TLS there; check the port, or leave out --tls"
_CLOSED: Final = "the server closed the connection instead of agreeing on TLS; check the port"
_DEMANDED: Final = "the server demands a client certificate; give one with --tls-cert"
_REFUSED: Final = "the server refused the client certificate; check --tls-cert"
_OTHER_VERSION: Final = "the server speaks no TLS that is safe; 1.2 or newer is needed"
_OTHER_NAME: Final = (
    "its certificate is for another name; check the host, or give that name with --tls-name"
)

# Codes of X509_verify_cert and reasons of SSL errors, as OpenSSL documents and spells them.
_VERIFY: Final = {
    9: "its certificate is not valid yet; check the clocks of both machines",
    10: "its certificate has expired; it needs a new one",
    18: "its certificate is self-signed; if it is the right one, give it with --tls-ca",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
} | dict.fromkeys(
    (2, 19, 20, 21),
    "its certificate is from an issuer unknown here; give the right one with --tls-ca",
)
_REASONS: Final = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "UNEXPECTED_MESSAGE": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "UNSUPPORTED_PROTOCOL": _OTHER_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OTHER_VERSION,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _DEMANDED,
    "SSLV3_ALERT_BAD_CERTIFICATE": _REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the server refused the client certificate as expired; "
    "it needs a new one",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not know the issuer of the client certificate; "
    "check --tls-cert",
    "TLSV1_ALERT_DECRYPT_ERROR": _REFUSED,
    "TLSV1_ALERT_ACCESS_DENIED": _REFUSED,
    # All that TLS 1.2 has for a certificate that is missing, and for much else.
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "the server refused the handshake; "
    "it may demand a client certificate: give one with --tls-cert",
}
_NETWORK: Final = {
    errno.ETIMEDOUT: "the server does not answer any more; check the network and the server"
} | dict.fromkeys(
    (errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH, errno.ENETDOWN),
    "the server can't be reached any more; check the network",
)


async def read_files(options: TLSOptions) -> ssl.SSLContext:
    """Read whom to trust and what to show. Raises NotSecure."""
    reading = ""

    def read(option: str) -> None:
        nonlocal reading
        reading = option

    try:
        with anyio.fail_after(FILES_TIMEOUT):
            return await in_daemon_thread(lambda: _context(options, read))
    except TimeoutError:
        raise NotSecure(
            f"the file could not be read within {FILES_TIMEOUT:g} seconds; check {reading}"
        ) from None


async def secured(
    stream: SocketStream, host: str, context: ssl.SSLContext, options: TLSOptions | None = None
) -> TLSStream:
    """Agree on TLS with the server ``host`` over a connected stream. Raises NotSecure.

    Nothing that the user sends goes out before the server's certificate is verified; only where it
    is pinned, the client's own certificate does, which is no secret.
    """
    asked = options or TLSOptions()
    try:
        # Neither a dot at the end nor the zone of an address is part of a certificate's name.
        name = asked.name or host.removesuffix(".").partition("%")[0]
        secure = TLSStream(stream, context, name)
        with anyio.fail_after(HANDSHAKE_WITHIN):
            await secure.handshake()
    except TimeoutError:
        raise NotSecure(
            f"the server did not agree on TLS within {HANDSHAKE_WITHIN:g} seconds; "
            "if it speaks no TLS, leave out --tls"
        ) from None
    except ValueError as error:
        raise NotSecure(_OTHER_NAME) from error
    except Gone as gone:
        refused = isinstance(gone.__cause__, ssl.SSLCertVerificationError)
        raise (NotTrusted if refused else NotSecure)(in_words(gone)) from gone
    if asked.pin and secure.fingerprint != asked.pin:
        raise NotSecure(
            f"its certificate is another one, {secure.fingerprint}; check the server and --tls-pin"
        )
    return secure


def in_words(gone: Gone) -> str:
    """Return why a connection is gone, and what to do about it if TLS is the reason.

    With TLS 1.3 a client learns only after the handshake that its certificate is not welcome.
    """
    cause = gone.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _VERIFY.get(cause.verify_code, f"its certificate is not valid: {gone}")
    if isinstance(cause, ssl.SSLEOFError):
        return _CLOSED
    if isinstance(cause, ssl.SSLError):
        return _REASONS.get(str(cause.reason), f"TLS failed: {gone}")
    number = getattr(cause, "errno", None)
    return str(gone) if number is None else _NETWORK.get(number, str(gone))


def certificate_rows(
    certificate: Mapping[str, Any], fingerprint: str = ""
) -> list[tuple[str, str]]:
    """Return a certificate's contents, in rows of a label and a value that is safe to show.

    ``certificate`` is what `ssl.SSLSocket.getpeercert` gives: nothing for one that is trusted by
    its fingerprint.
    """
    subject = ", ".join(f"{value}" for part in certificate.get("subject", ()) for _, value in part)
    issuer = ", ".join(f"{value}" for part in certificate.get("issuer", ()) for _, value in part)
    names = ", ".join(f"{name}" for _, name in certificate.get("subjectAltName", ()))
    rows = [
        ("certificate", names or subject or "trusted by its fingerprint alone"),
        ("subject", subject if names else ""),
        ("issuer", issuer),
        ("valid until", _day(certificate.get("notAfter"))),
        ("fingerprint", fingerprint),
    ]
    return [(label, visible_text(value)) for label, value in rows if value]


def _day(instant: str | None) -> str:
    """An instant as a certificate has it, in the order in which it can be compared."""
    if instant is None:
        return ""
    return f"{datetime.fromtimestamp(ssl.cert_time_to_seconds(instant), UTC):%Y-%m-%d %H:%M} UTC"


def _context(options: TLSOptions, tell: Callable[[str], None]) -> ssl.SSLContext:
    """Read the files; ``tell`` is called with the option of the next one. Raises NotSecure."""
    files = {"--tls-ca": options.ca, "--tls-cert": options.cert, "--tls-key": options.key}
    for option, file in files.items():
        tell(option)
        try:
            if file is not None:
                file.open("rb").close()  # what ssl says does not name the file
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            raise NotSecure(f"cannot read {str(file)!r}: {why}; check {option}") from error
    tell("--tls-ca")
    try:
        context = certificate_context() if options.pin else client_context(options.ca)
    except (OSError, ssl.SSLError) as error:
        raise NotSecure(
            f"{str(options.ca)!r} has no certificates in PEM; check --tls-ca"
        ) from error
    tell("--tls-cert and --tls-key")
    try:
        if options.cert is not None:
            context.load_cert_chain(options.cert, options.key, password="")
    except (OSError, ssl.SSLError) as error:
        names = " and ".join(repr(str(file)) for file in (options.cert, options.key) if file)
        raise NotSecure(
            f"{names}: not a certificate and its key in PEM, without a password; "
            "check --tls-cert and --tls-key"
        ) from error
    return context


def client_context(ca: Path | None) -> ssl.SSLContext:
    """Build the context of a client, which verifies the server's certificate and its name.

    ``ca``: whom to trust instead of the machine's own authorities. Raises OSError or
    ssl.SSLError if the file can't be read or is not what it should be.
    """
    return _restricted(ssl.create_default_context(cafile=ca))


def certificate_context() -> ssl.SSLContext:
    """Build the context of a client that takes any certificate: whoever uses it looks at it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the machine's authorities are not read
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _restricted(context)


def _restricted(context: ssl.SSLContext) -> ssl.SSLContext:
    """Allow TLS 1.2 and newer, and no renegotiation."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context
