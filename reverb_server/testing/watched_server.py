"""A server for one test: in a thread, on a free port, with a record of all that it heard."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypedDict, Unpack

from reverb_server.core.control import ReverbMode
from reverb_server.errors import ReverbError
from reverb_server.in_thread import ServerInThread, running_in_thread
from reverb_server.net.connection_log import ConnectionRecord
from reverb_server.settings import BadSettings, Mode, Settings
from reverb_server.testing.certificate import make_certificate
from reverb_server.testing.recorder import PATIENCE, Heard, Recorder

DELAY: Final = 0.05
"""Seconds between echoes, unless a test wants others."""


class NotAsked(ReverbError):
    """A test wants something that this server was not started with."""


class Limits(TypedDict, total=False):
    """The other settings that a test may want: see `reverb_server.Settings`."""

    max_line: int
    max_pending: int
    max_connections: int | None
    idle_timeout: float
    write_timeout: float
    drain_timeout: float


ARGUMENTS: Final = ("delay", "mode", "tls", "unix", "backend", *Limits.__annotations__)
"""Names of the arguments of `watched_server`."""


class WatchedServer:
    """A server that remembers all it heard; get one from `watched_server` or as a fixture.

    Every thread may use it. What changes the server raises NotRunning once that has ended; what
    was heard stays.
    """

    def __init__(self, server: ServerInThread, recorder: Recorder, ca_file: Path | None) -> None:
        self.server = server
        """The server itself, with the rest of its methods: adopt, drain, cut, summary."""
        self._recorder = recorder
        self._ca_file = ca_file

    @property
    def host(self) -> str:
        """The address to connect to, 127.0.0.1. Raises NotAsked for a Unix socket."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port to connect to. Raises NotAsked for a Unix socket."""
        return self._address[1]

    @property
    def path(self) -> Path:
        """The path of the Unix socket. Raises NotAsked without ``unix=True``."""
        path = self.server.settings.unix
        if path is None:
            raise NotAsked("the server has no path: start it with unix=True")
        return path

    @property
    def ca_file(self) -> Path:
        """The authority to trust for TLS, in PEM. Raises NotAsked without ``tls=True``."""
        if self._ca_file is None:
            raise NotAsked("the server has no certificate: start it with tls=True")
        return self._ca_file

    @property
    def heard(self) -> list[Heard]:
        """All that was heard, in that order."""
        return self._recorder.shouts

    @property
    def reports(self) -> list[ConnectionRecord]:
        """The record of each connection that has ended, in that order."""
        return self._recorder.records

    @property
    def worst_lateness(self) -> float:
        """How late an echo left at the most, in seconds."""
        return self.server.worst_lateness

    def wait_heard(self, text: bytes, timeout: float = PATIENCE) -> Heard:
        """Wait until a shout is ``text``, at most ``timeout`` seconds, and return the first one.

        In plain mode: until ``text`` is among all that one client sent. Raises NotHeard.
        """
        return self._recorder.wait_heard(text, timeout)

    async def heard_soon(self, text: bytes, timeout: float = PATIENCE) -> Heard:  # noqa: ASYNC109
        """Wait as `wait_heard` does, in an event loop of asyncio or trio. Raises NotHeard."""
        return await self._recorder.heard_soon(text, timeout)

    def wait_ended(self, count: int = 1, timeout: float = PATIENCE) -> list[ConnectionRecord]:
        """Wait until so many connections have ended, and return their records. Raises NotEnded."""
        return self._recorder.wait_ended(count, timeout)

    async def ended_soon(
        self,
        count: int = 1,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> list[ConnectionRecord]:
        """Wait as `wait_ended` does, in an event loop of asyncio or trio. Raises NotEnded."""
        return await self._recorder.ended_soon(count, timeout)

    def set_delay(self, seconds: float) -> None:
        """Change the delay of every connection, those to come included. Raises BadSettings."""
        self.server.set_delay(seconds)

    def set_mode(self, mode: ReverbMode) -> None:
        """Change the mode of every connection, those to come included.

        Raises BadSettings, also for a server that is plain or shall be.
        """
        self.server.set_mode(mode)

    def reset_all(self) -> None:
        """Reset every connection that is open, and wait until they have ended."""
        self.server.reset_all()

    def refuse(self) -> None:
        """Refuse every connection from now on, as if nothing listened; open ones are served on."""
        self.server.refuse()

    def accept(self) -> None:
        """Accept connections again, at the same address. Raises CannotListen."""
        self.server.accept()

    @property
    def _address(self) -> tuple[str, int]:
        if not self.server.addresses:
            raise NotAsked("the server has no host and no port: connect to its path")
        return self.server.addresses[0]


@contextmanager
def watched_server(
    *,
    delay: float = DELAY,
    mode: Mode = "concurrent",
    tls: bool = False,
    unix: bool = False,
    backend: str = "asyncio",
    **limits: Unpack[Limits],
) -> Iterator[WatchedServer]:
    """Run a server in a thread of its own while the block runs; leaving waits for nothing.

    It listens on a free port of 127.0.0.1, or with ``unix`` on a Unix socket in a folder of its
    own. Raises BadSettings, NoBackend, CannotListen, and NoTrustme if ``tls`` can't be had.
    """
    for name, value in (("tls", tls), ("unix", unix)):
        if type(value) is not bool:
            raise BadSettings(f"{name} {value!r} can't be: give True or False")
    limits.setdefault("drain_timeout", 0.0)
    with TemporaryDirectory(prefix="reverb-") as name:  # short, as a socket's path must be
        folder = Path(name)
        cert_file, ca_file = make_certificate(folder) if tls else (None, None)
        settings = Settings(
            host="127.0.0.1",
            port=0,
            unix=folder / "socket" if unix else None,
            mode=mode,
            delay=delay,
            tls_cert=cert_file,
            **limits,
        )
        recorder = Recorder(plain=mode == "plain")
        with running_in_thread(settings, backend=backend, observer=recorder) as server:
            yield WatchedServer(server, recorder, ca_file)
