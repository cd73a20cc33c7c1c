"""Withdrawing a listener: who has connected is served, and nobody else connects any more.

Closing a TCP listener resets what its client takes for a connection: one that is in the queue, and
one whose handshake ends just then. So the last handshakes are let end before, and no other begins.
"""

import ipaddress
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from reverb_server.net.listeners import UnixListener

HANDSHAKE: Final = 0.2
"""Seconds for the last packet of a TCP handshake that has begun to come in from the network."""

SO_ATTACH_FILTER: Final = 26
"""Linux's number of the option that attaches a packet filter to a socket."""

NO_FIRST_PACKET: Final = (
    (0x30, 0, 0, 13),  # load the byte at 13: the flags of TCP's header (RFC 9293, 3.1)
    (0x54, 0, 0, 0x12),  # SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone, the first packet of a handshake?
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFF_FFFF),  # take any other whole
)
"""A program for the kernel's packet filter (bpf(4)); its client tries again after a second."""


def withdraw(listeners: Iterable[socket.socket]) -> float:
    """Keep further clients from connecting; return seconds to go on accepting before closing.

    Where the system can't filter packets, clients may connect until a listener is closed.
    """
    last = 0.0
    for listener in listeners:
        if isinstance(listener, UnixListener):
            listener.remove_path()
        elif _take_no_first_packet(listener) and not _on_loopback(listener):
            last = HANDSHAKE
    return last


def _take_no_first_packet(listener: socket.socket) -> bool:
    """Return whether no handshake begins with this listener any more."""
    if sys.platform != "linux":
        return False
    import ctypes  # a hundredth of the start, and most servers are drained once, at the end

    steps = b"".join(struct.pack("HBBI", *step) for step in NO_FIRST_PACKET)
    program = ctypes.create_string_buffer(steps, len(steps))
    option = struct.pack("HP", len(NO_FIRST_PACKET), ctypes.addressof(program))
    with suppress(OSError):  # a container may forbid it
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, option)
        return True
    return False


def _on_loopback(listener: socket.socket) -> bool:
    """Return whether a handshake with it takes no time: it is over before `connect` returns."""
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback
