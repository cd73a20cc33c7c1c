"""One log line per closed connection, none per shout."""

import json
import os
import traceback
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache, partial
from itertools import count
from typing import Final

IDS: Final = count(1)
"""Numbers of the connections of this process."""


class End(StrEnum):
    """How a connection ended; the words of the log (``docs/operations.md``)."""

    FINISHED = "finished"
    """The client ended its input and got every echo."""
    DRAINED = "drained"
    """The server was stopped, and the client got every echo of what had arrived."""
    RESET = "reset"
    """The client went away, could not be reached any more, or broke the rules of TLS."""
    IDLE = "idle"
    """The client had nothing pending and sent no line for too long."""
    SLOW = "slow"
    """The client took none of what there was to send for too long."""
    FULL = "full"
    """Refused: too many connections."""
    CUT = "cut"
    """The server was stopped, or reset the connection, and did not wait for what was pending."""
    HANDSHAKE = "handshake"
    """TLS could not be agreed on: a wrong certificate, a port scan, a client without TLS."""
    HEADER = "header"
    """The PROXY header was missing, wrong, or from an untrusted address."""
    ERROR = "error"
    """An error in the server itself; its cause is in the log as well."""


@dataclass(slots=True)
class ConnectionRecord:
    """The record of a connection that ended; in the log it is one line."""

    peer: str
    """The client: ``127.0.0.1:40123``, ``[::1]:40123`` or ``unix``; the real one behind a proxy."""
    end: End = End.CUT
    """How it ended."""
    shouts: int = 0
    """Shouts heard; 0 in plain mode."""
    echoes: int = 0
    """Echoes sent."""
    bytes_in: int = 0
    """Bytes read, without those of TLS."""
    bytes_out: int = 0
    """Bytes sent, without those of TLS."""
    most_held: int = 0
    """Bytes that were held for it at the most."""
    worst_lateness: float = 0.0
    """How late an echo left at the most, in seconds."""
    reason: str = ""
    """Why, where ``end`` does not say it all."""
    id: int = field(default_factory=partial(next, IDS))
    """A number that no other connection of this process has."""
    began: float = 0.0
    """When it was accepted, in seconds of the server's clock."""
    lasted: float = 0.0
    """How long it lasted, in seconds."""
    listener: str = ""
    """Where it came in: ``127.0.0.1:8000``, or the path of a Unix socket."""
    tls: str = ""
    """The version of TLS, as ``TLSv1.3``; empty without."""
    client: str = ""
    """The name in the client's certificate; empty without."""
    via: str = ""
    """The proxy that named the client, as ``peer`` is written; empty without."""
    health_check: bool = False
    """Whether it is a proxy's own: it only looked whether the server is there."""
    lost: int = 0
    """Shouts that lost an echo, because the connection ended before it was sent."""

    def __str__(self) -> str:
        line = (
            f"{self.peer} {self.end}: shouts={self.shouts} echoes={self.echoes} in={self.bytes_in} "
            f"out={self.bytes_out} most_held={self.most_held} "
            f"worst_lateness={self.worst_lateness:.4f} lasted={self.lasted:.3f}"
        )
        if self.tls:
            line += f" tls={self.tls}"
        if self.client:
            line += f" client={json.dumps(self.client)}"
        if self.via:
            line += f" via={self.via}"
        return f"{line} ({log_safe(self.reason)})" if self.reason else line

    def fields(self) -> dict[str, object]:
        """Return all of it but ``began`` for a log that machines read; None is an empty text."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        del values["began"]
        return {name: None if value == "" else value for name, value in values.items()}


def log_safe(text: str) -> str:
    """Make text from outside harmless for a log: printable ASCII, one line."""
    return text.encode("unicode_escape").decode("ascii")


def word_safe(text: str) -> str:
    """Make text from outside harmless for a log, as one word."""
    return log_safe(text).replace(" ", "\\x20")


def cause(error: BaseException) -> str:
    """Write out where an error came from, so that no text in it can pass for a line of the log."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(f"    {log_safe(line)}" for line in lines)


def peer_name(address: object) -> str:
    """Name the other end of a connection, from what the socket says of it."""
    if isinstance(address, tuple) and len(address) >= 2:
        host, port = address[:2]
        return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
    return "unix"


@lru_cache(maxsize=64)  # a server has few, and each connection asks
def listener_name(address: object) -> str:
    """Name our end of a connection, from what the socket says of it."""
    if isinstance(address, str | bytes) and address:
        path = os.fsdecode(address)
        return f"@{path[1:]}" if path.startswith("\0") else path
    return peer_name(address)
