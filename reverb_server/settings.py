"""The settings of a server: one value that checks itself."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from reverb_server.core import control

Mode = Literal["concurrent", "sequential", "plain"]
Backend = Literal["asyncio", "trio"]
LogLevel = Literal["debug", "info", "warning", "error"]

LEAST_PENDING: Final = 4096
"""Bytes below which a bound would be spent on bookkeeping rather than on echoes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server listens and echoes. Raises ValueError, one sentence, for a value it can't have.

    Args:
        host: Address or name to listen on; localhost is both 127.0.0.1 and ::1.
        port: TCP port to listen on; 0 takes a free one.
        unix: Path of a Unix socket to listen on, instead of host and port.
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
        drain_timeout: Seconds that a stop waits for pending echoes.
        tls_cert: File with the certificate (chain) to serve TLS with, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        tls_client_ca: File with the authorities one of which must have signed a client's
            certificate.
        backend: What runs the server: asyncio or trio.
        log_level: The least severe messages to log: debug, info, warning or error.
    """

    host: str = "localhost"
    port: int = 8000
    unix: Path | None = None
    mode: Mode = "concurrent"
    delay: float = 1.0
    max_line: int = 65_536
    max_pending: int = 1_048_576
    max_connections: int | None = None
    idle_timeout: float = 0.0
    write_timeout: float = 30.0
    drain_timeout: float = 10.0
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    backend: Backend = "asyncio"
    log_level: LogLevel = "info"

    def __post_init__(self) -> None:
        if not self.host or "\0" in self.host:
            raise ValueError("host is empty: give an address or a name, for example localhost")
        if type(self.port) is not int or not 0 <= self.port <= 65_535:
            raise ValueError(f"port {self.port} is out of range: give a number from 0 to 65535")
        if not control.is_delay(self.delay):
            raise ValueError(
                f"delay {self.delay} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
            )
        self._check_limits()
        if self.tls_cert is None and (self.tls_key or self.tls_client_ca):
            option = "tls-key" if self.tls_key else "tls-client-ca"
            raise ValueError(f"{option} needs a certificate: give --tls-cert as well")
        _one_of("mode", self.mode, get_args(Mode))
        _one_of("backend", self.backend, get_args(Backend))
        _one_of("log-level", self.log_level, get_args(LogLevel))

    def limits(self, max_connections: int) -> dict[str, float]:
        """Return what a client may know of its limits, by the names of the options."""
        return {
            "max_line": self.max_line,
            "max_pending": self.max_pending,
            "max_connections": max_connections,
            "idle_timeout": self.idle_timeout,
            "write_timeout": self.write_timeout,
        }

    def _check_limits(self) -> None:
        if self.max_line < 1:
            raise ValueError(f"max-line {self.max_line} is too small: give at least 1 byte")
        least = max(LEAST_PENDING, 8 * self.max_line)
        if self.max_pending < least:
            raise ValueError(
                f"max-pending {self.max_pending} is too small: give at least {least} bytes, "
                "eight times the longest line"
            )
        if self.max_connections is not None and self.max_connections < 1:
            raise ValueError(f"max-connections {self.max_connections} is too small: give 1 or more")
        for name, value in (
            ("idle-timeout", self.idle_timeout),
            ("write-timeout", self.write_timeout),
            ("drain-timeout", self.drain_timeout),
        ):
            if not 0 <= value < math.inf:
                raise ValueError(f"{name} {value} is out of range: give seconds, 0 or more")


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise ValueError(f"{name} {value!r} is unknown: choose {choices}")
