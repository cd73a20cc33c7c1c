"""What a call of the client asks for: one value that checks itself."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal, get_args

from reverb_server import control

Mode = Literal["concurrent", "sequential"]
Control = Literal["auto", "off"]

PORT = 8000
"""The port of a server, if none is given."""


@dataclass(frozen=True)
class Options:
    """How the client connects. Raises ValueError, one sentence, for what can't be.

    Args:
        host: The server's address or name; without one the client runs a server of its own.
        port: The server's TCP port, 8000 if none is given.
        delay: Seconds between the echoes of a shout to ask for, from 0 to 60; the server's own if
            none is given.
        mode: The mode to ask for; the server's own if none is given.
        control: off never sends a control line, so the delay can't be changed.
        raw: For servers that are no reverb (SMTP, Redis, anything by lines): what comes is shown
            as it comes.
        crlf: End shouts with CR LF.
    """

    host: str | None = None
    port: int | None = None
    _: KW_ONLY
    delay: float | None = None
    mode: Mode | None = None
    control: Control = "auto"
    raw: bool = False
    crlf: bool = False

    def __post_init__(self) -> None:
        if self.host is not None and (not self.host or "\0" in self.host):
            raise ValueError("host is empty: give an address or a name, for example localhost")
        if self.port is not None and not 1 <= self.port <= 65_535:
            raise ValueError(f"port {self.port} is out of range: give a number from 1 to 65535")
        if self.port is not None and self.host is None:
            raise ValueError("port needs a host: give --host as well")
        if self.delay is not None and not control.is_delay(self.delay):
            raise ValueError(
                f"delay {self.delay:g} is out of range: "
                f"give seconds from 0 to {control.DELAY_MAX:g}"
            )
        if self.mode is not None and self.mode not in get_args(Mode):
            raise ValueError(f"mode {self.mode!r} is unknown: choose concurrent or sequential")
        if self.control not in get_args(Control):
            raise ValueError(f"control {self.control!r} is unknown: choose auto or off")
        if self.host is not None and (self.delay is not None or self.mode is not None):
            asked = "delay" if self.delay is not None else "mode"
            if self.raw:
                raise ValueError(f"{asked} can't be asked for with --raw: leave one of them out")
            if self.control == "off":
                raise ValueError(
                    f"{asked} can't be asked for with --control off: leave one of them out"
                )

    @property
    def sends_control_lines(self) -> bool:
        """Whether the server may be asked anything."""
        return self.control == "auto" and not self.raw
