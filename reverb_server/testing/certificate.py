"""A certificate for a server of a test, and the authority to trust for it."""

from pathlib import Path

from reverb_server.errors import ReverbError


class NoTrustme(ReverbError):
    """The package that makes certificates is not installed."""


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate with its key, and its authority; return both paths.

    It is for localhost, 127.0.0.1 and ::1. Raises NoTrustme.
    """
    try:
        import trustme  # lazy import: few tests need it, and not everyone has it
    except ImportError:
        raise NoTrustme("TLS in tests needs trustme: pip install trustme") from None

    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1", "::1")
    cert_file, ca_file = folder / "server.pem", folder / "ca.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(cert_file)
    authority.cert_pem.write_to_path(ca_file)
    return cert_file, ca_file
