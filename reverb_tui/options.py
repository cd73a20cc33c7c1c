"""What a call of the client asks for: one value that checks itself."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal, get_args

from reverb_server.core import control

Control = Literal["auto", "off"]

PORT = 8000
"""The port of a server, if none is given."""


@dataclass(frozen=True)
class Options:
    """How the client connects. Raises ValueError, one sentence, for what can't be.

    Args:
        host: The server's address or name; without one the client runs a server of its own.
        port: The server's TCP port, 8000 if none is given.
        unix: Path of the server's Unix socket, instead of host and port.
        tls: Encrypt; the server's certificate and its name are verified.
        tls_ca: File with the authorities to trust instead of the machine's own, in PEM.
        tls_cert: File with the certificate (chain) for a server that demands one, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        delay: Seconds between the echoes of a shout to ask for, from 0 to 60; the server's own if
            none is given.
        mode: The mode to ask for; the server's own if none is given.
        control: off never sends a control line, so the delay can't be changed.
        raw: For servers that are no reverb (SMTP, Redis, anything by lines): what comes is shown
            as it comes.
        crlf: End shouts with CR LF.
        log: File to which the log is written all along; JSON lines if its name ends in .jsonl;
            only on a terminal.
    """

    host: str | None = None
    port: int | None = None
    _: KW_ONLY
    unix: Path | None = None
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    delay: float | None = None
    mode: control.Mode | None = None
    control: Control = "auto"
    raw: bool = False
    crlf: bool = False
    log: Path | None = None

    def __post_init__(self) -> None:
        if self.host is not None and (not self.host or "\0" in self.host):
            raise ValueError("host is empty: give an address or a name, for example localhost")
        if self.port is not None and not 1 <= self.port <= 65_535:
            raise ValueError(f"port {self.port} is out of range: give a number from 1 to 65535")
        self._check_server()
        if self.delay is not None and not control.is_delay(self.delay):
            raise ValueError(
                f"delay {self.delay:g} is out of range: "
                f"give seconds from 0 to {control.DELAY_MAX:g}"
            )
        if self.mode is not None and not control.is_mode(self.mode):
            raise ValueError(f"mode {self.mode!r} is unknown: choose concurrent or sequential")
        if self.control not in get_args(Control):
            raise ValueError(f"control {self.control!r} is unknown: choose auto or off")
        if not self.embedded and (self.delay is not None or self.mode is not None):
            asked = "delay" if self.delay is not None else "mode"
            if self.raw:
                raise ValueError(f"{asked} can't be asked for with --raw: leave one of them out")
            if self.control == "off":
                raise ValueError(
                    f"{asked} can't be asked for with --control off: leave one of them out"
                )

    def _check_server(self) -> None:
        if self.unix is not None:
            for name, given in (("host", self.host), ("port", self.port), ("tls", self.tls)):
                if given:
                    raise ValueError(f"{name} can't stand beside --unix: leave one of them out")
        for name, given in (("port", self.port), ("tls", self.tls)):
            if given and self.host is None:
                raise ValueError(f"{name} needs a host: give --host as well")
        for name, file in (("ca", self.tls_ca), ("cert", self.tls_cert), ("key", self.tls_key)):
            if file is not None and not self.tls:
                raise ValueError(f"tls-{name} needs TLS: give --tls as well")
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls-key needs a certificate: give --tls-cert as well")

    @property
    def embedded(self) -> bool:
        """Whether the client runs a server of its own."""
        return self.host is None and self.unix is None

    @property
    def sends_control_lines(self) -> bool:
        """Whether the server may be asked anything."""
        return self.control == "auto" and not self.raw
