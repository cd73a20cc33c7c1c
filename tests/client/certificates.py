"""Certificates for tests, each a path of files in PEM."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Certificates:
    """What an authority issued; each file holds a certificate with its key, but for ``ca``."""

    ca: Path
    server: Path
    other_name: Path
    expired: Path
    not_yet_valid: Path
    client: Path


def issue(folder: Path) -> Certificates:
    """Make an authority, and let it issue one of each."""
    folder.mkdir()
    authority = trustme.CA()

    def write(name: str, *identities: str, **validity: Any) -> Path:
        issued = authority.issue_cert(*identities, **validity)
        path = folder / name
        issued.private_key_and_cert_chain_pem.write_to_path(str(path))
        return path

    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return Certificates(
        ca=folder / "ca.pem",
        server=write("server.pem", "localhost", "127.0.0.1", "::1"),
        other_name=write("other.pem", "example.org"),
        expired=write("expired.pem", "127.0.0.1", not_before=NOW - 2 * DAY, not_after=NOW - DAY),
        not_yet_valid=write("future.pem", "127.0.0.1", not_before=NOW + DAY),
        client=write("client.pem", "client@example.org"),
    )
