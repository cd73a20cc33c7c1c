"""Where a server is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import reverb_server
from reverb_server.address_syntax import Address
from reverb_tui.options import PORT


@dataclass(frozen=True, slots=True)
class TLSOptions:
    """Whom to trust, and what to show; files are in PEM.

    Args:
        ca: Authorities to trust instead of the machine's own.
        cert: The certificate (chain) to show to a server that demands one.
        key: Its private key, if it is not in the same file.
        pin: The fingerprint of the one certificate to trust, ``sha256:`` and 64 digits, whatever
            it says and whoever issued it; then no authority, name or date is checked.
        name: The name that the certificate is to have, if it is not the host's.
    """

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    pin: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A server in the network: a name or an address, a TCP port, and TLS if it is to be used."""

    host: str
    port: int = PORT
    tls: TLSOptions | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port} (TLS)" if self.tls else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixTarget:
    """A server on this machine that listens on a Unix socket."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A server of one's own in this process: no port, nothing to start."""

    settings: reverb_server.Settings = reverb_server.Settings()

    def __str__(self) -> str:
        return "built-in server"


AnyTarget: TypeAlias = Target | UnixTarget | Embedded


def target_of(where: Address | Embedded, current: AnyTarget, first: AnyTarget) -> AnyTarget:
    """Return the server that a user means by an address.

    What the address leaves out is that of the ``current`` server (the port) or of the ``first``,
    which the command line gave (what to trust in TLS, and a built-in server's settings).
    """
    if isinstance(where, Embedded):
        return first if isinstance(first, Embedded) else where
    if where.unix is not None:
        return UnixTarget(where.unix)
    port = current.port if isinstance(current, Target) else PORT
    tls = TLSOptions()
    if isinstance(first, Target) and first.tls is not None:
        tls = first.tls
        if where.host != first.host:
            tls = replace(tls, pin=None, name=None)  # these are of that server's certificate
    return Target(where.host, where.port or port, tls if where.tls else None)
