"""The settings of a server: one value that checks itself."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from reverb_server.core import control
from reverb_server.errors import ReverbError
from reverb_server.networks import BadNetwork, parse_networks

Mode = Literal["concurrent", "sequential", "plain"]
ProxyProtocol = Literal["off", "accept", "require"]

LOOPBACK: Final = "127.0.0.0/8,::1"
"""The networks of this machine."""

LEAST_PENDING: Final = 4096
"""Bytes below which a bound would be spent on bookkeeping rather than on echoes."""


class BadSettings(ReverbError, ValueError):
    """A setting has a value that it can't have; the sentence begins with its name."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server listens and echoes. Raises BadSettings for a value that it can't have.

    Args:
        host: Address or name to listen on: ``localhost`` is both 127.0.0.1 and ::1, ``0.0.0.0``
            every IPv4 address, ``::`` every IPv6 address, ``*`` both.
        port: TCP port to listen on; 0 takes a free one.
        unix: Path of a Unix socket to listen on, instead of host and port.
        fds: Descriptors of listening sockets to serve, instead of host, port and path: nothing is
            bound then, and no path is removed.
        mode: How echoes wait: concurrent (for none), sequential (for the shout before), or plain
            (every byte comes back untouched).
        delay: Seconds between the echoes of a shout, from 0 to 60.
        max_line: Bytes of the longest line that is echoed; a longer one is refused.
        max_pending: Bytes held for one connection, above which nothing more is read from it.
        max_connections: Connections at a time; one more is refused. Without a number: as many as
            the limit of open files allows.
        idle_timeout: Seconds after which a client that has nothing pending and sends no line is
            closed; 0 is never.
        write_timeout: Seconds after which a client is cut off that takes none of what there is to
            send; 0 is never.
        lame_duck: Seconds that a stop goes on accepting and serving before it drains.
        drain_timeout: Seconds that a drain waits for pending echoes.
        tls_cert: File with the certificate (chain) to serve TLS with, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        tls_client_ca: File with the authorities one of which must have signed a client's
            certificate.
        proxy_protocol: Whether proxies name their clients, by a PROXY header (version 1 or 2)
            before the first byte: off, accept (where there is one), or require.
        proxy_from: Networks whose headers are believed, with commas between them; a Unix socket's
            clients always are.
    """

    host: str = "localhost"
    port: int = 8000
    unix: Path | None = None
    fds: tuple[int, ...] = ()
    mode: Mode = "concurrent"
    delay: float = 1.0
    max_line: int = 65_536
    max_pending: int = 1_048_576
    max_connections: int | None = None
    idle_timeout: float = 0.0
    write_timeout: float = 30.0
    lame_duck: float = 0.0
    drain_timeout: float = 10.0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    proxy_protocol: ProxyProtocol = "off"
    proxy_from: str = LOOPBACK

    def __post_init__(self) -> None:
        if not _is_text(self.host):
            raise BadSettings(
                f"host {self.host!r} can't be: give an address or a name, for example localhost"
            )
        if type(self.port) is not int or not 0 <= self.port <= 65_535:
            raise BadSettings(f"port {self.port} is out of range: give a number from 0 to 65535")
        if self.mode not in get_args(Mode):
            raise BadSettings(
                f"mode {self.mode!r} is unknown: choose concurrent, sequential or plain"
            )
        if not control.is_delay(self.delay):
            raise BadSettings(
                f"delay {self.delay} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
            )
        self._check_descriptors()
        self._check_limits()
        self._check_files()
        self._check_proxies()

    def limits(self, max_connections: int) -> dict[str, float]:
        """Return what a client may know of its limits, by the names of the options."""
        return {
            "max_line": self.max_line,
            "max_pending": self.max_pending,
            "max_connections": max_connections,
            "idle_timeout": self.idle_timeout,
            "write_timeout": self.write_timeout,
        }

    def _check_descriptors(self) -> None:
        for descriptor in self.fds:
            if type(descriptor) is not int or descriptor < 0:
                raise BadSettings(f"fds {descriptor!r} is no descriptor: give whole numbers from 0")
            if self.fds.count(descriptor) > 1:
                raise BadSettings(f"fds {descriptor} is given twice: leave one of them out")
        if self.fds and self.unix is not None:
            raise BadSettings("fds can't stand beside unix: leave one of them out")

    def _check_limits(self) -> None:
        _at_least(1, "max_line", self.max_line)
        _at_least(
            max(LEAST_PENDING, 8 * self.max_line),
            "max_pending",
            self.max_pending,
            "bytes, eight times the longest line",
        )
        if self.max_connections is not None:
            _at_least(1, "max_connections", self.max_connections)
        for name, seconds in (
            ("idle_timeout", self.idle_timeout),
            ("write_timeout", self.write_timeout),
            ("lame_duck", self.lame_duck),
            ("drain_timeout", self.drain_timeout),
        ):
            if type(seconds) not in (int, float) or not 0 <= seconds < math.inf:
                raise BadSettings(f"{name} {seconds} is out of range: give seconds, 0 or more")

    def _check_files(self) -> None:
        files = {
            "unix": self.unix,
            "tls_cert": self.tls_cert,
            "tls_key": self.tls_key,
            "tls_client_ca": self.tls_client_ca,
        }
        for name, path in files.items():
            if path is not None and not _is_path(path):
                raise BadSettings(f"{name} {path!r} is no path: give a pathlib.Path")
            if path == Path():
                raise BadSettings(f"{name} is a directory or empty: give the path of a file")
        if self.tls_cert is None and (self.tls_key or self.tls_client_ca):
            name = "tls_key" if self.tls_key else "tls_client_ca"
            raise BadSettings(f"{name} needs a certificate: give tls_cert as well")

    def _check_proxies(self) -> None:
        if self.proxy_protocol not in get_args(ProxyProtocol):
            raise BadSettings(
                f"proxy_protocol {self.proxy_protocol!r} is unknown: choose off, accept or require"
            )
        if not isinstance(self.proxy_from, str):
            raise BadSettings(f"proxy_from {self.proxy_from!r} is no text: give {LOOPBACK!r}")
        try:
            parse_networks(self.proxy_from)
        except BadNetwork as problem:
            raise BadSettings(f"proxy_from {problem}") from problem
        if self.proxy_protocol == "off" and self.proxy_from != LOOPBACK:
            raise BadSettings("proxy_from needs proxy_protocol accept or require")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _is_path(value: object) -> bool:
    return isinstance(value, Path) and "\0" not in str(value)


def _at_least(least: int, name: str, number: int, unit: str = "") -> None:
    if type(number) is not int:
        raise BadSettings(f"{name} {number!r} is no whole number")
    if number < least:
        advice = f"give at least {least} {unit}".rstrip()
        raise BadSettings(f"{name} {number} is too small: {advice}")
