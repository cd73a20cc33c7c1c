"""The peers that are checked: how each is started, and the programs that it needs."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.check.proxies import (
    HAPROXY,
    HAPROXY_LONG,
    HAPROXY_SHORT,
    NGINX,
    NGINX_HALF_CLOSE,
    Configuration,
)
from bench.servers import reverb_command
from reverb_server.testing.certificate import make_certificate

DELAY: Final = 0.1
"""Seconds between two echoes of a peer's shout."""

GO: Final = "Go"
REVERB: Final = "reverb-server"
PYTHON: Final = "Python"
NCAT: Final = "Ncat"
SOCAT: Final = "socat"
HAPROXY_NAME: Final = "HAProxy"
NGINX_NAME: Final = "nginx"

BOOK: Final = "The book's programs, in Go"
OURS: Final = "reverb-server"
ECHOES: Final = "Plain echoes of other tools"
GO_PROXIED: Final = "Go's ex8_4 behind a proxy"
OURS_PROXIED: Final = "reverb-server behind a proxy"
STRANGERS: Final = "No echo at all"
GROUPS: Final = (BOOK, OURS, ECHOES, GO_PROXIED, OURS_PROXIED, STRANGERS)


@dataclass(frozen=True)
class Place:
    """Where a peer runs.

    Args:
        folder: An empty folder for its files.
        book: The book's programs in Go, built; they are missing if there is no Go.
        port: The free port that it listens on.
        behind: The port of the server behind it, if it is a proxy.
    """

    folder: Path
    book: Path
    port: int
    behind: int


Words = Callable[[Place], Sequence[str]]
"""Return the words of a command, or of options, at a place; may write files before."""


@dataclass(frozen=True)
class Peer:
    """A server to check.

    Args:
        name: What it is called in the table.
        group: The table that it is in.
        programs: The programs whose versions are told, and which have to be installed.
        command: Starts it.
        options: Options of reverb-check for it.
        backend: Starts the server behind it, on the port ``behind``.
    """

    name: str
    group: str
    programs: tuple[str, ...]
    command: Words
    options: Words = lambda _place: ()
    backend: Words | None = None


def book(mode: str) -> Words:
    """Return how to start one of the book's programs."""
    return lambda place: _book(place, mode, place.port)


def _book(place: Place, mode: str, port: int) -> list[str]:
    return [str(place.book), "-mode", mode, "-delay", f"{DELAY}s", "-address", f"127.0.0.1:{port}"]


def ours(*more: str) -> Words:
    """Return how to start Reverb's server."""
    return lambda place: reverb_command(place.port, DELAY, *more)


def socat(*address: str) -> Words:
    """Return how to serve each connection with another address of socat."""
    return lambda place: [
        "socat",
        f"TCP-LISTEN:{place.port},bind=127.0.0.1,fork,reuseaddr,backlog=128",
        *address,
    ]


def _unix(place: Place) -> list[str]:
    options = ["--unix", str(place.folder / "socket"), "--delay", str(DELAY)]
    return [sys.executable, "-m", "reverb_server", *options, "--log-level", "error"]


def _tls(place: Place) -> list[str]:
    certificate, _ = make_certificate(place.folder)
    return reverb_command(place.port, DELAY, "--tls-cert", str(certificate))


def _ncat(place: Place) -> list[str]:
    return ["ncat", "-l", "127.0.0.1", str(place.port), "-k", "-e", "/bin/cat"]


def _http(place: Place) -> list[str]:
    where = ["--bind", "127.0.0.1", "--directory", str(place.folder)]
    return [sys.executable, "-m", "http.server", *where, str(place.port)]


def options(*words: str) -> Words:
    """Return the same options at any place."""
    return lambda _place: words


ONE_AT_A_TIME: Final = options("--promise", "one-at-a-time")


def behind(name: str, proxy: str, configuration: Configuration) -> list[Peer]:
    """Return a proxy in front of Go's ex8_4, and in front of Reverb's server."""

    def command(place: Place) -> list[str]:
        return configuration(place.folder, place.port, place.behind)

    def go(place: Place) -> list[str]:
        return _book(place, "ex8_4", place.behind)

    def reverb(place: Place) -> list[str]:
        return reverb_command(place.behind, DELAY)

    return [
        Peer(f"ex8_4, {name}", GO_PROXIED, (proxy, GO), command, backend=go),
        Peer(f"reverb-server, {name}", OURS_PROXIED, (proxy, REVERB), command, backend=reverb),
    ]


PEERS: Final = (
    *(
        Peer(mode, BOOK, (GO,), book(mode), ONE_AT_A_TIME if mode == "reverb1" else options())
        for mode in ("echo", "reverb1", "reverb2", "ex8_4")
    ),
    *(
        Peer(
            f"{mode}, {backend}",
            OURS,
            (REVERB, PYTHON),
            ours("--mode", mode, "--backend", backend),
            ONE_AT_A_TIME if mode == "sequential" else options(),
        )
        for backend in ("asyncio", "trio")
        for mode in ("concurrent", "sequential", "plain")
    ),
    Peer(
        "TLS",
        OURS,
        (REVERB, PYTHON),
        _tls,
        lambda place: ("--tls", "--tls-ca", str(place.folder / "ca.pem")),
    ),
    Peer(
        "Unix socket",
        OURS,
        (REVERB, PYTHON),
        _unix,
        lambda place: ("--unix", str(place.folder / "socket")),
    ),
    Peer("ncat", ECHOES, (NCAT,), _ncat),
    Peer("socat", ECHOES, (SOCAT,), socat("PIPE")),
    *behind("HAProxy", HAPROXY_NAME, HAPROXY),
    *behind("HAProxy, long timeouts", HAPROXY_NAME, HAPROXY_LONG),
    *behind("HAProxy, server-fin 50 ms", HAPROXY_NAME, HAPROXY_SHORT),
    *behind("nginx", NGINX_NAME, NGINX),
    *behind("nginx, half-close on", NGINX_NAME, NGINX_HALF_CLOSE),
    Peer("sleep", STRANGERS, (), lambda _: ["sleep", "600"], options("--timeout", "5")),
    Peer("sleep in socat", STRANGERS, (SOCAT,), socat("EXEC:sleep 600")),
    Peer("yes in socat", STRANGERS, (SOCAT,), socat("EXEC:yes")),
    Peer("python -m http.server", STRANGERS, (PYTHON,), _http),
)
"""All of them, in the order of the page."""
