"""The settings of a server: one value that checks itself."""

from dataclasses import dataclass
from typing import Literal, get_args

from reverb_server import control

Mode = Literal["concurrent", "sequential", "plain"]
Backend = Literal["asyncio", "trio"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server listens and echoes. Raises ValueError, one sentence, for a value it can't have.

    Args:
        host: Address or name to listen on; localhost is both 127.0.0.1 and ::1.
        port: TCP port to listen on; 0 takes a free one.
        mode: How echoes wait: concurrent (for none), sequential (for the shout before), or plain
            (every byte comes back untouched).
        delay: Seconds between the echoes of a shout, from 0 to 60.
        backend: What runs the server: asyncio or trio.
    """

    host: str = "localhost"
    port: int = 8000
    mode: Mode = "concurrent"
    delay: float = 1.0
    backend: Backend = "asyncio"

    def __post_init__(self) -> None:
        if not self.host or "\0" in self.host:
            raise ValueError("host is empty: give an address or a name, for example localhost")
        if not 0 <= self.port <= 65_535:
            raise ValueError(f"port {self.port} is out of range: give a number from 0 to 65535")
        if not control.is_delay(self.delay):
            raise ValueError(
                f"delay {self.delay} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
            )
        _one_of("mode", self.mode, get_args(Mode))
        _one_of("backend", self.backend, get_args(Backend))


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        choices = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
        raise ValueError(f"{name} {value!r} is unknown: choose {choices}")
