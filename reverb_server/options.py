"""Options of the server, from the command line and the environment."""

import re
import sys
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter, Token

from reverb_server.address_syntax import Address, parse_address, parse_port
from reverb_server.admin_address import echoes_at, parse_admin
from reverb_server.log_lines import LogFormat
from reverb_server.settings import BadSettings, Mode, ProxyProtocol, Settings
from reverb_server.workers.cores import usable_cores

Backend = Literal["asyncio", "trio"]
LogLevel = Literal["debug", "info", "warning", "error"]

SERVICE_LINK: Final = re.compile(r"[a-z]+://\S+")
"""REVERB_PORT as Kubernetes and Docker set it, for a service or a link called reverb."""


MOST_WORKERS: Final = 256
"""More of them are taken for a mistake."""

PARENTS: Final = {
    *("host", "port", "unix", "fd"),  # the parent listens
    *("admin", "ready_file", "workers", "lame_duck"),
    *("max_connections", "log_time"),  # said in another way
}
"""Options that a worker does not have, or not as its parent has them."""


class FromEnvironment(str):
    """Value of a variable; the command line takes precedence."""

    __slots__ = ()


def _text(_: object, tokens: Sequence[Token]) -> str:
    """Return what an option says, and remember where it stands."""
    token = tokens[0]
    return FromEnvironment(token.value) if token.source == "env" else token.value


def _descriptors(_: object, tokens: Sequence[Token]) -> tuple[int, ...]:
    """Return the numbers that are given, each in an option of its own or several in a variable."""
    words = [word for token in tokens for word in token.value.replace(",", " ").split()]
    for word in words:
        if not (word.isascii() and word.isdecimal() and len(word) <= 9):
            raise ValueError(f"{word!r} is no number of a descriptor")
    return tuple(map(int, words))


def _workers(_: object, tokens: Sequence[Token]) -> int:
    """Return how many workers there are to be."""
    word = tokens[0].value
    if word.strip().lower() == "auto":
        return usable_cores()
    if not (word.isascii() and word.isdecimal() and len(word) <= 9):
        raise ValueError(f"{word!r} is no number of workers, nor auto")
    return int(word)


Text = Annotated[str | None, Parameter(converter=_text)]


