"""Options of the checker: one value that checks itself."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from reverb_check.program import PLACE
from reverb_check.promises import KNOWN
from reverb_check.promises.promise import Promise
from reverb_server.address_syntax import Address, parse_port
from reverb_tui.connection.targets import AnyTarget, Target, TLSOptions, UnixTarget
from reverb_tui.options import PORT, server_address


@dataclass(frozen=True)
class CheckOptions:
    """The server or client to check, and how. Raises ValueError, one sentence, for what can't be.

    Args:
        server: The server that runs already: host, host:port, tls://host:port or unix:PATH;
            localhost:8000 if none is given.
        command: The program to check, behind two hyphens; it is started, and stopped afterwards.
            The words {port} in it are replaced by the port.
        client: The program is a client, which is run against a server of the checker's own.
        port: Port on which the program listens, or to which the client connects; 0 takes a free
            one, for commands that have {port} in them.
        unix: Path of the server's Unix socket, instead of an address.
        tls: The server speaks TLS; its certificate and its name are verified.
        tls_ca: File with the authorities to trust instead of the machine's own, in PEM.
        tls_cert: File with the certificate for a server that demands one, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        tls_name: The name that the server's certificate has to be for, if it is not the host's.
        only: Promises to try, and no others; several with commas between them.
        without: Promises to leave out.
        promise: Promises to try beside the usual ones.
        exact: Each echo has to be to the byte as docs/protocol.md has it.
        idle: Seconds of silence after which the promise idle expects a client to be disconnected.
        timeout: Seconds for each promise at most.
        json: Print one JSON object instead of the report.
        junit: File for the report as JUnit's XML.
        list: List the promises, and check nothing.
        explain: Promise to explain; nothing is checked.
    """

    server: str | None = None
    _: KW_ONLY
    command: Annotated[
        tuple[str, ...], Parameter(consume_multiple=True, allow_leading_hyphen=True, show=False)
    ] = ()
    client: bool = False
    port: str | None = None
    unix: Path | None = None
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_name: str | None = None
    only: str | None = None
    without: str | None = None
    promise: str | None = None
    exact: bool = False
    idle: float = 10.0
    timeout: float = 60.0
    json: bool = False
    junit: Path | None = None
    list: bool = False
    explain: str | None = None

    def __post_init__(self) -> None:
        if self.client and not self.command:
            raise ValueError("client needs a program: give it behind two hyphens, -- ./netcat2")
        if self.command and self.server is not None:
            raise ValueError(
                f"{self.server!r} is a server that runs already, and a command starts one: "
                "leave one of them out"
            )
        if not 0.1 <= self.idle <= 3600:
            raise ValueError(f"idle {self.idle:g} is out of range: give seconds from 0.1 to 3600")
        if not 1 <= self.timeout <= 3600:
            raise ValueError(
                f"timeout {self.timeout:g} is out of range: give seconds from 1 to 3600"
            )
        if self.unix is not None and (self.server or self.port or self.tls):
            raise ValueError("unix can't stand beside an address or TLS: leave one of them out")
        if self.tls and self.address.tls is False:
            raise ValueError(f"{self.address} is without TLS, and --tls asks for it: write tls://")
        if not self.encrypted and (self.tls_ca or self.tls_cert or self.tls_key or self.tls_name):
            raise ValueError("options for TLS need TLS: give --tls as well")
        if self.number == 0 and not any(PLACE in word for word in self.command):
            raise ValueError(f"port 0 needs {PLACE} in the command, which tells it the free port")

    @cached_property
    def address(self) -> Address:
        """Where the server is. Raises ValueError, one sentence."""
        if self.unix is not None:
            return Address(unix=self.unix)
        if self.server is None:
            return Address(host="localhost", tls=self.tls or None)
        return server_address(self.server, self.port)

    @property
    def encrypted(self) -> bool:
        """Whether TLS is asked for."""
        return self.tls or bool(self.address.tls)

    @cached_property
    def number(self) -> int:
        """The TCP port. Raises ValueError, one sentence."""
        if self.server is None and self.port is not None:
            return parse_port(self.port)
        return self.address.port or PORT

    def target(self, port: int) -> AnyTarget:
        """Return where to connect; ``port`` is the one in force, where there are ports."""
        address = self.address
        if address.unix is not None:
            return UnixTarget(address.unix)
        tls = TLSOptions(ca=self.tls_ca, cert=self.tls_cert, key=self.tls_key, name=self.tls_name)
        return Target(address.host, port, tls if self.encrypted else None)


def promise_ids(
    text: str | None, option: str, known: Mapping[str, Promise] = KNOWN
) -> tuple[str, ...]:
    """Return the promises that an option names. Raises ValueError for one that is not known."""
    ids = tuple(each.strip() for each in (text or "").split(",") if each.strip())
    if text is not None and not ids:
        raise ValueError(f"{option} names no promise: --list shows all of them")
    for each in ids:
        if each not in known:
            raise ValueError(f"{option} {each!r} is no promise here: --list shows all of them")
    return ids
