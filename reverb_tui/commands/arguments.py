"""What follows a command, read and checked.

Each function takes an argument, without blanks around it and never empty, and returns the
parameters of the command's action; it raises ValueError, one sentence, for what can't be.
"""

from typing import TypeAlias

from reverb_server.core import control

Values: TypeAlias = tuple[object, ...]
"""Parameters of an action."""


def delay(argument: str) -> Values:
    """Seconds, as ``0.25`` or ``0.25s``."""
    number = argument.lower().removesuffix("s").strip()
    try:
        seconds = float(number)
    except ValueError:
        raise ValueError(f"delay {argument!r} is no number: give seconds, 0.25 say") from None
    if not control.is_delay(seconds):
        raise ValueError(
            f"delay {argument} is out of range: give seconds from 0 to {control.DELAY_MAX:g}"
        )
    return (seconds,)


def address(argument: str) -> Values:
    """``/connect``: ``host``, ``host:port``, ``[::1]:port``, ``::1``; without a port it is None."""
    host, port = argument, None
    if argument.startswith("["):
        host, bracket, rest = argument[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"address {argument!r} is unclear: give [ADDRESS]:PORT")
        port = rest[1:] if rest else None
    elif argument.count(":") == 1:
        host, port = argument.split(":")
    if not host or any(each.isspace() or not each.isprintable() for each in host):
        raise ValueError(f"address {argument!r} has no host: give HOST:PORT, localhost:8000 say")
    if port is None:
        return host, None
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        raise ValueError(f"port {port!r} is out of range: give a number from 1 to 65535")
    return host, int(port)


def text(argument: str) -> Values:
    """Whatever is there."""
    return (argument,)