@dataclass(frozen=True)
class ServerOptions:
    """How the server listens and echoes. Raises ValueError, one sentence, for what can't be.

    Args:
        host: Where to listen: an address or a name, with a port or without (localhost:8000,
            [::1]:8000), or unix:PATH. localhost is both 127.0.0.1 and ::1, 0.0.0.0 every IPv4
            address, :: every IPv6 address, and * both. [default: localhost]
        port: TCP port to listen on, a number or the name of a service; 0 takes a free one.
            [default: 8000]
        unix: Path of a Unix socket to listen on, instead of host and port.
        fd: Number of an open descriptor that listens already, instead of host, port and path; may
            be given several times. Sockets from systemd (LISTEN_FDS) need no option.
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
        lame_duck: Seconds that a stop goes on accepting and serving before it drains; a second
            signal skips the rest.
        drain_timeout: Seconds that a drain waits for pending echoes.
        tls_cert: File with the certificate (chain) to serve TLS with, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        tls_client_ca: File with the authorities one of which must have signed a client's
            certificate.
        proxy_protocol: Whether proxies name their clients, by a PROXY header (version 1 or 2)
            before the first byte: off, accept (where there is one), or require.
        proxy_from: Networks whose headers are believed, with commas between them (10.0.0.0/8,::1);
            a Unix socket's clients always are.
        ready_file: File to write the addresses to, as JSON, once the server listens; it is removed
            at the end.
        admin: Answer HTTP requests for /health, /metrics and /connections at HOST:PORT, at PORT of
            this machine, or at unix:PATH; needs the extra admin.
        workers: Processes that serve, or auto: one for each core. A parent starts them, and another
            for one that dies (Linux).
        backend: What runs the server: asyncio or trio.
        log_level: The least severe messages to log: debug, info, warning or error.
        log_format: How they are written: text, or json, one object a line.
        log_time: Begin each line of text with the time, in UTC.
    """

    host: Text = None
    port: Text = None
    _: KW_ONLY
    unix: Annotated[Text, Parameter(metavar="PATH")] = None
    fd: Annotated[
        tuple[int, ...],
        Parameter(
            converter=_descriptors, consume_multiple=False, metavar="NUMBER", show_default=False
        ),
    ] = ()
    mode: Mode = Settings.mode
    delay: float = Settings.delay
    max_line: int = Settings.max_line
    max_pending: int = Settings.max_pending
    max_connections: int | None = Settings.max_connections
    idle_timeout: float = Settings.idle_timeout
    write_timeout: float = Settings.write_timeout
    lame_duck: float = Settings.lame_duck
    drain_timeout: float = Settings.drain_timeout
    tls_cert: Path | None = Settings.tls_cert
    tls_key: Path | None = Settings.tls_key
    tls_client_ca: Path | None = Settings.tls_client_ca
    proxy_protocol: ProxyProtocol = Settings.proxy_protocol
    proxy_from: Annotated[str, Parameter(metavar="NETWORKS")] = Settings.proxy_from
    ready_file: Path | None = None
    admin: Annotated[str | None, Parameter(metavar="ADDRESS")] = None
    workers: Annotated[int, Parameter(converter=_workers, metavar="NUMBER")] = 1
    backend: Backend = "asyncio"
    log_level: LogLevel = "info"
    log_format: LogFormat = "text"
    log_time: bool = False

    def __post_init__(self) -> None:
        _ = self.settings
        if self.admin is not None:
            parse_admin(self.admin)
        self._check_workers()

    @cached_property
    def settings(self) -> Settings:
        """The settings of the server that is asked for. Raises ValueError, one sentence."""
        self._require_no_place_beside(self.fd, "--fd")
        place = Address() if self.fd else self._place()
        if place.tls and self.tls_cert is None:
            raise ValueError(f"{place} needs a certificate: give --tls-cert as well")
        if place.tls is False and self.tls_cert is not None:
            raise ValueError(f"{place} is without TLS, and --tls-cert asks for it: write tls://")
        common = {field.name for field in fields(Settings)} - {"host", "port", "unix", "fds"}
        try:
            return Settings(
                host=place.host or Settings.host,
                port=Settings.port if place.port is None else place.port,
                unix=place.unix,
                fds=self.fd,
                **{name: getattr(self, name) for name in common},
            )
        except BadSettings as problem:
            raise ValueError(in_options(str(problem))) from problem

    @property
    def left_alone(self) -> str | None:
        """The value of REVERB_PORT, where it was not set for this program."""
        port = self.port
        if isinstance(port, FromEnvironment) and SERVICE_LINK.fullmatch(port.strip()):
            return port
        return None

    def settings_with(self, given: tuple[int, ...]) -> Settings:
        """Return the settings of a server that is given these sockets, if it is given any.

        Raises ValueError, one sentence, if the command line names another place, or if the admin
        address is that of the echoes.
        """
        settings = self.settings
        if given and not self.fd:
            self._require_no_place_beside(given, f"LISTEN_FDS={len(given)}")
            settings = replace(settings, unix=None, fds=given)
        if self.admin is not None and echoes_at(parse_admin(self.admin), settings):
            raise ValueError(f"--admin {self.admin} is where the echoes are: give another port")
        return settings

    def worker_arguments(self) -> list[list[str]]:
        """Return the arguments of each worker, without its listeners.

        All of them together have the connections of this one.
        """
        common = [
            f"--{field.name.replace('_', '-')}={getattr(self, field.name)}"
            for field in fields(self)
            if field.name not in PARENTS and getattr(self, field.name) != field.default
        ]
        if self.log_time:
            common.append("--log-time")
        if self.max_connections is None:
            return [common] * self.workers
        least, rest = divmod(self.max_connections, self.workers)
        return [
            [*common, f"--max-connections={least + (number < rest)}"]
            for number in range(self.workers)
        ]

    def _check_workers(self) -> None:
        if not 1 <= self.workers <= MOST_WORKERS:
            raise ValueError(f"--workers {self.workers} is out of range: 1 to {MOST_WORKERS}")
        if self.workers > 1 and sys.platform != "linux":
            raise ValueError(
                f"--workers {self.workers} needs Linux, which spreads connections over processes: "
                "leave it out"
            )
        if self.max_connections is not None and self.max_connections < self.workers:
            raise ValueError(
                f"--max-connections {self.max_connections} is less than one for each of "
                f"--workers {self.workers}: give more, or fewer workers"
            )

    def _require_no_place_beside(self, fds: tuple[int, ...], source: str) -> None:
        for name in ("host", "port", "unix"):
            text = getattr(self, name)
            if fds and text is not None and not isinstance(text, FromEnvironment):
                raise ValueError(f"--{name} can't stand beside {source}: leave one of them out")

    def _place(self) -> Address:
        """Return where to listen; each part that the command line names goes before a variable."""
        words = (self.host, None if self.left_alone else self.port, self.unix)
        said = _place(*(None if isinstance(each, FromEnvironment) else each for each in words))
        if said.unix is not None or (said.host and said.port is not None):
            return said
        around = _from_environment(*words)
        if said == Address():
            return around
        return Address(
            said.host or around.host,
            around.port if said.port is None else said.port,
            said.tls if said.host else around.tls,
        )


def _place(host: str | None, port: str | None, unix: str | None) -> Address:
    """Return what the options say of the place, all from the same source."""
    if unix is not None:
        if host is not None or port is not None:
            beside = "--host" if host is not None else "--port"
            raise ValueError(f"{beside} can't stand beside --unix: leave one of them out")
        if unix.lower().startswith("unix:"):
            return parse_address(unix)
        if not unix:
            raise ValueError("--unix is empty: give a path")
        return Address(unix=Path(unix))
    if host is not None:
        return parse_address(host, port)
    return Address(port=None if port is None else parse_port(port))


def _from_environment(*words: str | None) -> Address:
    """Return what the variables say of the place; an error names them."""
    place = [each if isinstance(each, FromEnvironment) else None for each in words]
    try:
        return _place(*place)
    except ValueError as error:
        names = ("REVERB_HOST", "REVERB_PORT", "REVERB_UNIX")
        said = [name for name, each in zip(names, place, strict=True) if each is not None]
        raise ValueError(f"{' and '.join(said)}: {error}") from error


def in_options(sentence: str) -> str:
    """Name options where the settings' sentence names fields."""
    first, _, rest = sentence.partition(" ")
    names = {field.name: f"--{field.name.replace('_', '-')}" for field in fields(Settings)}
    names["fds"] = "--fd"
    words = [names.get(first, first)]
    words += [names.get(word, word) if "_" in word else word for word in rest.split(" ")]
    return " ".join(words)
