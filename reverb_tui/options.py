"""Options of the client: one value that checks itself."""

import re
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, get_args

from reverb_server.address_syntax import Address, parse_address
from reverb_server.core import control

Control = Literal["auto", "on", "off"]

PORT = 8000
"""The port of a server, if none is given."""

SHA256: Final = re.compile(r"(sha-?256( fingerprint)?[:=])?(([0-9a-f]{2}:?){31}[0-9a-f]{2})")
"""A fingerprint as people have it: with colons or without, as OpenSSL prints it too."""


@dataclass(frozen=True)
class Options:
    """How the client connects. Raises ValueError, one sentence, for what can't be.

    Args:
        host: The server's name or address, with a port or without (localhost:8000, [::1]:8000,
            tls://example.org:8443), or unix:PATH; without one the client runs a server of its own.
        port: The server's TCP port, a number or the name of a service; 8000 if none is given.
        unix: Path of the server's Unix socket, instead of host and port.
        tls: Encrypt; the server's certificate and its name are verified.
        tls_ca: File with the authorities to trust instead of the machine's own, in PEM.
        tls_cert: File with the certificate (chain) for a server that demands one, in PEM.
        tls_key: File with its private key, if it is not in the same file.
        tls_pin: Fingerprint (sha256:…) of the one certificate to trust, whoever issued it, for
            whatever name and time.
        tls_name: The name that the server's certificate has to be for, if it is not the host's.
        delay: Seconds between the echoes of a shout to ask for, from 0 to 60; the server's own if
            none is given.
        mode: The mode to ask for; the server's own if none is given.
        control: off never sends a control line, so the delay can't be changed; on sends one in a
            pipe too, which otherwise does so only for a delay or a mode: so it is told when the
            server drains, and goes on over another connection.
        raw: For servers that are no reverb (SMTP, Redis, anything by lines): what comes is shown
            as it comes.
        crlf: End shouts with CR LF.
        no_half_close: At the end of a pipe's input, do not tell the server, and stay until it ends
            the conversation; for servers that drop their answers when they see the end of input.
        compare: Begin with the comparison: the same shouts in both modes, side by side.
        log: File to which the log is written continuously; JSON lines if its name ends in .jsonl;
            only on a terminal.
    """

    host: str | None = None
    port: str | None = None
    _: KW_ONLY
    unix: Path | None = None
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_pin: str | None = None
    tls_name: str | None = None
    delay: float | None = None
    mode: control.ReverbMode | None = None
    control: Control = "auto"
    raw: bool = False
    crlf: bool = False
    no_half_close: bool = False
    compare: bool = False
    log: Path | None = None

    def __post_init__(self) -> None:
        self._check_tls()
        if self.compare and (self.raw or self.control == "off"):
            option = "raw" if self.raw else "control off"
            raise ValueError(f"compare needs control lines: leave --{option} out")
        if self.compare and self.mode is not None:
            raise ValueError(f"compare has both modes, not {self.mode} alone: leave --mode out")
        if self.delay is not None and not control.is_delay(self.delay):
            raise ValueError(
                f"delay {self.delay:g} is out of range: "
                f"give seconds from 0 to {control.DELAY_MAX:g}"
            )
        if self.mode is not None and not control.is_mode(self.mode):
            raise ValueError(f"mode {self.mode!r} is unknown: choose concurrent or sequential")
        if self.no_half_close and self.embedded:
            raise ValueError("no-half-close needs a server that ends by itself: give --host")
        if self.raw and self.control == "on":
            raise ValueError("control on needs a reverb: leave --raw out")
        if self.control not in get_args(Control):
            raise ValueError(f"control {self.control!r} is unknown: choose auto, on or off")
        if not self.embedded and (self.delay is not None or self.mode is not None):
            asked = "delay" if self.delay is not None else "mode"
            if self.raw:
                raise ValueError(f"{asked} can't be asked for with --raw: leave one of them out")
            if self.control == "off":
                raise ValueError(
                    f"{asked} can't be asked for with --control off: leave one of them out"
                )

    def _check_tls(self) -> None:
        address = self.address
        if self.tls and address is None:
            raise ValueError("tls needs a host: give --host as well")
        if self.tls and address and address.tls is False:
            raise ValueError(f"{address} is without TLS, and --tls asks for it: write tls://")
        options = ("tls_ca", "tls_cert", "tls_key", "tls_pin", "tls_name")
        for option in options if not self.encrypted else ():
            if getattr(self, option) is not None:
                name = option.replace("_", "-")
                raise ValueError(f"{name} needs TLS: give --tls as well")
        if self.tls_key is not None and self.tls_cert is None:
            raise ValueError("tls-key needs a certificate: give --tls-cert as well")
        if self.tls_name is not None and not self.tls_name.strip("."):
            raise ValueError("tls-name is empty: give the name that the certificate is for")
        if self.pin and self.tls_ca is not None:
            raise ValueError("tls-pin trusts one certificate alone: leave --tls-ca out")

    @cached_property
    def address(self) -> Address | None:
        """Where the server is; None for the client's own. Raises ValueError, one sentence."""
        if self.unix is not None:
            for name, given in (("host", self.host), ("port", self.port), ("tls", self.tls)):
                if given:
                    raise ValueError(f"{name} can't stand beside --unix: leave one of them out")
            if str(self.unix).lower().startswith("unix:"):
                return parse_address(str(self.unix))
            return Address(unix=self.unix)
        if self.host is None:
            if self.port is not None:
                raise ValueError("port needs a host: give --host as well")
            return None
        address = server_address(self.host, self.port)
        if address.unix is not None and self.tls:
            raise ValueError(f"{address} is a Unix socket, which has no TLS: leave --tls out")
        return address

    @property
    def encrypted(self) -> bool:
        """Whether TLS is asked for."""
        return self.tls or bool(self.address and self.address.tls)

    @cached_property
    def pin(self) -> str | None:
        """The fingerprint to trust, ``sha256:`` and 64 digits. Raises ValueError, one sentence."""
        if self.tls_pin is None:
            return None
        found = SHA256.fullmatch(" ".join(self.tls_pin.lower().split()))
        if not found:
            raise ValueError(
                f"tls-pin {self.tls_pin[:80]!r} is no SHA-256 fingerprint: "
                "give sha256: and 64 hexadecimal digits, with colons or without"
            )
        return f"sha256:{found[3].replace(':', '')}"

    @property
    def embedded(self) -> bool:
        """Whether the client runs a server of its own."""
        return self.address is None

    @property
    def sends_control_lines(self) -> bool:
        """Whether the server may be asked anything."""
        return self.control != "off" and not self.raw


def server_address(text: str, port: str | None = None) -> Address:
    """Parse the address of a server to connect to. Raises ValueError, one sentence."""
    address = parse_address(text, port)
    if address.port == 0:
        raise ValueError("port 0 is out of range: give a number from 1 to 65535")
    if address.host == "*":
        raise ValueError("* is an address to listen on: give the server's, for example localhost")
    return address
